import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Adaptive throttle")
struct AdaptiveThrottleTests {
    private static func settle(_ throttle: AdaptiveThrottle, _ completions: Completion...) {
        for completion in completions {
            var attempt = Attempt(throttle.timeSource)
            throttle.settle(Ticket(), completion, &attempt)
        }
    }

    @Test(
        "S71: p = max(0, (requests - K x accepts) / (requests + 1))",
        arguments: [
            (2, 0, 0, 0), (2, 1, 0, 0.5), (2, 100, 100, 0), (2, 100, 50, 0), (2, 100, 25, 50.0 / 101), (1, 100, 50, 50.0 / 101),
            (1.5, 99, 0, 0.99), (1000, 1, 0, 0.5), (2, 10, 20, 0),
        ] as [(Double, Int, Int, Double)])
    func formula(k: Double, requests: Int, accepts: Int, probability: Double) {
        #expect(AdaptiveThrottleStateMachine(k: k).probability(requests: requests, accepts: accepts) == probability)
    }

    @Test(
        "S71: as Envoy's admission control, whose threshold is 1/K, where it does not cap the probability (at-01)",
        arguments: [(100, 100, 0), (100, 95, 0), (100, 50, 0.46899)] as [(Int, Int, Double)])
    func admissionControl(requests: Int, accepts: Int, probability: Double) {
        let machine = AdaptiveThrottleStateMachine(k: 1 / 0.95)
        #expect(abs(machine.probability(requests: requests, accepts: accepts) - probability) < 1e-5)
    }

    @Test("S71: requests refused here count as requests, so the throttle does not forget why it works")
    func localRefusals() throws {
        let world = VirtualTime()
        let throttle = AdaptiveThrottle(timeSource: world.timeSource, random: RandomSource(seed: 1))
        for _ in 0..<10 { Self.settle(throttle, .failed(RetryTestError(code: .resourceExhausted))) }
        #expect(throttle.probability == 10.0 / 11)
        var refused = 0
        for _ in 0..<1000 {
            var attempt = Attempt(world.timeSource)
            guard case .rejected(let rejection) = throttle.admit(&attempt) else { continue }
            refused += 1
            #expect(rejection == Rejection(policy: "throttle", kind: .throttle, reason: .throttled))
        }
        #expect(throttle.probability == Double(10 + refused) / Double(11 + refused))
        #expect(throttle.counters.rejected == refused)
        #expect(throttle.counters.admitted == 1000 - refused)
        #expect(throttle.counters.failed == 10)
    }

