#if TLS
import Holdfast
import NIOCore
import NIOPosix
import NIOSSL
import Testing

@testable import HoldfastRPC

@Suite("TLS that comes to nothing is one clear error on both sides")
struct TLSFailureTests {
    private let files: TestCertificates

    init() throws {
        files = try TestCertificates.shared.get()
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var server = "server"
        var requiresClient = false
        var clientRoots = "ca"
        var client: String?
        var host = "127.0.0.1"
        let message: String
        /// What the server says of it; nil when it cannot tell, since for it the handshake went well.
        let report: String?
        var testDescription: String { name }
    }

    private static let cases: [Case] = [
        Case(
            name: "an authority unknown to the client", clientRoots: "other-ca",
            message: "the server's certificate (server) was signed by an authority (Test ca) that this client does not trust",
            report: "the client does not trust the authority that signed this server's certificate"),
        Case(
            name: "a certificate for another name", server: "elsewhere", host: "localhost",
            message: "the server's certificate is for another name: it bears elsewhere.test, 10.1.2.3",
            report: nil),
        Case(
            name: "a certificate for another address", server: "elsewhere",
            message: "the server's certificate is for another name: it bears elsewhere.test, 10.1.2.3",
            report: nil),
        Case(
            name: "an expired certificate", server: "expired",
            message: "the server's certificate (expired) has expired, on 2020-02-01",
            report: "the client refuses this server's certificate, since it is not valid now"),
        Case(
            name: "a certificate of the future", server: "future",
            message: "the server's certificate (future) is not valid yet, but from 2098-01-01 on",
            report: "the client refuses this server's certificate, since it is not valid now"),
        Case(
            name: "no client certificate", requiresClient: true,
            message: "the server requires a certificate of the client, and none was given",
            report: "the client gave no certificate, and this server requires one"),
        Case(
            name: "a client certificate of an authority unknown to the server", requiresClient: true, client: "stranger",
            message: "the server does not trust the authority that signed this client's certificate",
            report:
                "the client's certificate (stranger) was signed by an authority (Test other-ca) that this server does not trust"),
        Case(
            name: "an expired client certificate", requiresClient: true, client: "expired",
            message: "the server refuses this client's certificate, since it is not valid now",
            report: "the client's certificate (expired) has expired, on 2020-02-01"),
    ]

    @Test("Each reason has its words", arguments: cases)
    func handshake(_ test: Case) async throws {
        let (reports, continuation) = AsyncStream<String>.makeStream()
        var options = RPCServer.TLSOptions(
            identity: files.identity(test.server), clientVerification: test.requiresClient ? .required(files.roots()) : .none)
        options.onHandshakeFailure = { continuation.yield($1) }
        try await withTLSServer(options) { server, _ in
            let security = try RPCClient.TransportSecurity.tls(
                .init(roots: files.roots(test.clientRoots), identity: test.client.map(files.identity)))
            let error = await tryCall(host: test.host, port: server.port, security: security)
            #expect(error?.code == .unavailable && error?.isConnectionError == true)
            #expect(error?.message == "could not connect to \(test.host):\(server.port): \(test.message)")
            guard test.report != nil else { return }
            let report = await reports.first { _ in true }
            #expect(report == test.report)
        }
    }

    @Test("The system does not trust a made-up authority")
    func systemRoots() async throws {
        try await withTLSServer(RPCServer.TLSOptions(identity: files.identity("server"))) { server, _ in
            let error = await tryCall(port: server.port, security: try .tls())
            #expect(error?.message.contains("signed by an authority (Test ca) that this client does not trust") == true)
        }
    }

    @Test("A TLS client at a plaintext server")
    func plaintextServer() async throws {
        let server = try await RPCServer.start(
            host: "127.0.0.1", port: 0, security: .plaintext, services: [FourKindsService()])
        let error = await tryCall(port: server.port, security: try .tls(.init(roots: files.roots())))
        #expect(error?.code == .unavailable && error?.isConnectionError == true)
        #expect(error?.message == "could not connect to 127.0.0.1:\(server.port): the server does not speak TLS")
        await server.shutdown(grace: .zero)
    }

