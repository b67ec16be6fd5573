import HoldfastTesting
import HoldfastVirtualTime
import Testing

@testable import Holdfast

/// Every policy times every moment at which a caller can go away: permits come back, breakers hear nothing, nothing hangs, and the
/// caller is told what it did. Each over seeds that shuffle what happens at one time.
@Suite("Cancellation matrix")
struct CancellationMatrixTests {
    private static let seeds = 0..<24 as Range<UInt64>

    @Test("S1: before the call", arguments: CancellationSubject.allCases)
    func beforeTheCall(subject: CancellationSubject) throws {
        try Self.each(subject) { scene, comment in
            let service = scene.service([.value(1, after: .seconds(1))])
            let caller = Task(executorPreference: scene.world) {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await scene.run { call in try await service(call) }
            }
            let result = await caller.result
            #expect(throws: CancellationError.self, comment) { try result.get() }
            #expect(scene.world.now() == Instant(nanoseconds: 0), comment)
            try await scene.verify(comment)
        }
    }

    @Test("S1: while running", arguments: CancellationSubject.allCases)
    func whileRunning(subject: CancellationSubject) throws {
        try Self.each(subject) { scene, comment in
            let service = scene.service([.hang])
            let (result, at) = await scene.play { try await scene.run { call in try await service(call) } }
            #expect(throws: CancellationError.self, comment) { try result.get() }
            #expect(at == CancellationScene.leaves, comment)
            await scene.settle()
            #expect(service.running == 0, comment)
            try await scene.verify(comment)
        }
    }

    @Test("S1, S53: while running work that takes its time to stop: the permit follows the work", arguments: CancellationSubject.allCases)
    func whileRunningStubborn(subject: CancellationSubject) throws {
        try Self.each(subject) { scene, comment in
            let service = scene.service([.hang.ignoringCancellation(for: .milliseconds(20))])
            let (result, at) = await scene.play { try await scene.run { call in try await service(call) } }
            #expect(throws: CancellationError.self, comment) { try result.get() }
            let stopped = CancellationScene.leaves + .milliseconds(20)
            if subject == .abandoningTimeout {
                // Its caller does not wait for what is left behind.
                #expect(at == CancellationScene.leaves, comment)
                try await scene.world.timeSource.sleep(until: stopped)
            } else {
                #expect(at == stopped, comment)
            }
            try await scene.verify(comment)
        }
    }

    @Test("As the work ends: a value is a value, and counted as one", arguments: CancellationSubject.allCases)
    func asItEnds(subject: CancellationSubject) throws {
        try Self.each(subject) { scene, comment in
            let (result, _) = await scene.play(before: scene.letGo) {
                try await scene.run { _ in try await scene.hold() }
            }
            if subject == .abandoningTimeout, case .failure(is CancellationError) = result {
                // Whoever left it behind as it ended has no value; the work was none the worse for it.
                return try await scene.verify(recorded: 0...1, comment)
            }
            #expect(try result.get() == 1, comment)
            try await scene.verify(recorded: 1...1, comment)
        }
    }

    @Test("S1, S42: at the deadline: a timeout or a cancellation, and judged as that", arguments: CancellationSubject.allCases)
    func atTheDeadline(subject: CancellationSubject) throws {
        try Self.each(subject, timeout: .nanoseconds(CancellationScene.leaves.nanoseconds)) { scene, comment in
            let service = scene.service([.hang])
            let (result, at) = await scene.play { try await scene.run { call in try await service(call) } }
            #expect(at == CancellationScene.leaves, comment)
            switch result {
            case .failure(is TimeoutError): try await scene.verify(recorded: 1...1, comment)
            case .failure(is CancellationError):
                // What is left behind has a deadline of its own, and is judged by that.
                try await scene.verify(recorded: subject == .abandoningTimeout ? 0...1 : 0...0, comment)
            default: Issue.record("\(comment): \(result)")
            }
        }
    }

    @Test(
        "S1, S60, S65: while the policy itself waits (backoff, hedge delay, injected latency), and as that wait ends",
        arguments: [(.retry, 100), (.retry, 200), (.hedge, 25), (.hedge, 50), (.chaos, 25), (.chaos, 50)] as [(CancellationSubject, Int64)])
    func whileThePolicyWaits(subject: CancellationSubject, milliseconds: Int64) throws {
        try Self.each(subject) { scene, comment in
            let leaves = Instant(nanoseconds: milliseconds * 1_000_000)
            let service = scene.service(subject == .retry ? [.error(TestError()), .hang] : [.hang])
            let (result, at) = await scene.play(at: leaves) { try await scene.run { call in try await service(call) } }
            #expect(throws: CancellationError.self, comment) { try result.get() }
            #expect(at == leaves, comment)
            #expect(service.running == 0, comment)
            try await scene.verify(judged: subject == .retry ? 1 : 0, comment)
        }
    }

