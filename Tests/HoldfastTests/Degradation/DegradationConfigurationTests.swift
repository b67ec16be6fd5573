import Testing

@testable import Holdfast

@Suite("Degradation: configuration")
struct DegradationConfigurationTests {
    typealias Configuration = DegradationController.Configuration

    @Test("S82: a value outside its range is refused with the field, the value and the range")
    func ranges() {
        expect("signals: none would never shed a call; give at least one of inFlight, queueTime, eventLoopLag, cpu, memory") {
            try .init()
        }
        expect("signals.inFlight.enter: 0 is not above 0 and up to 1000000000") { try .init(inFlight: .init(enter: 0, leave: 0)) }
        expect("signals.inFlight.leave: 10 is not from 0 up to, but not including, enter, 10") {
            try .init(inFlight: .init(enter: 10, leave: 10))
        }
        expect("signals.inFlight.leave: -1 is not from 0 up to, but not including, enter, 10") {
            try .init(inFlight: .init(enter: 10, leave: -1))
        }
        expect("signals.queueTime.enter: 0.0 seconds is not above 0.0 seconds and up to 86400.0 seconds") {
            try .init(queueTime: .init(enter: .zero, leave: .zero))
        }
        expect("signals.eventLoopLag.leave: 0.2 seconds is not from 0.0 seconds up to, but not including, enter, 0.1 seconds") {
            try .init(eventLoopLag: .init(enter: .milliseconds(100), leave: .milliseconds(200)))
        }
        expect("signals.cpu.enter: 1.5 is not above 0.0 and up to 1.0") { try .init(cpu: .init(enter: 1.5, leave: 0.5)) }
        expect("signals.cpu.enter: nan is not above 0.0 and up to 1.0") { try .init(cpu: .init(enter: .nan, leave: 0.5)) }
        expect("signals.memory.leave: nan is not from 0.0 up to, but not including, enter, 0.9") {
            try .init(memory: .init(enter: 0.9, leave: .nan))
        }
        expect("hold: 0.0 seconds is not above zero") { try .init(cpu: .init(enter: 0.9, leave: 0.5), hold: .zero) }
        expect("sampleEvery: 0.0 seconds is outside 0.001 seconds...60.0 seconds") {
            try .init(cpu: .init(enter: 0.9, leave: 0.5), sampleEvery: .zero)
        }
    }

    @Test("Absurd but allowed values are merely far away")
    func absurd() throws {
        let configuration = try Configuration(cpu: .init(enter: 1, leave: 0), hold: .seconds(Int64.max))
        var machine = DegradationStateMachine(configuration, now: Instant(nanoseconds: .max - 1))
        machine.observe([.cpu: .infinity], Instant(nanoseconds: .max - 1))
        #expect(machine.explain(.distantFuture).hasPrefix("calls up to sheddable are refused: cpu at \(Int64.max) %"))
        machine.observe([.cpu: .nan], .distantFuture)
        #expect(machine.level == .sheddable)
        machine.observe([.cpu: -.infinity], .distantFuture)
        #expect(machine.level == nil)
    }

    private func expect(_ message: String, _ make: () throws -> Configuration) {
        #expect { try make() } throws: { "\($0)" == message }
    }
}
