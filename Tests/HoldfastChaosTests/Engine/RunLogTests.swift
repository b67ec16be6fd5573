import Testing

@testable import HoldfastChaos

@Suite("Log of a run")
struct RunLogTests {
    @Test("It counts which calls a worker began to work on again, over all that a service told")
    func worked() throws {
        let scenario = try ScenarioText.scenario()
        let log = RunLog(Recorder(timeline: scenario.timeline, loads: scenario.load), breakers: [])
        log.note(Observation(Occupancy(busy: 2), worked: ["users": [1, 2]]), loads: [("users", 9)], bin: 0)
        log.note(Observation(Occupancy(busy: 1, waiting: 3), worked: ["users": [3, 2], "others": [2]]), loads: [("users", 8)], bin: 1)
        log.note(nil, loads: [("users", nil)], bin: 2)
        #expect(log.worked(load: "users") == RunFacts.Worked(calls: 3, repeated: 1))
        #expect(log.worked(load: "nobody") == RunFacts.Worked(calls: 0, repeated: 0))
        let second = log.second(0, of: "users")
        #expect(second.occupancy == Occupancy(busy: 2, waiting: 3) && second.value(of: .limitValue) == 8)
    }
}