    @Test("A plaintext client at a TLS server")
    func plaintextClient() async throws {
        let (reports, continuation) = AsyncStream<String>.makeStream()
        var options = RPCServer.TLSOptions(identity: files.identity("server"))
        options.onHandshakeFailure = { continuation.yield($1) }
        try await withTLSServer(options) { server, _ in
            let error = await tryCall(port: server.port, security: .plaintext)
            #expect(error?.code == .unavailable && error?.isConnectionError == true)
            #expect(error?.message.hasSuffix("the server expects TLS, and this client speaks plaintext") == true)
            #expect(await reports.first { _ in true } == "the client does not speak TLS")
        }
    }

    @Test("A server without HTTP/2", arguments: [[], ["http/1.1"]])
    func serverWithoutHTTP2(protocols: [String]) async throws {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(files.path("server.pem")).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: files.text("server.key"), format: .pem)))
        configuration.applicationProtocols = protocols
        let context = try NIOSSLContext(configuration: configuration)
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        let error = await tryCall(port: port, security: try .tls(.init(roots: files.roots())))
        #expect(error?.code == .unavailable && error?.isConnectionError == true)
        #expect(error?.message.hasSuffix("the server speaks TLS, but does not offer HTTP/2 in it (ALPN \"h2\")") == true)
        try await server.close()
    }

    @Test(
        "A client without HTTP/2, or with an old TLS",
        arguments: [
            (TLSVersion.tlsv13, "the client speaks TLS, but does not offer HTTP/2 in it (ALPN \"h2\")"),
            (.tlsv12, "the client speaks TLS, but does not offer HTTP/2 in it (ALPN \"h2\")"),
            (.tlsv11, "the client speaks no version of TLS that this server does, which are 1.2 and 1.3"),
        ])
    func otherClient(version: TLSVersion, report: String) async throws {
        let (reports, continuation) = AsyncStream<String>.makeStream()
        var options = RPCServer.TLSOptions(identity: files.identity("server"))
        options.onHandshakeFailure = { continuation.yield($1) }
        try await withTLSServer(options) { server, _ in
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = .tlsv1
            configuration.maximumTLSVersion = version
            configuration.certificateVerification = .none
            let context = try NIOSSLContext(configuration: configuration)
            let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handler = try NIOSSLClientHandler(context: context, serverHostname: "localhost")
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                }
                .connect(host: "127.0.0.1", port: server.port).get()
            #expect(await reports.first { _ in true } == report)
            // The server closes the connection.
            try? await client.closeFuture.get()
        }
    }

    @Test("A client that never begins the handshake does not hold its connection for ever")
    func silentClient() async throws {
        let (reports, continuation) = AsyncStream<String>.makeStream()
        var options = RPCServer.TLSOptions(identity: files.identity("server"))
        options.handshakeTimeout = .milliseconds(50)
        options.onHandshakeFailure = { continuation.yield($1) }
        try await withTLSServer(options) { server, _ in
            let socket = try LoopbackSocket.connect(port: server.port)
            #expect(await reports.first { _ in true } == "the TLS handshake took longer than 0.05 seconds")
            #expect(try await blocking { socket.receive() }.isEmpty)
        }
    }

    @Test("The handshake counts into the time to connect")
    func silentServer() async throws {
        let (listener, port) = try LoopbackSocket.listen()
        var configuration = RPCClient.Configuration()
        configuration.connectTimeout = .milliseconds(50)
        let security = try RPCClient.TransportSecurity.tls(.init(roots: files.roots()))
        let error = await tryCall(port: port, security: security, configuration: configuration)
        #expect(error?.code == .unavailable && error?.isConnectionError == true)
        #expect(error?.message.hasPrefix("could not connect to 127.0.0.1:\(port): ") == true)
        withExtendedLifetime(listener) {}
    }

    @Test("A host that can be no name, or none in TLS")
    func badHost() async throws {
        let security = try RPCClient.TransportSecurity.tls(.init(roots: files.roots()))
        #expect(await tryCall(host: "\u{FC}ber", port: 1, security: security)?.code == .invalidArgument)
        let long = String(repeating: "x", count: 256)
        let error = #expect(throws: ConfigurationError.self) { _ = try RPCClient(host: long, port: 1, security: security) }
        #expect(error?.description == "host: \"\(long.prefix(100))\" is no DNS name of 1 to 255 ASCII characters")
    }
}
#endif
