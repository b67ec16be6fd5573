import Holdfast
import Testing

@testable import HoldfastRPC

@Suite("What the server makes of a client of ill will")
struct HostileClientTests {
    @Test(
        "Each is ended as it should, and nobody else is harmed",
        arguments: HostileClient.connections + HostileClient.headerBlocks + HostileClient.requests + HostileClient.messages
            + HostileClient.floods)
    func end(_ row: HostileClient) async throws {
        // A flood that a busy machine takes in slowly would be none.
        var configuration = RPCServer.Configuration()
        configuration.limits.resets.perSecond = 0
        configuration.limits.noise.perSecond = 0
        try await withServer(configuration: configuration) { client, server, _ in
            // Another client has a stream open all the while.
            try await client.bidirectional(FourKinds.bidirectional) { requests, responses in
                try await requests.write("before")
                let before = try await responses.next()
                #expect(before == "BEFORE")
                let outcome = try await blocking { try row.attack(port: server.port) }
                check(outcome, row)
                try await requests.write("after")
                let after = try await responses.next()
                #expect(after == "AFTER")
            }
        }
    }

    private func check(_ outcome: HostileClient.Outcome, _ row: HostileClient) {
        let answer = outcome.victim.trailers ?? outcome.victim.head
        switch row.end {
        case .closed(let code):
            #expect(outcome.isClosed)
            // What was still on its way when the connection was closed may have taken the GOAWAY frame with it.
            if let code, let said = outcome.log.goAway { #expect(HTTP2ErrorCode(rawValue: said) == code) }
            return
        case .ignored: break
        case .reset(let code): #expect(outcome.log.resets[1].map { HTTP2ErrorCode(rawValue: $0) } == code)
        case .http(let status): #expect(answer.httpStatus == status)
        case .status(let code, let message):
            #expect(answer.grpcStatus == code.rawValue)
            #expect(answer.grpcMessage.hasPrefix(message), "\(answer.grpcMessage)")
        }
        #expect(!outcome.isClosed)
        #expect((outcome.probe.trailers ?? outcome.probe.head).grpcStatus == 0, "the next call on the connection")
    }

    @Test("A client that goes away in the middle of a call cancels its handler")
    func vanish() async throws {
        try await withServer { _, server, log in
            try await blocking {
                let socket = try LoopbackSocket.connect(port: server.port)
                socket.send(RawFrames.preface + RawFrames.settings + RawFrames.headers(HostileClient.request))
                socket.send(RawFrames.data(RawFrames.message([10, 5] + Array("sleep".utf8)), ends: true))
                _ = socket.receive()
            }
            await log.handlerCancelled()
        }
    }
}
