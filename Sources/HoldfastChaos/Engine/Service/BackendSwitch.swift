import Holdfast
package import HoldfastRPC

/// Breaks the service of this process, and mends it: what the button of a demonstration does.
///
/// While it is broken, the fault `rpc.error` answers every call with UNAVAILABLE, and a stream that was under way ends so at its next message.
package final class BackendSwitch: Sendable {
    private static let failure = RPCError(.unavailable, "the backend is broken")

    private let control = ServiceControl(ServiceControl.Setup(ServiceModel(), seed: 0), methods: [])
    private let broken = Locked(false)

    /// Makes a switch; the service works.
    package init() {}

    /// Whether the service is broken.
    package var isBroken: Bool { broken.withLock { $0 } }

    /// To be put around every handler.
    package var interceptors: [ServerInterceptor] {
        let endStreams: ServerInterceptor = { [self] call, next in
            call.tampering = ServerTampering { [self] message in
                if isBroken { throw Self.failure }
                return .replaced(message)
            }
            try await next()
        }
        return [endStreams] + control.interceptors
    }

    /// Breaks the service or mends it; changes nothing if that is done already.
    package func turn(isBroken: Bool) {
        var plan = FaultPlan(seed: 0)
        if isBroken {
            plan.entries = [
                FaultPlan.Entry(
                    id: "broken", drawKey: "broken", per: .attempt, rule: .all,
                    effect: .error(code: Self.failure.code.rawValue, message: Self.failure.message, when: .trailersOnly))
            ]
        }
        broken.withLock { broken in
            control.install(plan)
            broken = isBroken
        }
    }
}
