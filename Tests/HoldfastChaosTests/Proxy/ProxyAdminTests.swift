import Foundation
import Holdfast
import HoldfastAdmin
import Testing

@testable import HoldfastChaos

@Suite("A proxy's admin API", .timeLimit(.minutes(2)))
struct ProxyAdminTests {
    private static func withAdmin(_ body: (AdminClient, ProxyBench, ProxyAdmin, RawSocket) async throws -> Void) async throws {
        try await withProxy { bench, listener in
            let admin = try await ProxyAdmin.start(bench.proxy, listen: TCPAddress(loopback: 0))
            do {
                try await body(AdminClient(admin.address, of: "the proxy's admin API", patience: .seconds(120)), bench, admin, listener)
            } catch {
                await admin.close()
                throw error
            }
            await admin.close()
        }
    }

    private static func text(_ answer: AdminClient.Answer) -> String {
        String(decoding: answer.body, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    @Test("Faults are added, listed, changed and removed, and act from then on")
    func life() async throws {
        try await Self.withAdmin { client, bench, _, listener in
            let connection = try await RawSocket.connect(bench.port)
            let service = try await listener.accept()
            let slow = #"{"id":"slow","kind":"tcp.latency","with":{"delay":"1h","direction":"upstream"}}"#
            #expect(try await client.send(.POST, "/faults", Array(slow.utf8)).status == 201)
            try await connection.send("hello")
            try await bench.waitForHits()
            #expect(await service.receive(within: 100) == .nothing)
            let list = try await client.send(.GET, "/faults")
            #expect(list.status == 200)
            #expect(
                Self.text(list)
                    == #"{"faults":[{"id":"slow","kind":"tcp.latency","with":{"delay":"1h","direction":"upstream"},"hits":1}]}"#)
            #expect(try await client.send(.POST, "/faults", Array(slow.utf8)).status == 409)
            let none = slow.replacingOccurrences(of: "upstream", with: "downstream")
            #expect(try await client.send(.PUT, "/faults/slow", Array(none.utf8)).status == 200)
            #expect(await service.receiveText(5) == "hello")
            let connections = Self.text(try await client.send(.GET, "/connections"))
            #expect(connections.contains(#""number":1"#) && connections.contains(#""speaks":"bytes","upstreamBytes":5"#))
            #expect(Self.text(try await client.send(.GET, "/hits")) == #"{"hits":{"slow":1}}"#)
            #expect(try await client.send(.DELETE, "/faults/slow").status == 204)
            #expect(try await client.send(.GET, "/faults/slow").status == 404)
            #expect(try await client.send(.POST, "/reset").status == 204)
            #expect(Self.text(try await client.send(.GET, "/hits")) == #"{"hits":{}}"#)
        }
    }

    @Test(
        "What is wrong with a fault is said, with what would be right",
        arguments: [
            (#"{"id":"a","kind":"latency","with":{"delay":"1s"}}"#, #""latency" is Toxiproxy's name for it; here it is "tcp.latency""#),
            (#"{"id":"a","kind":"tcp.latncy","with":{"delay":"1s"}}"#, #"did you mean "tcp.latency"?"#),
            (#"{"id":"a","kind":"tcp.latency"}"#, #"missing key "with""#),
            (#"{"id":"a","kind":"tcp.latency","with":{"delay":5}}"#, "with.delay"),
            (#"{"id":"a","kind":"tcp.reset","select":{"per":"connection","probability":1.5}}"#, "expected a rate from 0 to 1"),
            (
                #"{"id":"a","kind":"tcp.reset","select":{"per":"chunk","probability":1}}"#,
                #"expected "connection" for this kind of fault, found "chunk""#
            ),
            (#"{"id":"a","kind":"tcp.refuse","select":{"per":"connection","first":1}}"#, "select: unknown key"),
            (#"{"id":"a","kind":"h2.settings","with":{}}"#, "names no setting"),
            (#"{"id":"a","kind":"h2.goaway","with":{"errorCode":"NO_EROR"}}"#, #"did you mean "NO_ERROR"?"#),
            (#"{"id":"a","kind":"tcp.slice","with":{"size":10,"variation":10}}"#, #"is not below "size""#),
            (#"{"id":"a b","kind":"tcp.reset"}"#, "is not a name"),
            (#"{"id":"a","kind":"tcp.reset","wiht":{}}"#, #"did you mean "with"?"#),
            (#"[]"#, "expected an object"), ("", "the document is empty"), ("\u{1}\u{2}", "expected a value"),
            (String(repeating: "[", count: 60_000), "nested deeper"),
        ])
    func mistakes(fault: String, message: String) async throws {
        try await Self.withAdmin { client, _, _, _ in
            let answer = try await client.send(.POST, "/faults", Array(fault.utf8))
            #expect(answer.status == 400)
            let error = try JSONDecoder().decode([String: String].self, from: Data(answer.body))["error"] ?? ""
            #expect(error.contains(message), "\(error)")
            #expect(Self.text(try await client.send(.GET, "/faults")) == #"{"faults":[]}"#)
        }
    }

    private static func member(_ id: String, _ probability: Double) -> [UInt8] {
        Array(#"{"id":"\#(id)","kind":"tcp.reset","group":"g","select":{"per":"connection","probability":\#(probability)}}"#.utf8)
    }

    @Test("Shares of a group sum to 1 at most")
    func groups() async throws {
        try await Self.withAdmin { client, _, _, _ in
            for (id, probability, status) in [("a", 0.6, 201), ("b", 0.5, 400), ("b", 0.4, 201)] {
                let answer = try await client.send(.POST, "/faults", Self.member(id, probability))
                #expect(answer.status == status)
            }
        }
    }

    @Test(
        "Requests that mean no good are refused, and the API goes on",
        arguments: [
            ("garbage\r\n\r\n", "400"), ("\u{0}\u{1}\u{2}\u{3}\r\n\r\n", "400"),
            ("GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "404"),
            ("GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "404"),
            ("PATCH /faults HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "405"),
            ("GET /faults HTTP/1.1\r\nHost: a\r\nOrigin: http://evil.example\r\nConnection: close\r\n\r\n", "403"),
            ("POST /faults HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n" + String(repeating: "x", count: 100_000), "413"),
            ("GET / HTTP/1.1\r\n" + String(repeating: "A: b\r\n", count: 100_000) + "\r\n", "4"),
            ("POST /faults HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", "400"),
        ])
    func hostile(request: String, status: String) async throws {
        try await Self.withAdmin { client, _, admin, _ in
            let socket = try await RawSocket.connect(admin.address.port)
            // The API may hang up before it has all of it.
            try? await socket.send(request)
            let (answer, _) = await socket.receiveAll()
            let line = String(decoding: answer.prefix(12), as: UTF8.self)
            // One that hangs up in the middle of a request may take its last word back.
            #expect(
                line.hasPrefix("HTTP/1.1 \(status)") || line.hasPrefix("HTTP/1.0 \(status)") || line.isEmpty && request.count > 60_000,
                "\(line)")
            #expect(try await client.send(.GET, "/").status == 200)
        }
    }
}
