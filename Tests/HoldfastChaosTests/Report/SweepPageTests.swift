import Foundation
import Testing

@testable import HoldfastChaos

@Suite("Page of a sweep over seeds")
struct SweepPageTests {
    @Test("It tells how often each claim held, how its figure is spread, and how to run a seed that went another way")
    func page() throws {
        var sweep = SweepResult(try ScenarioText.scenario())
        for seed in 1...20 as ClosedRange<UInt64> {
            let isGood = seed % 7 != 0
            sweep.add(try SampleRun.result(of: isGood ? "passed" : "failed", value: isGood ? 0.99 + Double(seed) / 4000 : 0.9), seed: seed)
        }
        // One that did not start has no say in it.
        var unstarted = try SampleRun.result(of: "failed", value: 0)
        (unstarted.verdict, unstarted.variants[0].assertions) = (.notStarted, [])
        sweep.add(unstarted, seed: 21)
        let html = try SweepPage(sweep) { "again --seed \($0)" }.html()
        if let path = ProcessInfo.processInfo.environment["HOLDFAST_SAMPLE_SWEEP"] { try Data(html.utf8).write(to: URL(filePath: path)) }
        #expect(html.contains("<b>answered</b>") && html.contains("held for 18 of 20<"), "\(html)")
        #expect(html.contains("<b>baseline</b> not judged"), "\(html)")
        #expect(html.contains("again --seed 7<") && html.contains("again --seed 14<") && !html.contains("again --seed 1<"))
        #expect(html.contains("aria-label=\"Spread of answeredRatio in fault over the seeds\"") && html.contains("class=\"bound\""))
        for reference in ["http://", "https://", "src=", "href=", "url("] { #expect(!html.contains(reference), "\(reference)") }
    }
}
