import Testing

@testable import Holdfast

@Suite("Hedge: settings")
struct HedgeConfigurationTests {
    @Test(
        "A setting outside its range is refused with its name",
        arguments: [
            ("after", Hedge.Configuration.Delay.fixed(.nanoseconds(-1)), 1),
            ("after.quantile", .quantile(0, minimumSamples: 1), 1),
            ("after.quantile", .quantile(1, minimumSamples: 1), 1),
            ("after.quantile", .quantile(-0.5, minimumSamples: 1), 1),
            ("after.quantile", .quantile(.nan, minimumSamples: 1), 1),
            ("after.quantile", .quantile(.infinity, minimumSamples: 1), 1),
            ("after.minimumSamples", .quantile(0.5, minimumSamples: 0), 1),
            ("after.minimumSamples", .quantile(0.5, minimumSamples: .max), 1),
            ("maxExtra", .fixed(.seconds(1)), 0),
            ("maxExtra", .fixed(.seconds(1)), -1),
            ("maxExtra", .fixed(.seconds(1)), 11),
            ("maxExtra", .fixed(.seconds(1)), .max),
        ])
    func refused(field: String, after: Hedge.Configuration.Delay, maxExtra: Int) {
        #expect { try Hedge.Configuration(after: after, maxExtra: maxExtra) } throws: { ($0 as? ConfigurationError)?.field == field }
    }

    @Test("A budget outside its range is refused with its name")
    func budget() throws {
        #expect { try Hedge.Configuration(after: .fixed(.zero), budget: .share(ratio: .nan)) } throws: {
            ($0 as? ConfigurationError)?.field == "budget.ratio"
        }
        #expect(Hedge.Configuration.standardBudget.limit == .share(ratio: 0.1, minimumPerSecond: 3, window: .seconds(10)))
    }

    @Test("The ends of the ranges are taken, and nothing traps on them")
    func taken() async throws {
        for after in [
            Hedge.Configuration.Delay.fixed(.zero), .fixed(.seconds(Int64.max)),
            .quantile(.leastNonzeroMagnitude, minimumSamples: 1_000_000),
        ] {
            let hedge = Hedge("hedge", try .init(after: after, maxExtra: 10))
            #expect(try await hedge.run { _ in 1 } == 1)
        }
    }
}
