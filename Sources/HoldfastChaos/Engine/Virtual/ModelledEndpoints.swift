import Holdfast
import HoldfastRPC

/// What a client in virtual time knows of the replicas of a service, and which of them gets a call next: what a real client's pool of
/// endpoints decides, by the same balancer and the same outlier detection.
///
/// A connection ends with its replica, at the same moment, and is there again as soon as the replica is; a replica that is frozen keeps it.
final class ModelledEndpoints: Sendable {
    fileprivate struct State {
        var balancer: ChosenBalancer
        var outliers: OutlierDetector?
        /// When the outlier detection's interval ends; nil while there is nothing to look at.
        var intervalEnd: Instant?
        /// In which of its lives each replica was connected to; nil where it was not.
        var connected: [Int?]
        /// The calls under way at each.
        var running: [Int]
    }

    let replicas: [ModelledService]
    private let configuration: RPCClient.Configuration
    private let timeSource: TimeSource
    private let random: RandomSource
    private let state: Locked<State>

    init(_ replicas: [ModelledService], _ configuration: RPCClient.Configuration, _ timeSource: TimeSource, _ random: RandomSource) {
        self.replicas = replicas
        self.configuration = configuration
        self.timeSource = timeSource
        self.random = random
        var outliers = configuration.outlierDetection.map { OutlierDetector($0) }
        for position in replicas.indices { outliers?.add(position) }
        state = Locked(
            State(
                balancer: ChosenBalancer(configuration.loadBalancing), outliers: outliers, connected: replicas.map { _ in nil },
                running: replicas.map { _ in 0 }))
    }

    /// The replica for a call; where none is up, the first, which refuses it.
    /// - Parameter attempts: what the call has tried; a replica that it has not tried is preferred.
    func choose(_ attempts: AttemptCounter?) -> Int {
        guard replicas.count > 1 else { return 0 }
        let lives = replicas.map(\.currentLife)
        let now = timeSource.now()
        let draw = random.next()
        let position = state.withLock { state in
            state.advance(to: now, configuration.outlierDetection)
            let positions = state.eligible(lives, configuration)
            var view = View(positions: positions, running: state.running, tried: attempts?.tried ?? EndpointIDs())
            var choice = state.balancer.pick(view, random: draw)
            if choice == nil {
                view.tried = EndpointIDs()
                choice = state.balancer.pick(view, random: draw)
            }
            let position = choice.map { positions[$0] } ?? 0
            state.running[position] += 1
            return position
        }
        attempts?.tries(position)
        return position
    }

    /// A call has ended at its replica.
    /// - Parameter outcome: nil when it says nothing about the replica.
    func release(_ position: Int, _ outcome: Result<Void, any Error>?) {
        guard replicas.count > 1 else { return }
        let now = timeSource.now()
        state.withLock { state in
            state.running[position] -= 1
            guard let rules = configuration.outlierDetection, let failed = outcome.flatMap(OutlierDetector.isFailure) else { return }
            state.advance(to: now, rules)
            if state.intervalEnd == nil { state.intervalEnd = now + rules.interval }
            _ = state.outliers?.record(position, failed: failed, now: now)
        }
    }

    /// The replicas that may get the call, as its balancer sees them.
    private struct View: BalancedEndpoints {
        let positions: [Int]
        let running: [Int]
        var tried: EndpointIDs

        var count: Int { positions.count }
        func isAllowed(_ position: Int) -> Bool { !tried.contains(positions[position]) }
        func running(_ position: Int) -> Int { running[positions[position]] }
        func weight(_ position: Int) -> Double { 1 }
    }
}

extension ModelledEndpoints.State {
    /// Does what the outlier detection would have done by itself until now. Without timers: nothing else asks what it finds.
    fileprivate mutating func advance(to now: Instant, _ rules: OutlierDetection?) {
        guard let rules else { return }
        while let end = intervalEnd, end <= now {
            outliers?.takeReturning(now: end)
            outliers?.intervalEnded(now: end)
            intervalEnd = outliers?.isAtRest == false ? end + rules.interval : nil
        }
        outliers?.takeReturning(now: now)
    }

    /// The positions that may get a call, once what must be connected for it is.
    /// - Parameter lives: of the replicas, nil for those that are down.
    fileprivate mutating func eligible(_ lives: [Int?], _ configuration: RPCClient.Configuration) -> [Int] {
        for position in lives.indices where connected[position] != lives[position] { connected[position] = nil }
        if configuration.loadBalancing != .pickFirst { connected = lives }
        while true {
            let conditions = lives.indices.map { position in
                EndpointCondition(
                    readiness: connected[position] != nil ? .ready : lives[position] == nil ? .backoff : .idle,
                    isEjected: outliers?.isEjected(position) ?? false)
            }
            let eligibility = Eligibility(conditions, panicThreshold: outliers == nil ? nil : configuration.panicThreshold)
            guard eligibility.positions.isEmpty || eligibility.isMakingDo,
                let next = lives.indices.first(where: { lives[$0] != nil && connected[$0] == nil })
            else { return eligibility.positions }
            connected[next] = lives[next]
        }
    }
}
