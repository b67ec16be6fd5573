/// Draws the endpoint of a call. A pure value: what it must know of the endpoints it asks for, what chance there is it is given.
///
/// Endpoints are positions `0..<count`, all of them connected. One may be passed over (`isAllowed`): the call has been there already, or
/// its circuit breaker refuses. One that returns has a weight below 1 for a while (``SlowStart``).
package protocol Balancer {
    /// The position of the endpoint to take; nil when none is allowed.
    mutating func pick(_ endpoints: some BalancedEndpoints, random: UInt64) -> Int?
}

/// What a balancer sees.
package protocol BalancedEndpoints {
    /// How many there are.
    var count: Int { get }
    /// Whether the call may go there.
    func isAllowed(_ position: Int) -> Bool
    /// How many calls are under way there.
    func running(_ position: Int) -> Int
    /// Its share of what it would get in full health, above 0, at most 1.
    func weight(_ position: Int) -> Double
}

/// The balancer of a client. An enumeration inside, so that a pick is a plain call.
package struct ChosenBalancer: Balancer {
    private enum Choice {
        case pickFirst(PickFirst)
        case roundRobin(RoundRobin)
        case leastRequest(LeastRequest)
    }

    private var choice: Choice

    package init(_ policy: LoadBalancing) {
        choice =
            switch policy.kind {
            case .pickFirst: .pickFirst(PickFirst())
            case .roundRobin: .roundRobin(RoundRobin())
            case .leastRequest: .leastRequest(LeastRequest())
            }
    }

    package mutating func pick(_ endpoints: some BalancedEndpoints, random: UInt64) -> Int? {
        switch choice {
        case .pickFirst(let balancer): return balancer.pick(endpoints, random: random)
        case .leastRequest(let balancer): return balancer.pick(endpoints, random: random)
        case .roundRobin(var balancer):
            let position = balancer.pick(endpoints, random: random)
            choice = .roundRobin(balancer)
            return position
        }
    }
}
