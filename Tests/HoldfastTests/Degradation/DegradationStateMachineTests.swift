import Testing

@testable import Holdfast

@Suite("Degradation: decisions")
struct DegradationStateMachineTests {
    private static func machine(hold: Duration = .seconds(5)) throws -> Holder<DegradationStateMachine> {
        let configuration = try DegradationController.Configuration(
            inFlight: .init(enter: 100, leave: 50), cpu: .init(enter: 0.9, leave: 0.7), hold: hold)
        return Holder(DegradationStateMachine(configuration, now: at(0)))
    }

    private static func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    @Test("S34: under pressure the level rises by one at once, then every tenth of the hold, the least critical first")
    func rise() throws {
        let machine = try Self.machine()
        var levels: [Criticality?] = []
        for time in stride(from: 0, through: 2500, by: 250) as StrideThrough<Int64> {
            machine.value.observe([.cpu: 0.9, .inFlight: 0], Self.at(time))
            levels.append(machine.value.level)
        }
        let expected: [Criticality?] = [
            .sheddable, .sheddable, .sheddablePlus, .sheddablePlus, .critical, .critical, .criticalPlus, .criticalPlus, .criticalPlus,
            .criticalPlus, .criticalPlus,
        ]
        #expect(levels == expected)
    }

    @Test("S34: a level is left in reverse order, each held for its time, when every signal is at or below where it leaves")
    func fall() throws {
        let machine = try Self.machine()
        for time in [0, 500, 1000] as [Int64] { machine.value.observe([.cpu: 0.95], Self.at(time)) }
        #expect(machine.value.level == .critical)
        machine.value.observe([.cpu: 0.7, .inFlight: 50], Self.at(5999))
        #expect(machine.value.level == .critical)
        machine.value.observe([.cpu: 0.7, .inFlight: 50], Self.at(6000))
        #expect(machine.value.level == .sheddablePlus)
        machine.value.observe([.cpu: 0, .inFlight: 0], Self.at(10_999))
        #expect(machine.value.level == .sheddablePlus)
        machine.value.observe([:], Self.at(11_000))
        #expect(machine.value.level == .sheddable)
        machine.value.observe([.cpu: 0.1], Self.at(20_000))
        #expect(machine.value.level == nil)
        #expect(machine.value.events.count == 6)
    }

    @Test(
        "S34: between the two thresholds nothing moves, and one signal above where it leaves keeps the level",
        arguments: [[Pressure.cpu: 0.71, .inFlight: 0], [.cpu: 0.89, .inFlight: 99], [.cpu: 0, .inFlight: 51]])
    func hysteresis(_ readings: [Pressure: Double]) throws {
        let machine = try Self.machine()
        machine.value.observe(readings, Self.at(0))
        #expect(machine.value.level == nil)
        machine.value.observe([.inFlight: 100], Self.at(1))
        machine.value.observe(readings, Self.at(100_000))
        #expect(machine.value.level == .sheddable)
    }

    @Test("S34: a level held by hand stays whatever the signals say; released, it goes on from there and is held for its time")
    func byHand() throws {
        let machine = try Self.machine()
        machine.value.hold(at: .critical, Self.at(0))
        machine.value.observe([.cpu: 0], Self.at(60_000))
        #expect(machine.value.level == .critical && machine.value.leavesEarliest == nil)
        machine.value.release(Self.at(60_000))
        machine.value.observe([.cpu: 0], Self.at(64_999))
        #expect(machine.value.level == .critical)
        machine.value.observe([.cpu: 0], Self.at(65_000))
        #expect(machine.value.level == .sheddablePlus)
        machine.value.hold(at: nil, Self.at(65_000))
        machine.value.observe([.cpu: 1], Self.at(66_000))
        #expect(machine.value.level == nil)
        machine.value.release(Self.at(66_000))
        machine.value.observe([.cpu: 1], Self.at(66_000))
        #expect(machine.value.level == .sheddable)
    }

    @Test("S21: a clock that goes back is read as the latest seen")
    func backwards() throws {
        let machine = try Self.machine()
        machine.value.observe([.cpu: 1], Self.at(10_000))
        machine.value.observe([.cpu: 1], Self.at(0))
        #expect(machine.value.level == .sheddable)
        machine.value.observe([.cpu: 0], Self.at(14_999))
        #expect(machine.value.level == .sheddable)
    }

