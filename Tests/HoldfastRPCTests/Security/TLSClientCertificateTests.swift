#if TLS
import Holdfast
import Testing

@testable import HoldfastRPC

@Suite("What a server knows of its clients' certificates")
struct TLSClientCertificateTests {
    private let files: TestCertificates

    init() throws {
        files = try TestCertificates.shared.get()
    }

    /// A server that notes the certificate of each call, and a client that shows `identity`.
    private func withServer(
        _ verification: ClientVerification, interceptors: [ServerInterceptor] = [],
        _ body: (_ call: (_ identity: TLSIdentity?) async throws -> RPCError?, _ seen: borrowing Locked<[PeerCertificate?]>) async throws ->
            Void
    ) async throws {
        let seen = Locked<[PeerCertificate?]>([])
        let noting: ServerInterceptor = { call, next in
            seen.withLock { $0.append(call.clientCertificate) }
            try await next()
        }
        let options = RPCServer.TLSOptions(identity: files.identity("server"), clientVerification: verification)
        let server = try await RPCServer.start(
            host: "127.0.0.1", port: 0, security: .tls(options), services: [FourKindsService()], interceptors: [noting] + interceptors)
        do {
            try await body(
                { identity in
                    try await tryCall(port: server.port, security: .tls(.init(roots: files.roots(), identity: identity)))
                }, seen)
        } catch {
            await server.shutdown(grace: .zero)
            throw error
        }
        await server.shutdown(grace: .zero)
    }

    @Test("A handler learns the names in the certificate that its client has proved to own")
    func names() async throws {
        try await withServer(.required(files.roots())) { call, seen in
            let failure = try await call(files.identity("client"))
            #expect(failure == nil)
            let certificate = try #require(seen.withLock { $0 }.first ?? nil)
            #expect(certificate.commonName == "client" && certificate.description == "client")
            #expect(certificate.dnsNames == ["client.test"])
            #expect(certificate.uris == ["spiffe://test/client"])
            #expect(certificate.emailAddresses == ["client@test"])
            #expect(certificate.derBytes.starts(with: [0x30]))
        }
    }

    @Test("There is none of a client that showed none, and of one that was not asked", arguments: [true, false])
    func none(isAsked: Bool) async throws {
        try await withServer(isAsked ? .optional(files.roots()) : .none) { call, seen in
            let failure = try await call(isAsked ? nil : files.identity("client"))
            #expect(failure == nil && seen.withLock { $0 } == [nil])
        }
    }

    @Test("A quota may be kept for each client by its certificate, not its address")
    func quota() async throws {
        let quota = RateLimiter("quota", try .init(.tokenBucket(permits: 1, per: .seconds(3_600), burst: 1), key: .peer))
        let policies = try ServerPolicies(RouteTable(rest: RoutePolicy(name: "all", pipeline: Pipeline("all", [.gate(quota)])))) {
            $0.clientCertificate?.commonName ?? $0.peerHost
        }
        try await withServer(.required(files.roots()), interceptors: [policies.interceptor]) { call, _ in
            var codes: [StatusCode?] = []
            for name in ["client", "client-2", "client", "client-2"] { codes.append(try await call(files.identity(name))?.code) }
            #expect(codes == [nil, nil, .resourceExhausted, .resourceExhausted])
        }
    }
}
#endif
