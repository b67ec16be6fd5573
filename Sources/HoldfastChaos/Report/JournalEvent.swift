/// One line of the journal.
package struct JournalEvent: Sendable, Encodable {
    /// What a line is about; its name is the line's `event`.
    package enum Payload: Sendable {
        /// The run began.
        case run(scenario: String, seed: UInt64, replayCommand: String)
        case variant(name: String)
        case phase(name: String)
        /// Another policy file took the place of the one before.
        case reloaded(policies: String)
        case faultStarted(id: String)
        case faultEnded(id: String, hits: Int)
        /// A fault that was in force was looked for after the run, by calls to what it broke.
        case faultProbed(id: String, isUndone: Bool)
        /// A proxy did something to a connection or to its listener.
        case decision(ProxyDecision)
        /// A fault did something to an attempt at a replica of a service.
        case attemptDecision(AttemptDecision, replica: String)
        case transition(breaker: String, state: BreakerState)
        case second(load: String, SecondResult)
        /// On how many attempts each replica of a service began to work in a second.
        case replicas(service: String, second: Int, worked: [Int])
        case assertion(AssertionResult)
        case verdict(variant: String, VariantVerdict)
        /// Something that went wrong, in a sentence.
        case problem(String)
    }

    /// Seconds from the start of the variant's load.
    package var at: Double
    package var payload: Payload

    package init(at: Double, _ payload: Payload) {
        self.at = at
        self.payload = payload
    }

    private enum Key: String, CodingKey {
        case at, event, scenario, seed, replay, name, fault, hits, isUndone, breaker, state, load, second, assertion, variant, verdict
        case policies, problem, connection, direction, chunk, stream, what, service, worked, call, attempt
    }

    package func encode(to encoder: any Encoder) throws {
        var line = encoder.container(keyedBy: Key.self)
        try line.encode(at, forKey: .at)
        switch payload {
        case .run(let scenario, let seed, let replayCommand):
            try line.encode("run", forKey: .event)
            try line.encode(scenario, forKey: .scenario)
            try line.encode(seed, forKey: .seed)
            try line.encode(replayCommand, forKey: .replay)
        case .variant(let name):
            try line.encode("variant", forKey: .event)
            try line.encode(name, forKey: .name)
        case .phase(let name):
            try line.encode("phase", forKey: .event)
            try line.encode(name, forKey: .name)
        case .reloaded(let policies):
            try line.encode("reloaded", forKey: .event)
            try line.encode(policies, forKey: .policies)
        case .faultStarted(let id):
            try line.encode("faultStarted", forKey: .event)
            try line.encode(id, forKey: .fault)
        case .faultEnded(let id, let hits):
            try line.encode("faultEnded", forKey: .event)
            try line.encode(id, forKey: .fault)
            try line.encode(hits, forKey: .hits)
        case .faultProbed(let id, let isUndone):
            try line.encode("faultProbed", forKey: .event)
            try line.encode(id, forKey: .fault)
            try line.encode(isUndone, forKey: .isUndone)
        case .decision(let decision):
            try line.encode("decision", forKey: .event)
            try line.encode(decision.fault, forKey: .fault)
            try line.encodeIfPresent(decision.connection, forKey: .connection)
            switch decision.part {
            case .chunk(let flow, let number):
                try line.encode(flow, forKey: .direction)
                try line.encode(number, forKey: .chunk)
            case .stream(let number): try line.encode(number, forKey: .stream)
            case nil: break
            }
            try line.encode(decision.what, forKey: .what)
        case .attemptDecision(let decision, let replica):
            try line.encode("decision", forKey: .event)
            try line.encode(decision.fault, forKey: .fault)
            try line.encode(replica, forKey: .service)
            try line.encode(decision.load, forKey: .load)
            try line.encode(decision.call, forKey: .call)
            try line.encode(decision.attempt, forKey: .attempt)
            try line.encode(decision.what, forKey: .what)
        case .transition(let breaker, let state):
            try line.encode("transition", forKey: .event)
            try line.encode(breaker, forKey: .breaker)
            try line.encode(state, forKey: .state)
        case .second(let load, let second):
            try line.encode("second", forKey: .event)
            try line.encode(load, forKey: .load)
            try line.encode(second, forKey: .second)
        case .replicas(let service, let second, let worked):
            try line.encode("replicas", forKey: .event)
            try line.encode(service, forKey: .service)
            try line.encode(second, forKey: .second)
            try line.encode(worked, forKey: .worked)
        case .assertion(let result):
            try line.encode("assertion", forKey: .event)
            try line.encode(result, forKey: .assertion)
        case .verdict(let variant, let verdict):
            try line.encode("verdict", forKey: .event)
            try line.encode(variant, forKey: .variant)
            try line.encode(verdict, forKey: .verdict)
        case .problem(let sentence):
            try line.encode("problem", forKey: .event)
            try line.encode(sentence, forKey: .problem)
        }
    }
}