    enum FallbackSubject: CaseIterable {
        case handler, target, singleFlight
    }

    @Test(
        "S1, S6, S33: in the fallback: it ends with its caller, and the failure before it stays recorded",
        arguments: CancellationSubject.allCases, FallbackSubject.allCases)
    func inTheFallback(subject: CancellationSubject, step: FallbackSubject) throws {
        try Self.each(subject) { scene, comment in
            let service = scene.service([.error(TestError(.internalError))])
            let alternative = scene.service([.hang])
            let slow: Fallback<Int, Int>.Step =
                step == .target
                ? .target("slow", timeout: .seconds(10)) { _, call in try await alternative(call) }
                : .handler("slow") { _, _ in try await alternative() }
            let fallback = Fallback(
                "fallback", try .init([slow, .value(9)], singleFlight: step == .singleFlight), timeSource: scene.world.timeSource)
            let (result, at) = await scene.play {
                try await scene.pipeline.run(key: 1, fallback: fallback) { call in try await service(call) }.value
            }
            #expect(throws: CancellationError.self, comment) { try result.get() }
            #expect(at == CancellationScene.leaves, comment)
            await scene.settle()
            #expect(alternative.running == 0, comment)
            try await scene.verify(recorded: 1...1, comment)
        }
    }

    @Test("S1: in a fallback that is a closure", arguments: CancellationSubject.allCases)
    func inTheFallbackClosure(subject: CancellationSubject) throws {
        try Self.each(subject) { scene, comment in
            let service = scene.service([.error(TestError(.internalError))])
            let alternative = scene.service([.hang])
            let (result, at) = await scene.play {
                try await scene.pipeline.run(deadline: scene.world.now() + .seconds(10)) { call in
                    try await service(call)
                } fallback: { _ in
                    try await alternative()
                }
            }
            #expect(throws: CancellationError.self, comment) { try result.get() }
            #expect(at == CancellationScene.leaves, comment)
            try await scene.verify(recorded: 1...1, comment)
        }
    }

    @Test("S1, S51: in the queue: it leaves at once, and the one behind it moves up", arguments: CancellationSubject.queues)
    func whileQueued(subject: CancellationSubject) throws {
        try Self.each(subject) { scene, comment in
            let leaves = Instant(nanoseconds: 50_000_000)
            let occupant = await scene.start { try await scene.hold() }
            let (result, at) = await scene.play(at: leaves) { try await scene.run { _ in 2 } }
            #expect(throws: CancellationError.self, comment) { try result.get() }
            #expect(at == leaves, comment)
            let behind = await scene.start { 3 }
            scene.letGo()
            #expect(try await occupant.value == 1, comment)
            #expect(try await behind.value == 3, comment)
            #expect(scene.subject.isAsItWas(), comment)
            try await scene.verify(recorded: 2...2, comment)
        }
    }

    @Test("S1, S51: at the grant: the permit is used or goes to the one behind", arguments: CancellationSubject.queues)
    func atTheGrant(subject: CancellationSubject) throws {
        try Self.each(subject) { scene, comment in
            let occupant = await scene.start { try await scene.hold() }
            let (result, at) = await scene.play(before: scene.letGo) {
                try await scene.run { _ in
                    try await scene.world.timeSource.sleep(for: .milliseconds(10))
                    return 2
                }
            }
            #expect(throws: CancellationError.self, comment) { try result.get() }
            #expect(at == CancellationScene.leaves, comment)
            #expect(try await occupant.value == 1, comment)
            #expect(scene.subject.isAsItWas(), comment)
            try await scene.verify(recorded: 1...1, comment)
        }
    }

    @Test("S1, S50: in the queue, at its deadline: refused or cancelled, and nothing is lost", arguments: CancellationSubject.queues)
    func queuedAtTheDeadline(subject: CancellationSubject) throws {
        try Self.each(subject) { scene, comment in
            let occupant = await scene.start { try await scene.hold() }
            let (result, at) = await scene.play(before: scene.letGo) {
                try await scene.pipeline.run(deadline: CancellationScene.leaves) { _ in 2 }
            }
            #expect(at <= CancellationScene.leaves + .nanoseconds(1), comment)
            switch result {
            case .failure(is CancellationError), .failure(is Rejection), .failure(is TimeoutError): break
            default: Issue.record("\(comment): \(result)")
            }
            #expect(try await occupant.value == 1, comment)
            #expect(scene.subject.isAsItWas(), comment)
            try await scene.verify(recorded: 1...1, comment)
        }
    }

    private static func each(
        _ subject: CancellationSubject, timeout: Duration? = nil,
        _ body: @escaping @Sendable (CancellationScene, Comment) async throws -> Void
    ) throws {
        for seed in seeds {
            let scene = try CancellationScene(subject, seed: seed, timeout: timeout)
            try scene.world.run { try await body(scene, "seed \(seed)") }
        }
    }
}
