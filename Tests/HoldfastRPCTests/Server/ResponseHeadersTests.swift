import Holdfast
import NIOCore
import NIOPosix
import Testing

@testable import HoldfastRPC

@Suite("The headers in front of a stream of responses")
struct ResponseHeadersTests {
    @Test("Every message brings those of the first: of several writers any may be the first whose message is handed over")
    func everyMessage() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let sent = Locked<[Metadata]>([])
        let commands = SubmissionQueue<ServerCommand>(eventLoop: loop) { batch in
            for case .send(_, _, let metadata) in batch { sent.withLock { $0.append(metadata) } }
        }
        let responder = ServerResponder()
        let call = ServerCall(
            route: ServerRoute(method: AnyRPCMethod(FourKinds.serverStreaming)) { _, _ in }, metadata: [:], deadline: nil,
            peer: ServerPeer(nil), compression: .gzip,
            acceptsGzip: true, responder: responder)
        call.responseMetadata = ["who": "first"]
        responder.prepare(call, limits: SessionLimits(), commands: commands)
        try await responder.send([1], mayCompress: true)
        // Too late.
        call.responseMetadata = ["who": "second"]
        call.responseCompression = .identity
        try await responder.send([2], mayCompress: true)
        try await loop.submit {}.get()
        let headers = sent.withLock { $0 }
        #expect(headers.map { $0["who"] } == ["first", "first"])
        #expect(headers.map { $0["grpc-encoding"] } == ["gzip", "gzip"])
    }
}
