import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Degradation: calls")
struct LoadShedderTests {
    /// A pressure that a test sets.
    private final class Dial: PressureSignal {
        let value = Locked(0.0)
        func reading(at now: Instant) -> Double? { value.withLock { $0 } }
        func turn(to new: Double) { value.withLock { $0 = new } }
    }

    private static func controller(_ world: VirtualTime, _ dial: Dial) throws -> DegradationController {
        DegradationController(
            "pressure", try .init(cpu: .init(enter: 0.9, leave: 0.7)), signals: [.cpu: dial], timeSource: world.timeSource)
    }

    /// Which criticalities get through now.
    private static func admitted(_ shedder: LoadShedder) -> [Criticality] {
        Criticality.allCases.filter { criticality in
            var attempt = Attempt(shedder.timeSource, attributes: CallAttributes(criticality: criticality))
            guard case .admitted(let ticket) = shedder.admit(&attempt) else { return false }
            shedder.settle(ticket, .succeeded, &attempt)
            return true
        }
    }

    @Test("S34: calls are given up from the least critical on, and come back in the reverse order")
    func order() throws {
        let world = VirtualTime()
        let dial = Dial()
        let shedder = LoadShedder("shed", try Self.controller(world, dial))
        #expect(Self.admitted(shedder) == Criticality.allCases)
        dial.turn(to: 0.95)
        var seen: [Int] = []
        for _ in 0..<5 {
            world.advance(by: .milliseconds(500))
            seen.append(Self.admitted(shedder).count)
        }
        #expect(seen == [3, 3, 2, 1, 0] || seen == [3, 2, 1, 0, 0])
        dial.turn(to: 0.5)
        seen = []
        for _ in 0..<5 {
            world.advance(by: .seconds(5))
            let through = Self.admitted(shedder)
            #expect(through == Criticality.allCases.suffix(through.count))
            seen.append(through.count)
        }
        #expect(seen == [1, 2, 3, 4, 4] || seen == [0, 1, 2, 3, 4])
    }

