import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Pipeline: lint")
struct PipelineLintTests {
    /// A pipeline that a rule doubts, and one like it that it does not.
    struct Case: CustomTestStringConvertible, Sendable {
        let rule: PipelineLint.Rule
        let level: PipelineLint.Level
        let stages: [Int]
        let doubtful: [Pipeline.Stage]
        let sound: [Pipeline.Stage]
        let name: String

        var testDescription: String { "\(rule): \(name)" }
    }

    @Test("S82: each lint finds what is doubtful and leaves alone what is sound", arguments: LintCases.all)
    func finds(row: Case) {
        let lints = Pipeline("p", row.doubtful).lint()
        let found = lints.filter { $0.rule == row.rule }
        #expect(found.count == 1, "\(lints.map(\.description))")
        #expect(found.first?.level == row.level)
        #expect(found.first?.stages == row.stages)
        let unfounded = Pipeline("p", row.sound).lint().filter { $0.rule == row.rule }
        #expect(unfounded.isEmpty, "\(unfounded.map(\.description))")
    }

    @Test("S82: every rule has a case")
    func coverage() {
        #expect(Set(LintCases.all.map(\.rule)) == Set(PipelineLint.Rule.allCases))
    }

    @Test("S82: the problem names the policies and the numbers", arguments: LintCases.texts)
    func problem(row: (stages: [Pipeline.Stage], rule: PipelineLint.Rule, problem: String)) {
        let problems = Pipeline("p", row.stages).lint().filter { $0.rule == row.rule }.map(\.problem)
        #expect(problems == [row.problem])
    }

    @Test("A lint prints its level, its rule and why it matters")
    func description() {
        let lint = PipelineLint(rule: .noTimeout, level: .warning, stages: [], problem: "no timeout", explanation: "It hangs.")
        #expect("\(lint)" == "warning: no timeout [noTimeout]\n  It hangs.")
        #expect(PipelineLint.Level.note < .warning && .warning < PipelineLint.Level.error)
    }

    @Test("Lints come by stage, those about the whole pipeline first; an empty pipeline has none")
    func order() throws {
        let pipeline = try Pipeline("p") {
            CircuitBreaker("circuitBreaker", try .init(failureRate: 0))
            Bulkhead("bulkhead", try .init(maxConcurrent: 1, maxQueued: 1))
        }
        #expect(pipeline.lint().map(\.rule) == [.noTimeout, .opensOnSuccess, .queueWithoutEffect, .permitHeldForever])
        #expect(Pipeline("p", []).lint().isEmpty)
    }

    @Test("Lints go by the settings in force")
    func reconfigured() throws {
        let chaos = Chaos("c", .init(latency: try .init(rate: 1, delay: .seconds(1))))
        let pipeline = Pipeline("p", [.timeout(try Timeout(after: .seconds(2))), .chaos(chaos)])
        #expect(pipeline.lint().isEmpty)
        chaos.enable()
        #expect(pipeline.lint().map(\.rule) == [.chaosEnabled])
        chaos.disable()
        #expect(pipeline.lint().isEmpty)
    }

    @Test("The pipelines that others start from have the lints they deserve", arguments: LintCases.published)
    func published(row: (name: String, stages: [Pipeline.Stage], rules: [PipelineLint.Rule])) {
        let lints = Pipeline(row.name, row.stages).lint()
        #expect(lints.map(\.rule) == row.rules, "\(lints.map(\.description))")
    }

    @Test(
        "The numbers of attempts said about nested retries are those that are made",
        arguments: [(2, 3, false, 4), (3, 3, false, 5), (2, 3, true, 6)])
    func nestedAttempts(outer: Int, inner: Int, mixed: Bool, attempts: Int) throws {
        let world = VirtualTime()
        func retry(_ name: String, _ attempts: Int, _ codes: Set<StatusCode>) throws -> Pipeline.Stage {
            let configuration = try Retry.Configuration(
                maxAttempts: attempts, backoff: .constant(.zero), on: .init(codes: codes), budget: nil)
            return .retry(Retry(name, configuration, timeSource: world.timeSource))
        }
        let stages = try [
            retry("outer", outer, [.unavailable]), retry("inner", inner, mixed ? [.unavailable, .internalError] : [.unavailable]),
        ]
        let pipeline = Pipeline("p", stages, timeSource: world.timeSource)
        let made = Locked(0)
        try world.run {
            await #expect(throws: ChaosFault.self) {
                try await pipeline.run { _ in
                    let number = made.withLock { made in
                        made += 1
                        return made
                    }
                    // The inner retry uses up its attempts on what only it retries, then fails in a way that the outer one retries.
                    throw ChaosFault(code: mixed && number % inner != 0 ? .internalError : .unavailable)
                }
            }
        }
        #expect(made.withLock { $0 } == attempts)
        let lint = try #require(pipeline.lint().first { $0.rule == .nestedRetry })
        #expect(lint.problem.contains("up to \(attempts) attempts"))
    }

    @Test(
        "Whatever the settings, linting traps nowhere and repeats itself",
        arguments: 1...20)
    func extremes(seed: UInt64) throws {
        var random = SplitMix64State(seed: seed)
        for _ in 0..<100 {
            let stages = try (0..<Int.random(in: 0...7, using: &random)).map { _ in try LintCases.random(&random) }
            let pipeline = Pipeline("p", stages)
            let lints = pipeline.lint()
            if lints != pipeline.lint() || !lints.allSatisfy({ $0.stages.allSatisfy(stages.indices.contains) }) {
                Issue.record("seed \(seed): \(pipeline)")
            }
        }
    }
}
