import HoldfastRPC
import SayEcho
import SwiftProtobuf

/// Streams for measuring: as many messages as asked for, and one that stays open.
struct StreamService: RPCService {
    /// Answers with as many messages as the request's `name` says, each with the request's `msg` as its body.
    static let count = RPCMethod<Grpconepb_Say, Grpconepb_Response>(
        service: "benchmark.Stream", name: "Count", kind: .serverStreaming)
    /// Answers each request with an empty message.
    static let talk = RPCMethod<Grpconepb_Say, Grpconepb_Response>(
        service: "benchmark.Stream", name: "Talk", kind: .bidirectional)

    func register(on router: inout RPCRouter) {
        router.serverStreaming(Self.count) { request, responses, _ in
            let response = Grpconepb_Response.with { $0.body = request.msg }
            for _ in 0..<(Int(request.name) ?? 0) { try await responses.write(response) }
        }
        router.bidirectional(Self.talk) { requests, responses, _ in
            for try await _ in requests { try await responses.write(Grpconepb_Response()) }
        }
    }
}
