import Holdfast
import HoldfastVirtualTime

extension GateConformance {
    /// Ways to end that leave every gate as it was.
    static let neutral: [Completion] = [.succeeded, .superseded, .judged(.cancelled), .failed(CancellationError())]

    func settlesInAnyOrder() throws {
        var random = RandomSource(seed: seed)
        for order in ["first in, first out", "last in, first out", "a random order"] {
            let probe = try probe(.settlesInAnyOrder)
            for _ in 0..<10 {
                var tickets = try probe.fill(after: "settling in \(order)")
                switch order {
                case "last in, first out": tickets.reverse()
                case "a random order": tickets.shuffle(using: &random)
                default: break
                }
                probe.settle(tickets)
                probe.recover()
            }
        }
    }

    func capacityReturns() throws {
        let telling: [Completion] = [
            .failed(TestError(.unavailable)), .failed(TestError(.resourceExhausted, retryAfter: .seconds(1))),
            .failed(TestError(.notFound)), .failed(TimeoutError(policy: nil, scope: .attempt, after: .seconds(1))),
            .judged(.success), .judged(.failure), .judged(.ignored),
        ]
        let isLimited = try probe(.capacityReturns).isLimited
        // A gate without limit is one that judges, and may refuse after what tells it something.
        for completion in isLimited ? Self.neutral + telling : Self.neutral {
            let probe = try probe(.capacityReturns)
            for _ in 0..<10 {
                probe.settle(try probe.fill(after: "attempts that ended as \(completion)"), completion)
                probe.recover()
            }
            try probe.fill(after: "attempts that ended as \(completion)")
        }
    }

    func droppedPermitReturns() throws {
        let probe = try probe(.droppedPermitReturns)
        for _ in 0..<10 {
            for ticket in try probe.fill(after: "dropping permits") {
                _ = Permit(gate: probe.gate, ticket: ticket)
            }
            probe.recover()
            for ticket in try probe.fill(after: "dropping permits") {
                Permit(gate: probe.gate, ticket: ticket).settle(.succeeded)
            }
            probe.recover()
        }
        try probe.fill(after: "dropping and settling permits")
    }
}
