import Testing

@testable import HoldfastChaos

@Suite("Log of a run")
struct RunLogTests {
    @Test("It counts which calls a worker began to work on again, over all that a service told")
    func worked() throws {
        let scenario = try ScenarioText.scenario()
        let log = RunLog(Recorder(timeline: scenario.timeline, loads: scenario.load), breakers: [])
        let (first, other) = (ReplicaPlace(service: "say", replica: 0), ReplicaPlace(service: "say", replica: 1))
        log.note(Observation(Occupancy(busy: 2), worked: ["users": [1, 2]]), of: first, loads: [("users", 9)], bin: 0)
        let more = Observation(Occupancy(busy: 1, waiting: 3), worked: ["users": [3, 2], "others": [2]])
        log.note(more, of: other, loads: [("users", 8)], bin: 1)
        log.note(nil, of: first, loads: [("users", nil)], bin: 2)
        #expect(log.worked(load: "users") == RunFacts.Worked(calls: 3, repeated: 1))
        #expect(log.worked(load: "nobody") == RunFacts.Worked(calls: 0, repeated: 0))
        #expect(log.worked(by: first, second: 0) == 2 && log.worked(by: other, second: 0) == 3 && log.worked(by: other, second: 1) == 0)
        #expect(log.replicas[other]?.occupancy == Occupancy(busy: 1, waiting: 3))
        let second = log.second(0, of: "users")
        #expect(second.occupancy == Occupancy(busy: 2, waiting: 3) && second.value(of: .limitValue) == 8)
    }
}
