/// An endpoint that calls may go to.
struct Candidate {
    let subchannel: Subchannel
    var weight = 1.0
}

/// The candidates as a balancer sees them for one call.
struct CandidateView: BalancedEndpoints {
    let candidates: [Candidate]
    /// Where the call has been.
    var tried = EndpointIDs()
    /// Whose circuit breakers refuse it.
    var refused = EndpointIDs()

    var count: Int { candidates.count }

    func isAllowed(_ position: Int) -> Bool {
        let id = candidates[position].subchannel.id
        return !tried.contains(id) && !refused.contains(id)
    }

    func running(_ position: Int) -> Int { candidates[position].subchannel.running }

    func weight(_ position: Int) -> Double { candidates[position].weight }
}
