/// What is known of an endpoint.
package struct EndpointCondition {
    /// What can be expected of it.
    package enum Readiness {
        /// Nothing is connected, and nothing stands against trying.
        case idle
        /// The first connection is being made.
        case connecting
        /// There is a connection that takes calls.
        case ready
        /// The last attempt has just failed.
        case backoff
    }

    package var readiness: Readiness
    /// Whether it is to get no calls for a while, because it answered badly.
    package var isEjected: Bool

    package init(readiness: Readiness, isEjected: Bool) {
        self.readiness = readiness
        self.isEjected = isEjected
    }
}

/// Which of a client's endpoints calls may go to. A pure value.
package struct Eligibility {
    /// In the order of the endpoints.
    package let positions: [Int]
    /// Whether they are ejected ones, since no other is connected.
    package let isMakingDo: Bool

    /// - Parameter panicThreshold: the share of endpoints ejected or out of reach above which ejected ones are used all the same, since
    ///   answers that may fail are better than to crowd those that are left (Envoy's panic threshold); nil where none is ejected.
    package init(_ endpoints: [EndpointCondition], panicThreshold: Double?) {
        let ready = endpoints.indices.filter { endpoints[$0].readiness == .ready }
        let healthy = ready.filter { !endpoints[$0].isEjected }
        // A connection that is still being made may never be: until it is, one to an ejected endpoint is better than none.
        isMakingDo = healthy.isEmpty && !ready.isEmpty
        let away = endpoints.count { $0.isEjected || $0.readiness == .backoff }
        let isPanicking = panicThreshold.map { Double(away) > $0 * Double(endpoints.count) } ?? false
        positions = isMakingDo || isPanicking ? ready : healthy
    }
}
