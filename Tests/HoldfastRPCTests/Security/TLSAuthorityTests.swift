#if TLS
import Foundation
import Holdfast
import NIOCore
import NIOPosix
import Testing

@testable import HoldfastRPC

@Suite("What a client over TLS calls its server")
struct TLSAuthorityTests {
    private let files: TestCertificates

    init() throws {
        files = try TestCertificates.shared.get()
    }

    /// Runs `body` with a path in a folder of its own.
    private func withPath(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "hf-\(UInt32.random(in: 0...(.max)))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.appending(path: "s").path())
    }

    @Test("TLS goes over a Unix domain socket too, where the server is localhost")
    func unixSocket() async throws {
        try await withPath { path in
            let identity = RPCServer.TLSOptions(identity: files.identity("server"))
            let server = try await RPCServer.start(unixSocket: path, security: .tls(identity), services: [FourKindsService()])
            let client = try RPCClient(unixSocket: path, security: try .tls(.init(roots: files.roots())))
            #expect(try await client.unary(FourKinds.unary, "x").message == "X")
            await client.shutdown()
            await server.shutdown(grace: .zero)
        }
    }

    @Test("The certificate must bear the authority, if that was set", arguments: ["elsewhere.test", "elsewhere.test:443"])
    func authority(name: String) async throws {
        try await withTLSServer(RPCServer.TLSOptions(identity: files.identity("elsewhere"))) { server, _ in
            let security = try RPCClient.TransportSecurity.tls(.init(roots: files.roots()))
            #expect(await tryCall(port: server.port, security: security)?.code == .unavailable)
            var configuration = RPCClient.Configuration()
            configuration.authority = name
            #expect(await tryCall(port: server.port, security: security, configuration: configuration) == nil)
        }
    }

    @Test("Requests over TLS say https, on a Unix domain socket too")
    func scheme() async throws {
        try await withPath { path in
            let security = try RPCServer.TransportSecurity.tls(.init(identity: files.identity("server")))
            let block = AsyncValue<[UInt8]>()
            let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try security.addHandlers(to: channel)
                        try channel.pipeline.syncOperations.addHandler(FirstHeaders(block))
                    }
                }
                .bind(unixDomainSocketPath: path).get()
            let client = try RPCClient(unixSocket: path, security: try .tls(.init(roots: files.roots())))
            let call = Task { try await client.unary(FourKinds.unary, "x") }
            // In HPACK's static table 3 is `:method: POST`, and 7 is `:scheme: https`.
            #expect(try await block.value().prefix(2) == [0x83, 0x87])
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
            await client.shutdown()
            try await listener.close()
        }
    }

    /// A server that gives the first header block of a connection to whoever waits for it, and answers nothing.
    private final class FirstHeaders: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let block: AsyncValue<[UInt8]>
        private var received: [UInt8] = []

        init(_ block: AsyncValue<[UInt8]>) {
            self.block = block
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if received.isEmpty { context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: RawFrames.settings)), promise: nil) }
            received += Array(unwrapInboundIn(data).readableBytesView)
            var rest = received.dropFirst(RawFrames.preface.count)
            while rest.count >= 9 {
                let head = Array(rest.prefix(9))
                let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
                guard rest.count >= 9 + length else { return }
                if head[3] == 1 { return block.finish(.success(Array(rest.dropFirst(9).prefix(length)))) }
                rest = rest.dropFirst(9 + length)
            }
        }
    }
}
#endif
