import HoldfastChaos
import Testing

@Suite("Loads that matter more or less than others")
struct CriticalityTests {
    /// One worker that takes a second, and a hundred calls a second: the first level is taken soon, and the next long after the end.
    @Test(
        "The least critical calls are given up first, whatever their route says",
        arguments: [
            (#", "criticality": "sheddable""#, true), (#", "criticality": "sheddablePlus""#, false), ("", false),
        ])
    func levels(criticality: String, isShed: Bool) async throws {
        var text = VirtualRuns.Text()
        text.service = #""workers": 1, "serviceTime": "1s""#
        text.load += criticality
        text.pipeline = #"{ "shed": { "signals": { "inFlight": { "enter": 20, "leave": 0 } }, "hold": "1h" } }"#
        let outcomes = VirtualRuns.outcomes(try await VirtualRuns.run(text).result)
        #expect((outcomes["rejected"] ?? 0 > 900) == isShed, "\(outcomes)")
    }
}