    @Test("S5, S34: a refusal says who, why and when the call may come back at the earliest; the fallback answers at once")
    func fallback() throws {
        let world = VirtualTime()
        let dial = Dial()
        let controller = try Self.controller(world, dial)
        let shedder = LoadShedder("shed", controller)
        let pipeline = Pipeline("say", [.gate(shedder)], timeSource: world.timeSource)
        controller.hold(at: .critical)
        try world.run {
            let answer = try await pipeline.run { _ in
                "fresh"
            } fallback: { failure in
                "stale, since \(failure)"
            }
            #expect(answer == "stale, since shed \"shed\" refused the call: shed")
        }
        controller.release()
        var attempt = Attempt(world.timeSource, attributes: CallAttributes(criticality: .sheddable))
        guard case .rejected(let rejection) = shedder.admit(&attempt) else { return #expect(Bool(false), "let through") }
        // Three levels of five seconds each lie between.
        #expect(rejection == Rejection(policy: "shed", kind: .shed, reason: .shed, retryAfter: .seconds(15)))
        #expect(rejection.code == .resourceExhausted && shedder.counters.rejected == 2)
        #expect(controller.sheds(.critical) && !controller.sheds(.criticalPlus))
    }

    @Test("S34: calls in flight are a signal, counted over all shedders of a controller, and given back when cancelled")
    func inFlight() throws {
        let world = VirtualTime()
        let controller = DegradationController(
            "pressure", try .init(inFlight: .init(enter: 3, leave: 1), hold: .seconds(1)), timeSource: world.timeSource)
        let shedders = [LoadShedder("a", controller), LoadShedder("b", controller)]
        try world.run {
            let calls = (0..<4).map { number in
                Task(executorPreference: world) {
                    try await shedders[number % 2].run { try await world.timeSource.sleep(for: .seconds(3600)) }
                }
            }
            await Task.yield()
            #expect(shedders.map(\.inFlight) == [2, 2])
            try await world.timeSource.sleep(for: .milliseconds(150))
            #expect(controller.level == .sheddable)
            for call in calls { call.cancel() }
            for call in calls { await #expect(throws: CancellationError.self) { try await call.value } }
            #expect(shedders.map(\.inFlight) == [0, 0])
            try await world.timeSource.sleep(for: .seconds(2))
            #expect(controller.level == nil)
        }
    }

    @Test("S34: queues and event loops report their times; a report counts until the next reading")
    func reports() throws {
        let world = VirtualTime()
        let controller = DegradationController(
            "pressure",
            try .init(
                queueTime: .init(enter: .milliseconds(200), leave: .milliseconds(50)),
                eventLoopLag: .init(enter: .milliseconds(100), leave: .milliseconds(20)), hold: .seconds(1)),
            timeSource: world.timeSource)
        try world.run {
            controller.report(queueTime: .milliseconds(250))
            try await world.timeSource.sleep(for: .milliseconds(150))
            #expect(controller.level == .sheddable)
            controller.report(eventLoopLag: .milliseconds(150))
            try await world.timeSource.sleep(for: .milliseconds(100))
            #expect(controller.level == .sheddablePlus)
            try await world.timeSource.sleep(for: .seconds(1))
            #expect(controller.level == .sheddable)
            try await world.timeSource.sleep(for: .seconds(1))
            #expect(controller.level == nil)
        }
    }

    @Test("S34: a controller that nobody uses sleeps, and one call wakes it")
    func sleep() throws {
        let world = VirtualTime()
        let signal = Counting()
        let controller = DegradationController(
            "pressure", try .init(cpu: .init(enter: 0.9, leave: 0.7)), signals: [.cpu: signal],
            timeSource: world.timeSource)
        let shedder = LoadShedder("shed", controller)
        world.advance(by: .seconds(3600))
        #expect(signal.counter.value == 0)
        _ = Self.admitted(shedder)
        world.advance(by: .seconds(3600))
        let once = signal.counter.value
        #expect((1...3).contains(once))
        var attempt = Attempt(world.timeSource)
        guard case .admitted(let ticket) = shedder.admit(&attempt) else { return #expect(Bool(false), "refused") }
        world.advance(by: .seconds(1))
        #expect(signal.counter.value == once + 10)
        shedder.settle(ticket, .succeeded, &attempt)
        world.advance(by: .seconds(3600))
        #expect(signal.counter.value <= once + 13)
    }

    /// Counts how often it is asked.
    private final class Counting: PressureSignal {
        let counter = Counter()
        func reading(at now: Instant) -> Double? {
            counter.add()
            return 0
        }
    }

    @Test("S22, S34: levels and refusals are events; a shedder of its own brings its controller's")
    func events() async throws {
        let world = VirtualTime()
        let shedder = LoadShedder("shed", try .init(inFlight: .init(enter: 1, leave: 0)), timeSource: world.timeSource)
        let events = shedder.events()
        var attempt = Attempt(world.timeSource, attributes: CallAttributes(criticality: .sheddable))
        guard case .admitted = shedder.admit(&attempt) else { return #expect(Bool(false), "refused") }
        world.advance(by: .milliseconds(100))
        _ = shedder.admit(&attempt)
        shedder.controller.hold(at: nil)
        shedder.reconfigure(try .init(inFlight: .init(enter: 2, leave: 0)))
        events.finish()
        var seen: [String] = []
        for await event in events {
            #expect(event.policy == "shed" && event.kind == .shed)
            switch event.decision {
            case .levelChanged(let from, let to, let because):
                seen.append("\(from?.rawValue ?? "none") to \(to?.rawValue ?? "none"): \(because)")
            case .rejected(let reason, _): seen.append("\(reason)")
            case .reconfigured: seen.append("reconfigured")
            default: seen.append("?")
            }
        }
        #expect(seen == ["none to sheddable: 1 calls in flight, enters at 1", "shed", "sheddable to none: held by hand", "reconfigured"])
    }

    @Test("S34: at no instant is a more critical call refused while a less critical one is let through", arguments: 0..<20 as Range<UInt64>)
    func monotone(seed: UInt64) throws {
        let world = VirtualTime()
        let dial = Dial()
        var chance = RandomSource(seed: seed)
        let shedder = LoadShedder("shed", try Self.controller(world, dial))
        for _ in 0..<200 {
            dial.turn(to: Double.random(in: 0...1.2, using: &chance))
            world.advance(by: .milliseconds(Int64.random(in: 0...3000, using: &chance)))
            let through = Self.admitted(shedder)
            let isSuffix = through == Criticality.allCases.suffix(through.count)
            if !isSuffix { #expect(isSuffix, "seed \(seed)") }
        }
    }

    @Test("Sixty-four tasks with random cancellation, levels changed by hand meanwhile: every call is counted out again")
    func storm() async throws {
        let seed: UInt64 = 34
        let chance = RandomSource(seed: seed)
        let controller = DegradationController(
            "storm", try .init(inFlight: .init(enter: 30, leave: 10), hold: .milliseconds(1), sampleEvery: .milliseconds(1)))
        let shedders = (0..<4).map { LoadShedder("shed \($0)", controller) }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<64 {
                group.addTask {
                    for round in 0..<60 {
                        let criticality = Criticality.allCases[Int(chance.next() % 4)]
                        let cancels = chance.next() % 5 == 0
                        let call = Task {
                            try await shedders[number % 4].run(attributes: CallAttributes(criticality: criticality)) { await Task.yield() }
                        }
                        if cancels { call.cancel() }
                        _ = await call.result
                        if number == 0, round % 10 == 5 { controller.hold(at: criticality) }
                        if number == 1, round % 10 == 5 { controller.release() }
                        if number == 2 { controller.report(eventLoopLag: .milliseconds(1)) }
                    }
                }
            }
        }
        #expect(shedders.map(\.inFlight) == [0, 0, 0, 0], "seed \(seed)")
        let total = shedders.reduce(0) { $0 + $1.counters.admitted + $1.counters.rejected }
        #expect(total == 64 * 60, "seed \(seed)")
    }
}
