import Holdfast
import HoldfastAdmin
import HoldfastChaos
import HoldfastGateway
import HoldfastPolicyFiles
import HoldfastRPC
import NIOHTTP1
import SayEcho

/// The page of `serve echo --demo`, and what it asks of the gateway that it comes from.
///
/// It answers to this machine's own names and to its own page only: no page in the same browser gets at the switch.
struct EchoDemo: Sendable {
    /// The route of what the page asks twice a second, which is not worth a line of the log each time.
    static let stateRoute = "DemoState"

    private static let echoRoute = "/holdfast.Gateway/Echo"
    private static let entry = AdminGuard(token: nil)

    let backend: BackendSwitch
    /// Around the gateway's calls; nil for none.
    let policies: PolicyRegistry?
    /// In front of its routes; nil for none.
    let limits: PolicyRegistry?

    var routes: [GatewayRoute] {
        [
            GatewayRoute("DemoPage", .get, "/") { request, _ in Self.entry.refusal(of: request.head) ?? DemoPage.answer },
            GatewayRoute(Self.stateRoute, .get, "/v1/demo") { request, client in
                Self.entry.refusal(of: request.head) ?? AdminAnswer(.ok, state(for: client))
            },
            GatewayRoute("DemoSwitch", .post, "/v1/demo") { request, client in
                Self.entry.refusal(of: request.head) ?? turn(request.body, client)
            },
        ]
    }

    /// Does what `{"backend":"broken"}` or `"working"` says.
    private func turn(_ body: [UInt8], _ client: String) -> AdminAnswer {
        do throws(DocumentError) {
            let isBroken = try DocumentReader.read(file: "request", bytes: body) { root -> Bool? in
                guard let object = root.object("backend") else { return nil }
                let isBroken = object.required("backend")?.oneOf(["working": false, "broken": true])
                object.finish()
                return isBroken
            }
            backend.turn(isBroken: isBroken)
            return AdminAnswer(.ok, state(for: client))
        } catch {
            return .refusal(.badRequest, "\(error)")
        }
    }

    /// How the backend is, and what stands between it and the client: each policy as the debug page has it.
    private func state(for client: String) -> JSONText {
        let front = limits?.policy(for: Self.echoRoute)?.pipeline.stages.map(\.policy) ?? []
        let calls = policies?.policy(for: SayEchoMethods.echo.path)?.pipeline.stages.map(\.policy) ?? []
        let attributes = CallAttributes(method: Self.echoRoute, peer: client)
        let quotas = front.compactMap { $0 as? RateLimiter }.map { limiter in
            JSONText.object([
                ("name", .string(limiter.name)), ("isOwn", .bool(limiter.configuration.key != .none)),
                ("limit", .integer(limiter.configuration.algorithm.capacity)), ("available", .integer(limiter.available(for: attributes))),
            ])
        }
        return .object([
            ("backend", .string(backend.isBroken ? "broken" : "working")), ("limits", .array(front.map(\.stateJSON))),
            ("calls", .array(calls.map(\.stateJSON))), ("quotas", .array(quotas)),
        ])
    }
}