    @Test("S71: what counts as accepted: whatever the service took on, however it ended")
    func replies() {
        let completions: [(Completion, AdaptiveThrottleStateMachine.Reply)] = [
            (.succeeded, .accepted),
            (.failed(RetryTestError(code: .internalError)), .accepted),
            (.failed(RetryTestError(code: .notFound)), .accepted),
            (.failed(NoStatus()), .accepted),
            (.failed(RetryTestError(code: .resourceExhausted)), .refused),
            (.failed(RetryTestError(code: .unavailable)), .refused),
            (.failed(RetryTestError(code: .deadlineExceeded)), .refused),
            (.failed(RetryTestError(code: .internalError, isConnectionError: true)), .refused),
            (.failed(TimeoutError(policy: nil, scope: .attempt, after: .seconds(1))), .refused),
            (.failed(FallbackError(failure: RetryTestError(), fallbackErrors: [])), .refused),
            (.failed(CancellationError()), .unknown),
            (.failed(Rejection(policy: "b", kind: .bulkhead, reason: .full)), .unknown),
            (.superseded, .unknown),
            (.judged(.success), .accepted), (.judged(.failure), .refused), (.judged(.ignored), .unknown), (.judged(.cancelled), .unknown),
        ]
        for (completion, reply) in completions { #expect(AdaptiveThrottleStateMachine.reply(completion) == reply, "\(completion)") }
    }

    private struct NoStatus: Error {}

    @Test("S1: a caller that went away says nothing")
    func cancelled() {
        let throttle = AdaptiveThrottle()
        for _ in 0..<100 { Self.settle(throttle, .failed(CancellationError()), .superseded, .judged(.cancelled)) }
        #expect(throttle.probability == 0)
        #expect(throttle.counters.ignored == 300)
    }

    @Test("S71: calls under way are not taken for refused ones")
    func underWay() {
        let throttle = AdaptiveThrottle()
        for _ in 0..<1000 {
            var attempt = Attempt(throttle.timeSource)
            guard case .admitted = throttle.admit(&attempt) else {
                Issue.record("refused")
                return
            }
        }
        #expect(throttle.probability == 0)
    }

    @Test("S71: what is older than the window is forgotten")
    func window() throws {
        let world = VirtualTime()
        let throttle = AdaptiveThrottle("throttle", try .init(window: .seconds(10)), timeSource: world.timeSource)
        Self.settle(throttle, .failed(RetryTestError()))
        world.advance(by: .milliseconds(9_999))
        #expect(throttle.probability == 0.5)
        world.advance(by: .milliseconds(1))
        #expect(throttle.probability == 0)
    }

    @Test("S71: an overloaded service gets about K times what it accepts, and all again once it has recovered")
    func overload() throws {
        let world = VirtualTime()
        let throttle = AdaptiveThrottle(
            "throttle", try .init(window: .seconds(10)), timeSource: world.timeSource, random: RandomSource(seed: 7))
        /// Sends a thousand calls a second to a service that accepts so many of them; gives how many reached it in the last second.
        func run(seconds: Int, accepting capacity: Int) -> Int {
            var reached = 0
            for _ in 0..<seconds {
                reached = 0
                for _ in 0..<1000 {
                    world.advance(by: .milliseconds(1))
                    var attempt = Attempt(world.timeSource)
                    guard case .admitted(let ticket) = throttle.admit(&attempt) else { continue }
                    reached += 1
                    throttle.settle(ticket, reached <= capacity ? .succeeded : .failed(RetryTestError(code: .resourceExhausted)), &attempt)
                }
            }
            return reached
        }
        #expect(run(seconds: 20, accepting: 1000) == 1000)
        let overloaded = run(seconds: 30, accepting: 100)
        #expect((150...260).contains(overloaded), "\(overloaded)")
        #expect(run(seconds: 30, accepting: 1000) == 1000)
    }

    @Test("S80: a new K holds at once and keeps what was counted; another window begins at zero")
    func reconfigure() throws {
        let world = VirtualTime()
        let throttle = AdaptiveThrottle(timeSource: world.timeSource)
        Self.settle(throttle, .succeeded, .failed(RetryTestError()), .failed(RetryTestError()))
        #expect(throttle.probability == 0.25)
        throttle.reconfigure(try .init(k: 1))
        #expect(throttle.probability == 0.5)
        throttle.reconfigure(try .init(k: 1, window: .seconds(60)))
        #expect(throttle.probability == 0)
        #expect(throttle.configuration == (try .init(k: 1, window: .seconds(60))))
    }

    @Test("S5: run refuses with who and why, and counts how the operation ended")
    func run() async throws {
        let throttle = AdaptiveThrottle("say", random: RandomSource(seed: 2))
        let events = throttle.events()
        #expect(try await throttle.run { "answer" } == "answer")
        var refusals = 0
        for _ in 0..<50 {
            do {
                try await throttle.run { throw RetryTestError() }
            } catch let rejection as Rejection {
                refusals += 1
                #expect(rejection.description == "throttle \"say\" refused the call: throttled")
            } catch {}
        }
        #expect(refusals > 0)
        #expect(throttle.counters.rejected == refusals)
        #expect(throttle.counters.failed == 50 - refusals)
        #expect(throttle.counters.succeeded == 1)
        events.finish()
        var told = 0
        for await event in events { if case .rejected(.throttled, nil) = event.decision { told += 1 } }
        #expect(told == refusals)
    }

    @Test("S82: a setting outside its range is refused with the field, the value and the range")
    func ranges() {
        expect("k: 0.99 is outside 1.0...1000.0") { try .init(k: 0.99) }
        expect("k: nan is outside 1.0...1000.0") { try .init(k: .nan) }
        expect("k: inf is outside 1.0...1000.0") { try .init(k: .infinity) }
        expect("k: -1.0 is outside 1.0...1000.0") { try .init(k: -1) }
        expect("window: 0.0 seconds is outside 0.1 seconds...86400.0 seconds") { try .init(window: .zero) }
        expect("window: -5.0 seconds is outside 0.1 seconds...86400.0 seconds") { try .init(window: .seconds(-5)) }
        #expect((try? AdaptiveThrottle.Configuration(window: .seconds(Int64.max))) == nil)
    }

    private func expect(_ message: String, _ make: () throws -> AdaptiveThrottle.Configuration) {
        #expect { try make() } throws: { "\($0)" == message }
    }

    /// The model keeps every request with the latest time seen, and folds over those of the last ten buckets.
    @Test("S71: the probability equals the fold, and the draw decides, for random sequences")
    func property() async throws {
        for seed in 0..<3000 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            let k = Double.random(in: 1...3, using: &random)
            let throttle = AdaptiveThrottle(
                "throttle", try .init(k: k, window: .seconds(1)), timeSource: VirtualTime().timeSource, random: RandomSource(seed: seed))
            let draws = RandomSource(seed: seed)
            var counted: [(at: Int64, isAccepted: Bool)] = []
            var latest: Int64 = 0
            for _ in 0..<50 {
                let reading = latest + Int64.random(in: -20...80, using: &random)
                latest = max(latest, reading)
                let inside = counted.filter { $0.at / 100 > latest / 100 - 10 }
                let (requests, accepts) = (Double(inside.count), Double(inside.count(where: \.isAccepted)))
                let probability = max(0, (requests - k * accepts) / (requests + 1))
                var attempt = Attempt(throttle.timeSource)
                attempt.reading = Instant(nanoseconds: reading * 1_000_000)
                let admission = throttle.admit(&attempt)
                let isRefused = probability > 0 && draws.uniform() < probability
                if case .rejected = admission {
                    if !isRefused { Issue.record("refused at \(probability), seed \(seed)") }
                    counted.append((latest, false))
                    continue
                }
                if isRefused { Issue.record("admitted at \(probability), seed \(seed)") }
                switch Int.random(in: 0...4, using: &random) {
                case 0, 1:
                    throttle.settle(Ticket(), .succeeded, &attempt)
                    counted.append((latest, true))
                case 2, 3:
                    throttle.settle(Ticket(), .failed(RetryTestError()), &attempt)
                    counted.append((latest, false))
                default: throttle.settle(Ticket(), .judged(.cancelled), &attempt)
                }
            }
            if seed % 4 == 0 { await Task.yield() }
        }
    }

    @Test("64 tasks with random cancellation: every call is counted once, whichever way it ended")
    func concurrent() async throws {
        let throttle = AdaptiveThrottle("throttle", try .init(window: .seconds(86_400)), random: RandomSource(seed: 3))
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<64 {
                group.addTask {
                    var random = RandomSource(seed: UInt64(number))
                    for _ in 0..<50 {
                        let kind = Int.random(in: 0...3, using: &random)
                        let call = Task {
                            try await throttle.run {
                                await Task.yield()
                                try Task.checkCancellation()
                                if kind == 1 { throw RetryTestError() }
                            }
                        }
                        if kind == 0 { call.cancel() }
                        _ = await call.result
                    }
                }
            }
        }
        let counters = throttle.counters
        #expect(counters.admitted + counters.rejected == 3200)
        #expect(counters.succeeded + counters.failed + counters.ignored == counters.admitted)
        let machine = AdaptiveThrottleStateMachine(k: 2)
        let requests = counters.succeeded + counters.failed + counters.rejected
        #expect(throttle.probability == machine.probability(requests: requests, accepts: counters.succeeded))
    }
}
