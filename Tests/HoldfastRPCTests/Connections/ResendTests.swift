import Holdfast
import Testing

@testable import HoldfastRPC

@Suite("Calls that a server refuses unseen")
struct ResendTests {
    @Test("S64: a refused call is sent again once, at no cost to its attempts")
    func refused() async throws {
        let peer = try ScriptedPeer { connection, _ in
            guard let first = connection.request() else { return }
            connection.refuse(first.stream)
            while let request = connection.request() { connection.answer(request) }
        }
        try await withClient(RPCClient(host: "127.0.0.1", port: peer.port, security: .plaintext)) { client in
            var options = CallOptions()
            options.attempts = AttemptCounter()
            let answer = try await client.unary(FourKinds.unary, "hello", options: options).message
            #expect(answer == "HELLO")
            #expect(options.attempts?.count == 1)
            #expect(peer.served == ["hello"] && peer.accepted == 1)
        }
    }

    @Test("S64: a call that is refused twice fails, and says that no service has seen it")
    func refusedTwice() async throws {
        let peer = try ScriptedPeer { connection, _ in
            while let request = connection.request() { connection.refuse(request.stream) }
        }
        try await withClient(RPCClient(host: "127.0.0.1", port: peer.port, security: .plaintext)) { client in
            let error = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "hello") }
            #expect(error?.message == "the server refused the call before it began")
            #expect(error?.code == .unavailable && error?.isUnprocessed == true && error?.isConnectionError == true)
        }
    }

    @Test("S64: a GOAWAY lets calls up to its last stream finish; those above go to a new connection")
    func goAway() async throws {
        let peer = try ScriptedPeer { connection, number in
            if number == 1 {
                guard let first = connection.request(), let second = connection.request() else { return }
                #expect(second.stream == 3)
                connection.goAway(lastStream: 1)
                connection.answer(first)
            }
            while let request = connection.request() { connection.answer(request) }
        }
        try await withClient(RPCClient(host: "127.0.0.1", port: peer.port, security: .plaintext)) { client in
            async let first = client.unary(FourKinds.unary, "one").message
            async let second = client.unary(FourKinds.unary, "two").message
            let answers = try await [first, second]
            #expect(answers == ["ONE", "TWO"])
            #expect(peer.served.sorted() == ["one", "two"] && peer.accepted == 2)
        }
    }

    @Test("S64: a refused stream's messages are sent again, those that were on their way included")
    func stream() async throws {
        let peer = try ScriptedPeer { connection, _ in
            guard let head = connection.requestHead() else { return }
            connection.refuse(head)
            while let request = connection.request() { connection.answer(request) }
        }
        try await withClient(RPCClient(host: "127.0.0.1", port: peer.port, security: .plaintext)) { client in
            let reply = try await client.clientStreaming(FourKinds.clientStreaming) { requests in
                for word in ["to", "be", "or", "not"] { try await requests.write(FourKinds.Text(word)) }
            }
            #expect(reply.message == "TO BE OR NOT")
        }
    }

    @Test("S64: a refused stream that has sent too much to keep fails as unprocessed")
    func longStream() async throws {
        let peer = try ScriptedPeer { connection, _ in
            guard let head = connection.requestHead() else { return }
            var bytes = 0
            while bytes < 65_000, let frame = connection.frame() { bytes += frame.type == 0 ? frame.payload.count : 0 }
            connection.refuse(head)
            while connection.frame() != nil {}
        }
        try await withClient(RPCClient(host: "127.0.0.1", port: peer.port, security: .plaintext)) { client in
            let error = await #expect(throws: RPCError.self) {
                try await client.clientStreaming(FourKinds.clientStreaming) { requests in
                    let word = FourKinds.Text(String(repeating: "x", count: 40_000))
                    while true { try await requests.write(word) }
                }
            }
            #expect(error?.isUnprocessed == true)
        }
    }

    @Test("A call that could not be connected has not been seen by a service; one whose connection broke may have been")
    func facts() async throws {
        let peer = try ScriptedPeer { connection, _ in _ = connection.request() }
        try await withClient(RPCClient(host: "127.0.0.1", port: peer.port, security: .plaintext)) { client in
            let lost = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
            #expect(lost?.isConnectionError == true && lost?.isUnprocessed == false)
        }
        try await withClient(RPCClient(unixSocket: "/nowhere/at/all", security: .plaintext)) { client in
            let unconnected = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
            #expect(unconnected?.isConnectionError == true && unconnected?.isUnprocessed == true)
        }
    }

    @Test("S64: no call is lost or answered twice by a server that refuses, goes away and breaks off", arguments: [1, 2, 3] as [UInt64])
    func unreliable(seed: UInt64) async throws {
        let random = RandomSource(seed: seed)
        let peer = try ScriptedPeer { connection, _ in
            while let request = connection.request() {
                switch random.next() % 16 {
                // After a GOAWAY nothing above it is answered; all below it has been.
                case 0:
                    connection.goAway(lastStream: max(request.stream, 2) - 2)
                    return connection.drain()
                case 1:
                    connection.goAway(lastStream: request.stream)
                    connection.answer(request)
                    return connection.drain()
                case 2:
                    connection.answer(request)
                    return
                case 3, 4: connection.refuse(request.stream)
                default: connection.answer(request)
                }
            }
        }
        var configuration = RPCClient.Configuration()
        configuration.backoff.base = .zero
        try await withClient(RPCClient(host: "127.0.0.1", port: peer.port, security: .plaintext, configuration: configuration)) { client in
            let outcomes = await withTaskGroup(of: (String, Result<String, any Error>).self) { group in
                for worker in 0..<8 {
                    group.addTask {
                        var last: (String, Result<String, any Error>) = ("", .success(""))
                        for number in 0..<50 {
                            let text = "\(worker)-\(number)"
                            do {
                                let answer = try await client.unary(FourKinds.unary, FourKinds.Text(text)).message.text
                                last = (text, .success(answer))
                            } catch {
                                last = (text, .failure(error))
                            }
                            if !Self.isRight(last, peer.served) { return last }
                        }
                        return last
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            for outcome in outcomes { #expect(Self.isRight(outcome, peer.served), "\(outcome), seed \(seed)") }
            #expect(Set(peer.served).count == peer.served.count)
        }
    }

    /// An answer is the call's own and was given once; a call that no service has seen was not answered.
    private static func isRight(_ outcome: (text: String, result: Result<String, any Error>), _ served: [String]) -> Bool {
        switch outcome.result {
        case .success(let answer): answer == outcome.text && served.count { $0 == outcome.text } == 1
        case .failure(let error as RPCError):
            error.isConnectionError && (!error.isUnprocessed || !served.contains(outcome.text))
        case .failure: false
        }
    }
}
