import Testing

@testable import Holdfast

@Suite("Hedge: decisions")
struct HedgeStateMachineTests {
    private static func ms(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    private static func machine(delay: Int64 = 500, maxExtra: Int = 3) -> Holder<HedgeStateMachine> {
        Holder(HedgeStateMachine(delay: delay * 1_000_000, maxExtra: maxExtra, now: ms(0)))
    }

    @Test(
        "S65: attempts start one after the other while nothing answers (gRFC A6, four attempts, 500 ms)",
        arguments: [(1, 1), (499, 1), (501, 2), (1001, 3), (1501, 4), (9000, 4)])
    func timeline(at: Int64, outstanding: Int) {
        let machine = Self.machine()
        var now = Self.ms(0)
        loop: while true {
            switch machine.value.next(now) {
            case .start: continue
            case .wait(let until):
                guard let until, until <= Self.ms(at) else { break loop }
                now = until
            case .cancel, .finish: break loop
            }
        }
        #expect(machine.value.outstanding == outstanding)
    }

    @Test("S65: a failure before the delay starts the next attempt at once, and the delay counts from there")
    func failureStartsNext() {
        let machine = Self.machine()
        #expect(machine.value.next(Self.ms(100)) == .wait(until: Self.ms(500)))
        machine.value.ended(1, .failed(.atOnce), Self.ms(100))
        #expect(machine.value.next(Self.ms(100)) == .start(2))
        #expect(machine.value.next(Self.ms(100)) == .wait(until: Self.ms(600)))
    }

    @Test("S65: a failure never beats a slower success")
    func failureWaits() {
        let machine = Self.machine(maxExtra: 1)
        #expect(machine.value.next(Self.ms(500)) == .start(2))
        machine.value.ended(2, .failed(.atOnce), Self.ms(600))
        #expect(machine.value.next(Self.ms(600)) == .wait(until: nil))
        machine.value.ended(1, .acceptable, Self.ms(900))
        #expect(machine.value.next(Self.ms(900)) == .finish(1))
        #expect(machine.value.timesFirst)
    }

    @Test("S65: the first acceptable answer wins, whichever attempt gave it; what ends later changes nothing")
    func firstAnswerWins() {
        let machine = Self.machine(maxExtra: 2)
        #expect(machine.value.next(Self.ms(500)) == .start(2))
        machine.value.ended(2, .acceptable, Self.ms(600))
        #expect(machine.value.timesFirst, "the first attempt had not ended")
        machine.value.ended(1, .acceptable, Self.ms(601))
        #expect(machine.value.next(Self.ms(601)) == .finish(2))
        #expect(machine.value.outstanding == 0)
    }

    @Test("S65, S8: an attempt that has begun to answer is taken before its end: no other starts, and its own end counts, failed or not")
    func claimed() {
        let machine = Self.machine()
        #expect(machine.value.next(Self.ms(500)) == .start(2))
        #expect(machine.value.claim(2) && machine.value.claim(2) && !machine.value.claim(1))
        #expect(machine.value.next(Self.ms(1_000)) == .finish(2))
        machine.value.ended(2, .failed(.atOnce), Self.ms(1_001))
        machine.value.ended(1, .acceptable, Self.ms(1_002))
        #expect(machine.value.next(Self.ms(9_000)) == .finish(2) && machine.value.timesFirst)
    }

    @Test("S65: when all have failed, the call fails as its first attempt did")
    func allFailed() {
        let machine = Self.machine(maxExtra: 1)
        #expect(machine.value.next(Self.ms(500)) == .start(2))
        machine.value.ended(2, .failed(.atOnce), Self.ms(600))
        machine.value.ended(1, .failed(.atOnce), Self.ms(700))
        #expect(machine.value.next(Self.ms(700)) == .finish(1))
        #expect(!machine.value.timesFirst)
    }

    @Test("S65: a fatal failure ends the call although others run")
    func fatal() {
        let machine = Self.machine()
        #expect(machine.value.next(Self.ms(500)) == .start(2))
        machine.value.ended(2, .fatal, Self.ms(600))
        #expect(machine.value.next(Self.ms(600)) == .finish(2))
    }

    @Test("S65: a service that asks to be left alone is, as long as others run; alone, the call fails at once")
    func pushback() {
        let machine = Self.machine()
        #expect(machine.value.next(Self.ms(500)) == .start(2))
        machine.value.ended(2, .failed(.after(2_000_000_000)), Self.ms(600))
        #expect(machine.value.next(Self.ms(600)) == .wait(until: Self.ms(2600)))
        machine.value.ended(1, .failed(.after(1_000_000_000)), Self.ms(700))
        #expect(machine.value.next(Self.ms(700)) == .finish(1))
    }

    @Test("S65: a refused hedge ends hedging, not the call")
    func refused() {
        let machine = Self.machine()
        #expect(machine.value.next(Self.ms(500)) == .start(2))
        machine.value.refused(2, Self.ms(500))
        #expect(machine.value.next(Self.ms(5000)) == .wait(until: nil))
        machine.value.ended(1, .failed(.atOnce), Self.ms(5001))
        #expect(machine.value.next(Self.ms(5001)) == .finish(1))
    }

    @Test("S65, S1: a caller that goes away cancels what runs and starts nothing more; an answer that comes all the same is taken")
    func callerLeft() {
        let machine = Self.machine()
        machine.value.callerLeft(Self.ms(100))
        #expect(machine.value.next(Self.ms(100)) == .cancel)
        #expect(machine.value.next(Self.ms(9000)) == .wait(until: nil))
        machine.value.ended(1, .acceptable, Self.ms(9001))
        #expect(machine.value.next(Self.ms(9001)) == .finish(1))
        machine.value.callerLeft(Self.ms(9002))
        #expect(machine.value.next(Self.ms(9002)) == .finish(1))
    }

    @Test("Delays at the ends of what can be counted are merely far away; none starts all attempts together")
    func extremes() {
        let never = Self.machine(delay: 0, maxExtra: 2)
        #expect((0..<3).map { _ in never.value.next(Self.ms(0)) } == [.start(2), .start(3), .wait(until: nil)])
        let far = Holder(HedgeStateMachine(delay: .max, maxExtra: 1, now: Self.ms(5)))
        #expect(far.value.next(Self.ms(1_000_000)) == .wait(until: .distantFuture))
        far.value.ended(1, .failed(.atOnce), Self.ms(1_000_001))
        #expect(far.value.next(Self.ms(1_000_001)) == .start(2))
        for (delay, maxExtra) in [(0, 1), (1, 10), (Int64(1) << 60 - 1, 10)] {
            let plan = HedgePlan(delay: delay, maxExtra: maxExtra)
            #expect(plan.delay == delay && plan.maxExtra == maxExtra && plan != .none)
        }
        #expect(HedgePlan(delay: .max, maxExtra: 10).delay == 1 << 60 - 1)
        #expect(HedgePlan(delay: .min, maxExtra: 1).delay == 0)
    }
}
