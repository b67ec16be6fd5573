package import Holdfast
package import HoldfastRPC

/// Loses calls with one message in each direction: half of them on the way there, so that nothing is done, and half on the way back, so
/// that all is done and nobody hears of it.
package struct Losses: Sendable {
    private let share: Double
    private let random: RandomSource

    /// - Parameters:
    ///   - share: how many are lost, 0 to 1.
    ///   - random: which.
    package init(share: Double, random: RandomSource) {
        self.share = share
        self.random = random
    }

    /// Stands around the handlers of a server.
    package var interceptor: ServerInterceptor {
        { [share, random] call, next in
            guard call.method.kind == .unary else { return try await next() }
            let draw = random.uniform()
            if draw < share / 2 { throw RPCError(.unavailable, "lost on the way there") }
            try await next()
            if draw < share { throw RPCError(.unavailable, "lost on the way back") }
        }
    }
}
