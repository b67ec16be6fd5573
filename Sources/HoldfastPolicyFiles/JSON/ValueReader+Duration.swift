extension ValueReader {
    /// A duration of at least `minimum`, and of a year at most.
    package func duration(atLeast minimum: Duration = .zero) -> Duration? {
        duration(minimum > .zero ? " of at least \(DurationText.format(minimum))" : "") { $0 >= minimum }
    }

    /// A duration longer than `minimum`, and of a year at most.
    package func duration(above minimum: Duration) -> Duration? {
        duration(" above \(DurationText.format(minimum))") { $0 > minimum }
    }

    private func duration(_ bound: String, _ isWithinBound: (Duration) -> Bool) -> Duration? {
        guard case .string(let text) = node.value else { return mismatch("a duration\(bound), such as \"250ms\"") }
        do {
            let duration = try DurationText.parse(text)
            if isWithinBound(duration) { return duration }
            fail("expected a duration\(bound), found \(node.quotation(of: text))")
        } catch {
            fail("expected a duration \(Self.rule(brokenBy: error)), found \(node.quotation(of: text))")
        }
        return nil
    }

    private static func rule(brokenBy problem: DurationText.Problem) -> String {
        switch problem {
        case .malformed: "such as \"250ms\", \"1.5s\" or \"2m\" (units ns, us, ms, s, m, h)"
        case .tooLong: "of at most \(DurationText.format(DurationText.maximum))"
        case .tooFine: "in whole nanoseconds"
        }
    }
}
