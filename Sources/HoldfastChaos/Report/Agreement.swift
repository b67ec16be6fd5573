/// Whether a scenario comes out alike with processes and with models: a few real runs beside many in virtual time.
///
/// Each real run has one of its seed in virtual time, with the same arrivals and draws, and what is compared is the mean of their
/// differences, phase by phase. Beside the other seeds a few runs would lie apart by chance alone; those tell what the figure is, and
/// how far it spreads.
package struct Agreement: Sendable {
    /// One figure of one variant.
    package struct Row: Sendable {
        package let variant: String
        /// What it is, such as `answeredRatio in fault`.
        package let subject: String
        package let unit: Metric.Unit
        /// Run by run, in its own unit, times in seconds; a run that has no such figure is left out.
        package let real: [Double]
        package let virtual: [Double]
        /// The mean of the real runs less that of the virtual ones of the same seeds; nil where one of a pair has no such figure.
        package let difference: Double?
        /// How large the difference may be.
        package let allowance: Double

        /// Whether it is no larger.
        package var holds: Bool { difference.map { abs($0) <= allowance } ?? false }
    }

    /// How far a share may lie apart, attempts per call as a share of the virtual mean, and a breaker's first opening in seconds.
    static let ratioAllowance = 0.01
    static let attemptsAllowance = 0.05
    static let openingAllowance = 0.5

    package let rows: [Row]

    /// - Parameters:
    ///   - real: results of runs with processes, one at least.
    ///   - virtual: results of runs of the same scenario in virtual time; each seed of a real run is among them.
    package init(real: [RunResult], virtual: [RunResult]) {
        let phases = virtual.first?.phases.filter(\.isMeasured).map(\.name) ?? []
        rows = (virtual.first?.variants ?? []).flatMap { variant -> [Row] in
            func compare(
                _ subject: String, _ unit: Metric.Unit, _ value: (VariantResult) -> Double?, within: (Double) -> Double
            ) -> Row {
                func figure(_ run: RunResult) -> Double? { run.variants.first { $0.name == variant.name }.flatMap(value) }
                let differences: [Double?] = real.map { run in
                    guard let real = figure(run), let twin = virtual.first(where: { $0.seed == run.seed }).flatMap(figure) else {
                        return nil
                    }
                    return real - twin
                }
                let all = virtual.compactMap(figure)
                return Row(
                    variant: variant.name, subject: subject, unit: unit, real: real.compactMap(figure), virtual: all,
                    difference: differences.contains(nil) ? nil : Self.mean(differences.compactMap(\.self)),
                    allowance: within(Self.mean(all) ?? 0))
            }
            let ofLoads = variant.loads.flatMap { load in
                phases.flatMap { phase in
                    [Metric.answeredRatio, .attemptsPerCall].map { metric in
                        let name = variant.loads.count > 1 ? " of \(load.name)" : ""
                        return compare("\(metric.name)\(name) in \(phase)", metric.unit) { variant in
                            variant.loads.first { $0.name == load.name }?.phases.first { $0.phase == phase }?.value(of: metric)
                        } within: {
                            metric == .answeredRatio ? Self.ratioAllowance : Self.attemptsAllowance * $0
                        }
                    }
                }
            }
            let ofBreakers = variant.breakers.map { breaker in
                compare("\(breaker.name) first opens", .time) { variant in
                    variant.breakers.first { $0.name == breaker.name }?.spells.first { $0.state == .open }?.start
                } within: { _ in
                    Self.openingAllowance
                }
            }
            // A breaker that opens in no run at all is no difference.
            return ofLoads + ofBreakers.filter { !$0.real.isEmpty || !$0.virtual.isEmpty }
        }
    }

    /// Whether all figures agree.
    package var holds: Bool { rows.allSatisfy(\.holds) }

    private static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
