import NIOCore
import NIOHTTP1
import Testing

@testable import HoldfastAdmin

@Suite("HTTP for operators, with clients that mean no good", .timeLimit(.minutes(1)))
struct AdminServerTests {
    private static func with(
        patience: TimeAmount = .seconds(30), _ body: (AdminServer) async throws -> Void
    ) async throws {
        let server = try await AdminServer.start(listen: TCPAddress(loopback: 0), patience: patience) { request in
            AdminAnswer(.ok, type: "text/plain", "\(request.path.joined(separator: ",")) \(request.body.count)")
        }
        do {
            try await body(server)
        } catch {
            await server.close()
            throw error
        }
        await server.close()
    }

    private static func isServing(_ server: AdminServer) async throws -> Bool {
        try await AdminClient(server.address, of: "the server").send(.GET, "/a/b?c").body == Array("a,b 0".utf8)
    }

    @Test(
        "They get a clear answer or are hung up on, and others are served",
        arguments: [
            ("garbage\r\n\r\n", "HTTP/1.1 400"), ("\u{0}\u{1}\u{2}\u{3}\r\n\r\n", "HTTP/1.1 400"),
            ("GET / HTTP/9.9\r\nHost: a\r\n\r\n", "HTTP/1.1 "),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", "HTTP/1.1 400"),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n" + String(repeating: "x", count: 100_000), "HTTP/1.1 413"),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n", "HTTP/1.1 400"),
            ("GET / HTTP/1.1\r\nA: " + String(repeating: "b", count: 1_000_000) + "\r\n\r\n", "HTTP/1.1 "),
            ("GET / HTTP/1.1\r\n" + String(repeating: "A: b\r\n", count: 100_000) + "\r\n", "HTTP/1.1 "),
        ])
    func hostile(request: String, start: String) async throws {
        try await Self.with { server in
            let socket = try await RawHTTP.connect(server.address.port)
            socket.send(request)
            let answer = try await socket.answer()
            // One that hangs up in the middle of a long request may take its last word back.
            #expect(answer.hasPrefix(start) && !answer.hasPrefix("HTTP/1.1 2") || answer.isEmpty && request.count > 60_000, "\(answer)")
            #expect(try await Self.isServing(server))
        }
    }

    @Test("A client that says a byte now and then, or nothing, is not waited for")
    func slow() async throws {
        try await Self.with(patience: .milliseconds(300)) { server in
            let (silent, slow) = (try await RawHTTP.connect(server.address.port), try await RawHTTP.connect(server.address.port))
            slow.send("GET / HTTP/1.1\r\nX: ")
            let trickle = Task {
                while !Task.isCancelled {
                    slow.send("A")
                    try await Task.sleep(for: .milliseconds(20), tolerance: .zero)
                }
            }
            #expect(try await silent.answer() == "")
            #expect(try await slow.answer() == "")
            trickle.cancel()
            #expect(try await Self.isServing(server))
        }
    }

    @Test("Requests of one connection are answered in order, and each has its time anew")
    func pipelined() async throws {
        try await Self.with { server in
            let socket = try await RawHTTP.connect(server.address.port)
            socket.send(
                "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\nHEAD /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            )
            let answer = try await socket.answer()
            let bodies = answer.split(separator: "\r\n").filter { $0.hasPrefix("1 0") || $0.hasPrefix("2 0") || $0.hasPrefix("3 0") }
            #expect(bodies == ["1 0HTTP/1.1 200 OK", "2 0HTTP/1.1 200 OK"], "\(answer)")
        }
    }

    @Test("Connections are bounded; those beyond are closed, and there is room again when others go")
    func connections() async throws {
        try await Self.with { server in
            var sockets: [RawHTTP] = []
            for _ in 0..<100 { sockets.append(try await RawHTTP.connect(server.address.port)) }
            let beyond = try await RawHTTP.connect(server.address.port)
            #expect(try await beyond.answer() == "")
            await sockets[0].close()
            // The server hears of it a little later.
            while (try? await Self.isServing(server)) != true { await Task.yield() }
            for socket in sockets { await socket.close() }
        }
    }

    @Test("Closing ends the connections there are")
    func closing() async throws {
        let server = try await AdminServer.start(listen: TCPAddress(loopback: 0)) { _ in AdminAnswer(.ok) }
        let socket = try await RawHTTP.connect(server.address.port)
        socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await server.close()
        // Hangs, if the connection is left open.
        _ = try await socket.answer()
        await #expect(throws: AdminFailure.self) { try await AdminClient(server.address, of: "the server").send(.GET, "/") }
    }

    @Test("An address that is taken is said so")
    func taken() async throws {
        try await Self.with { server in
            let error = await #expect(throws: AdminFailure.self) {
                try await AdminServer.start(listen: server.address) { _ in AdminAnswer(.ok) }
            }
            #expect(error?.description.contains("on 127.0.0.1 is already in use") == true)
        }
    }
}
