import Holdfast
import HoldfastRPC
import Testing

@testable import Talk

@Suite("Publish and subscribe", .timeLimit(.minutes(1)))
struct PublishTests {
    /// A subscriber in a task of its own.
    private struct Subscriber {
        let received = Received()
        let task: Task<Void, any Error>

        final class Received: Sendable {
            let notices = Locked<[Talk_Notice]>([])
        }

        /// Subscribes, and begins to read when `gate` opens; returns when the subscription stands.
        init(
            _ name: String, _ port: Int, _ configuration: RPCClient.Configuration = .init(), until last: String,
            gate: Gate = Gate(isOpen: true)
        )
            async
        {
            let (ready, isReady) = AsyncStream<Void>.makeStream()
            let received = received
            task = Task {
                defer { isReady.finish() }
                try await withClient(name, port, configuration) { client, _ in
                    try await client.subscribe(to: "news") {
                        isReady.finish()
                    } _: { notice in
                        await gate.pass()
                        received.notices.withLock { $0.append(notice) }
                        return notice.text != last
                    }
                }
            }
            for await _ in ready {}
        }

        var texts: [String] { received.notices.withLock { $0.map(\.text) } }

        func texts(atLeast count: Int) async {
            while received.notices.withLock({ $0.count }) < count { await Task.yield() }
        }
    }

    /// Holds back whoever comes until it is opened.
    private final class Gate: Sendable {
        private let stream: AsyncStream<Void>
        private let input: AsyncStream<Void>.Continuation

        init(isOpen: Bool = false) {
            (stream, input) = AsyncStream<Void>.makeStream()
            if isOpen { open() }
        }

        func open() { input.finish() }
        func pass() async { for await _ in stream {} }
    }

    @Test("Each subscriber gets each notice, in order")
    func all() async throws {
        let service = TalkService()
        try await withTalk(service) { port in
            let subscribers = [await Subscriber("bob", port, until: "9"), await Subscriber("carol", port, until: "9")]
            try await withClient("alice", port) { client, _ in
                for number in 0..<10 {
                    let receivers = try await client.publish("\(number)", to: "news")
                    #expect(receivers == 2)
                }
                let nobody = try await client.publish("nobody", to: "weather")
                #expect(nobody == 0)
            }
            for subscriber in subscribers {
                try await subscriber.task.value
                #expect(subscriber.texts == (0..<10).map { "\($0)" })
            }
            while service.subscribers(of: "news") > 0 { await Task.yield() }
        }
    }

    @Test("A subscriber that stalls, and one that dies, cost the others and the publisher nothing")
    func stalled() async throws {
        let (count, text) = (200, String(repeating: "x", count: 4_096))
        let service = TalkService()
        try await withTalk(service) { port in
            // Small windows, so that what the stalled one does not read soon waits at the server.
            var small = RPCClient.Configuration()
            small.flowControl = try FlowControl(streamWindow: 16 * 1_024)
            let gate = Gate()
            let healthy = await Subscriber("bob", port, until: "end")
            let stalled = await Subscriber("carol", port, small, until: "end", gate: gate)
            let dying = await Subscriber("dave", port, until: "end")
            try await withClient("alice", port) { client, _ in
                for number in 0..<count {
                    _ = try await client.publish("\(number) \(text)", to: "news")
                    if number == count / 2 { dying.task.cancel() }
                    // The healthy one keeps pace: what it has not read when the mailbox is full would be its own loss.
                    await healthy.texts(atLeast: number - 30)
                }
                await healthy.texts(atLeast: count)
                while service.subscribers(of: "news") > 2 { await Task.yield() }
                #expect(try await client.publish("end", to: "news") == 2)
            }
            try await healthy.task.value
            #expect(healthy.texts == (0..<count).map { "\($0) \(text)" } + ["end"])
            #expect(healthy.received.notices.withLock { $0.allSatisfy { $0.missed == 0 } })

            // The stalled one has lost what did not fit, is told how much, and goes on with the newest.
            gate.open()
            try await stalled.task.value
            let (read, missed) = stalled.received.notices.withLock { ($0.count, $0.last.map { Int($0.missed) } ?? 0) }
            #expect(missed > 0 && read + missed == count + 1)
            #expect(stalled.texts.last == "end")
            _ = await dying.task.result
            #expect(dying.texts.count < count)
        }
    }

    @Test("A subscription ends with the server, behind what was published before")
    func shutdown() async throws {
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [TalkService()])
        let subscriber = await Subscriber("bob", server.port, until: "end")
        try await withClient("alice", server.port) { client, _ in _ = try await client.publish("last", to: "news") }
        await server.shutdown(grace: .seconds(10))
        try await subscriber.task.value
        #expect(subscriber.texts == ["last"])
    }
}
