import Foundation
import Holdfast
import SwiftProtobuf
import Testing

@testable import HoldfastRPC

@Suite("Flow control")
struct FlowControlTests {
    @Test(
        "Windows outside their range are refused",
        arguments: [
            (1_023, 65_535, "streamWindow: 1023 is outside 1024...2147483647"),
            (Int(Int32.max) + 1, 65_535, "streamWindow: 2147483648 is outside 1024...2147483647"),
            (65_536, 65_534, "connectionWindow: 65534 is outside 65535...2147483647"),
            (65_536, .max, "connectionWindow: 9223372036854775807 is outside 65535...2147483647"),
        ])
    func range(stream: Int, connection: Int, error: String) {
        let refused = #expect(throws: ConfigurationError.self) {
            try FlowControl(streamWindow: stream, connectionWindow: connection)
        }
        #expect(refused?.description == error)
    }

    private static func small() throws -> FlowControl {
        try FlowControl(streamWindow: 65_536, connectionWindow: 65_536)
    }

    private static func withSmallWindows(_ body: (RPCClient, ServiceLog) async throws -> Void) async throws {
        var server = RPCServer.Configuration()
        server.flowControl = try small()
        try await withServer(configuration: server) { _, server, log in
            var configuration = RPCClient.Configuration()
            configuration.flowControl = try small()
            let client = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext, configuration: configuration)
            try await body(client, log)
            await client.shutdown()
        }
    }

    @Test("A message of 4 MiB passes a window of 64 KiB both ways; so do long ones in calls of every kind")
    func longMessage() async throws {
        try await Self.withSmallWindows { client, _ in
            let longest = Google_Protobuf_BytesValue(Data(repeating: 97, count: 4 * 1024 * 1024 - 100))
            let unary = try await client.unary(FourKinds.bytes, longest)
            #expect(unary.message == longest)
            let text = String(repeating: "a", count: 100_000)
            let message = Fourkinds_Text(text)
            let joined = try await client.clientStreaming(FourKinds.clientStreaming) { try await $0.write(message) }
            #expect(joined.message.text.utf8.count == text.utf8.count)
            try await client.bidirectional(FourKinds.bidirectional) { requests, responses in
                try await requests.write(message)
                // Half-closed on this side; the answer is still to come.
                requests.finish()
                let response = try await responses.next()
                #expect(response?.text.utf8.count == text.utf8.count)
                let end = try await responses.next()
                #expect(end == nil)
            }
        }
    }

    @Test("Streams that nobody reads, more than the connection's window holds, stall no other call")
    func stalledReaders() async throws {
        try await Self.withSmallWindows { client, log in
            try await Self.withStalled(20, client) {
                // Their handlers have written what the windows take, and not much more.
                let text = String(repeating: "b", count: 100_000)
                for _ in 0..<3 {
                    let response = try await client.unary(FourKinds.unary, Fourkinds_Text(text))
                    #expect(response.message.text.utf8.count == 100_000)
                }
                // 64 KiB of window and 128 KiB of gate, in messages of 10,000 bytes, and the one that waits.
                #expect(log.written <= 20 * 21)
            }
        }
    }

    /// Runs `body` inside so many streams of which only the first message is read.
    private nonisolated(nonsending) static func withStalled(
        _ count: Int, _ client: RPCClient, _ body: nonisolated(nonsending) () async throws -> Void
    ) async throws {
        guard count > 0 else { return try await body() }
        try await client.serverStreaming(FourKinds.serverStreaming, "flood") { responses in
            let first = try await responses.next()
            #expect(first == "flood")
            try await withStalled(count - 1, client, body)
        }
    }

    @Test("A handler that does not read stops the client's writer, and no other call")
    func stalledHandler() async throws {
        let gate = ServiceLog()
        let stalled: ServerInterceptor = { call, next in
            if call.metadata["stall"] != nil { try await gate.sleepUntilCancelled() }
            try await next()
        }
        var configuration = RPCServer.Configuration()
        configuration.flowControl = try Self.small()
        try await withServer(configuration: configuration, interceptors: [stalled]) { client, _, _ in
            let written = Counter()
            let writer = Task {
                try await client.clientStreaming(FourKinds.clientStreaming, options: CallOptions(metadata: ["stall": "on"])) { requests in
                    while true {
                        try await requests.write(Fourkinds_Text(String(repeating: "x", count: 10_000)))
                        written.add()
                    }
                }
            }
            // As many as the gate takes at once.
            while written.count < 13 { await Task.yield() }
            for _ in 0..<10 { _ = try await client.unary(FourKinds.unary, Fourkinds_Text(String(repeating: "y", count: 100_000))) }
            #expect(written.count <= 21)
            writer.cancel()
            await #expect(throws: CancellationError.self) { _ = try await writer.value }
        }
    }

    @Test("A message that comes while its reader begins to wait gives its window back")
    func messageBetweenLooks() async throws {
        let inbox = MessageInbox(window: 1_024)
        // The loop delivers behind the reader's first look, in one read with the beginning of the next message.
        inbox.deliver(WireMessage(Array(repeating: 1, count: 600)))
        #expect(inbox.returnable(afterReceiving: 1_024) == 0)
        var asked = 0
        let message = try await withUnsafeThrowingContinuation { continuation in
            inbox.wait(continuation) { asked += 1 }
        }
        #expect(message?.count == 600 && asked == 1)
        #expect(inbox.returnable(afterReceiving: 0) == 1_024)
    }

    @Test("A server may end its half first: what the client still says is not waited for")
    func halfClose() async throws {
        try await withServer { client, _, _ in
            let response = try await client.clientStreaming(FourKinds.clientStreaming) { requests in
                try await requests.write("enough")
                while true { try await requests.write(Fourkinds_Text(String(repeating: "x", count: 100_000))) }
            }
            #expect(response.message == "enough")
        }
    }

    @Test("Padding gives its window back, the stream's and the connection's")
    func padding() throws {
        let pair = try SessionPair()
        pair.request([], finished: false)
        try pair.exchange()
        let frame = RawFrames.frame(type: 0, flags: 8, stream: 1, payload: [255] + Array(repeating: 0, count: 256))
        // Every second carries a message, so that it is no flood.
        for number in 0..<20_000 {
            try pair.feed(pair.server, frame)
            if number % 2 == 0 { try pair.feed(pair.server, RawFrames.data([0, 0, 0, 0, 0])) }
            _ = pair.server.takeEvents()
            pair.server.returnWindows()
            _ = try pair.output(of: pair.server)
        }
        #expect(pair.server.streams.count == 1)
    }
}