    @Test("S80: new settings keep the level; a shorter hold counts from when the level was taken")
    func reconfigure() throws {
        let machine = try Self.machine()
        machine.value.observe([.cpu: 1], Self.at(0))
        machine.value.reconfigure(try .init(memory: .init(enter: 0.8, leave: 0.6), hold: .seconds(1)), Self.at(500))
        #expect(machine.value.level == .sheddable)
        machine.value.observe([.cpu: 1, .memory: 0.5], Self.at(999))
        #expect(machine.value.level == .sheddable)
        machine.value.observe([.cpu: 1, .memory: 0.5], Self.at(1000))
        #expect(machine.value.level == nil)
    }

    @Test("S23: it says in a sentence why the level is what it is")
    func explain() throws {
        let machine = try Self.machine()
        #expect(
            machine.value.explain(Self.at(0))
                == "no call is refused: inFlight unknown (enters at 100, leaves at 50), cpu unknown (enters at 90 %, leaves at 70 %)")
        machine.value.observe([.cpu: 0.954, .inFlight: 12], Self.at(0))
        #expect(
            machine.value.explain(Self.at(2000))
                == "calls up to sheddable are refused: 12 calls in flight (enters at 100, leaves at 50), "
                + "cpu at 95 % (enters at 90 %, leaves at 70 %); held for at least 3.0 seconds more")
        machine.value.hold(at: nil, Self.at(2000))
        #expect(machine.value.explain(Self.at(2000)) == "no call is refused: held by hand until released")
        #expect(
            machine.value.events.map(\.1) == [
                .levelChanged(from: nil, to: .sheddable, because: "cpu at 95 %, enters at 90 %"),
                .levelChanged(from: .sheddable, to: nil, because: "held by hand"),
            ])
    }

    @Test("S34: random pressure moves the level as the rules read off the history; none is left early, and each step is one")
    func model() async throws {
        for seed in 0..<8000 as Range<UInt64> {
            var chance = RandomSource(seed: seed)
            let hold = Int64.random(in: 1...1000, using: &chance) * 10
            let configuration = try DegradationController.Configuration(
                inFlight: .init(enter: 10, leave: 5), queueTime: .init(enter: .seconds(2), leave: .seconds(1)),
                cpu: Bool.random(using: &chance) ? .init(enter: 0.9, leave: 0.5) : nil, hold: .nanoseconds(hold))
            var thresholds: [Pressure: (enter: Double, leave: Double)] = [.inFlight: (10, 5), .queueTime: (2, 1)]
            if configuration.cpu != nil { thresholds[.cpu] = (0.9, 0.5) }
            var machine = DegradationStateMachine(configuration, now: Instant(nanoseconds: 0))
            var model = DegradationModel(hold: hold, thresholds: thresholds)
            var now: Int64 = 0
            // Pressure comes in spells, or the level would hardly leave the bottom.
            var spell = 0.0
            for _ in 0..<30 {
                now += Int64.random(in: 0...hold / 2, using: &chance)
                switch Int.random(in: 0..<20, using: &chance) {
                case 0:
                    let count = Int.random(in: 0...4, using: &chance)
                    machine.hold(at: count > 0 ? Criticality.allCases[count - 1] : nil, Instant(nanoseconds: now))
                    model.hold(at: count, now)
                case 1, 2:
                    machine.release(Instant(nanoseconds: now))
                    model.release(now)
                case 3: spell = Double.random(in: 0...1, using: &chance)
                default:
                    var readings: [Pressure: Double] = [:]
                    for (pressure, scale) in [(Pressure.inFlight, 12.0), (.queueTime, 2.5), (.cpu, 1.1)]
                    where Int.random(in: 0..<8, using: &chance) > 0 {
                        readings[pressure] = spell * scale * Double.random(in: 0.8...1, using: &chance)
                    }
                    machine.observe(readings, Instant(nanoseconds: now))
                    model.observe(readings, now)
                }
                let count = machine.level.shedCount
                if count != model.count { #expect(count == model.count, "seed \(seed)") }
            }
            Self.checkHistory(machine.events, hold: hold, seed: seed)
            if seed % 4 == 0 { await Task.yield() }
        }
    }

    /// What anybody may rely on, whatever the model says: by itself the level moves one step at a time and is not left downwards early.
    private static func checkHistory(_ events: [(Instant, DegradationStateMachine.Event)], hold: Int64, seed: UInt64) {
        var since: Int64 = 0
        for (at, event) in events {
            guard case .levelChanged(let from, let to, let because) = event else { continue }
            if because != "held by hand" {
                let isStep = abs(to.shedCount - from.shedCount) == 1
                if !isStep { #expect(isStep, "seed \(seed)") }
                let isEarly = to.shedCount < from.shedCount && at.nanoseconds - since < hold
                if isEarly { #expect(!isEarly, "seed \(seed)") }
            }
            since = at.nanoseconds
        }
    }
}
