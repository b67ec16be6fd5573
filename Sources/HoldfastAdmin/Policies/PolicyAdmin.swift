import Holdfast
import HoldfastPolicyFiles
import NIOHTTP1

/// The operator's hand: a page and an API that show the policies of a program and take them in hand.
///
/// ```swift
/// let admin = try await PolicyAdmin.start(
///     port: 8002, service: "say", token: .random(), showing: [.registry(registry), .client(client)])
/// ...
/// await admin.close()
/// ```
///
/// | request | what for |
/// |---|---|
/// | `GET /` | the page: every breaker, limiter, level and policy version; it keeps itself up to date |
/// | `GET /v1/policies` | the same as JSON |
/// | `POST /v1/control` | `{"kind":"breaker","name":"say","action":"isolate"}`; answers with the policy as it is afterwards |
///
/// | kind | actions |
/// |---|---|
/// | `breaker` | `isolate`, `disable`, `observe`, `release`, `trip`, `probe`, `reset` |
/// | `shed` | `hold` with a `level` (`none`, `sheddable`, `sheddablePlus`, `critical`, `criticalPlus`), `release` |
/// | `limiter` | `reset`, of an adaptive limiter |
/// | `chaos` | `enable`, `disable` |
///
/// The name is the policy's own (`say/circuitBreaker`), or that of its pipeline where this has only one of the kind (`say`); `source`
/// tells apart what several sources call the same.
///
/// Whoever reaches the address may read; whoever sends the token (`Authorization: Bearer TOKEN`) may change. Without TLS, both can be
/// read on the way: the address is loopback unless told otherwise. Requests are answered only when they call the address by an
/// IP address, `localhost` or a name that was allowed, and pages of others are refused, so that no page in an operator's browser gets at it.
/// Requests are bounded, and clients that are slow are hung up on.
public final class PolicyAdmin: Sendable {
    private let server: AdminServer

    /// The address that it listens on, `127.0.0.1:8002`.
    public var address: String { server.address.text }
    /// The port that it listens on.
    public var port: Int { server.address.port }

    private init(_ server: AdminServer) {
        self.server = server
    }

    /// Begins to serve.
    /// - Parameters:
    ///   - host: the address to listen on; one that other machines reach needs a network that is trusted, or a proxy with TLS before it.
    ///   - port: 0 picks a free one.
    ///   - service: what the page calls the program.
    ///   - token: what changes need.
    ///   - sources: the policies; their names differ.
    ///   - hostNames: names by which the address may be called, such as a container's.
    /// - Throws: ``AdminFailure`` when the address cannot be listened on.
    public static func start(
        host: String = "127.0.0.1", port: Int, service: String, token: AdminToken, showing sources: [PolicySource],
        hostNames: [String] = []
    ) async throws(AdminFailure) -> PolicyAdmin {
        let listen: TCPAddress
        do {
            listen = try TCPAddress(host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)")
        } catch {
            throw AdminFailure("cannot listen on \(host), port \(port): \(error)")
        }
        let routes = PolicyRoutes(
            service: service, sources: sources,
            entry: AdminGuard(token: token, hostNames: Set(hostNames.map { $0.lowercased() })))
        return PolicyAdmin(try await AdminServer.start(listen: listen) { await routes.answer($0) })
    }

    /// Serves no more.
    public func close() async {
        await server.close()
    }
}

/// What a ``PolicyAdmin`` answers.
private struct PolicyRoutes: Sendable {
    let service: String
    let sources: [PolicySource]
    let entry: AdminGuard

    func answer(_ request: AdminRequest) async -> AdminAnswer {
        if let refusal = entry.refusal(of: request.head) { return refusal }
        let method = request.head.method
        let isReading = method == .GET || method == .HEAD
        switch request.path {
        case []: return isReading ? AdminPage.answer(service: service) : .refusal(of: method, allowed: "GET")
        case ["v1", "policies"]:
            return isReading
                ? AdminAnswer(.ok, PolicyInventory(sources).json(service: service)) : .refusal(of: method, allowed: "GET")
        case ["v1", "control"]: return method == .POST ? await control(request.body) : .refusal(of: method, allowed: "POST")
        default: return .refusal(.notFound, "there is nothing here; there is /, /v1/policies and /v1/control")
        }
    }

    private func control(_ body: [UInt8]) async -> AdminAnswer {
        let command: PolicyCommand
        do throws(DocumentError) {
            command = try PolicyCommand.read(body)
        } catch {
            return .refusal(.badRequest, "\(error)")
        }
        do throws(PolicyCommand.Refusal) {
            return AdminAnswer(.ok, try await command.run(on: PolicyInventory(sources)))
        } catch {
            switch error {
            case .unknown(let message): return .refusal(.notFound, message)
            case .ambiguous(let message): return .refusal(.conflict, message)
            }
        }
    }
}
