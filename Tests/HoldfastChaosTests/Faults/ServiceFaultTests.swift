import Foundation
import Holdfast
import HoldfastRPC
import Testing

@testable import HoldfastChaos

@Suite("Faults in a service, as its clients see them", .timeLimit(.minutes(2)))
struct ServiceFaultTests {
    private static let always = #""select": { "per": "attempt", "probability": 1 }"#
    private static let good = #"[{"kitty":"hello"}]"#

    @Test("Without a fault the answer is the answer")
    func none() async throws {
        try await FaultyServer.run([]) { server in
            let said = try await server.sayHi()
            #expect(said == Self.good)
            let echo = await server.echo()
            #expect(echo == (true, ["a!", "b!", "c!"], nil))
        }
    }

    @Test("A partial answer breaks off without a status: a single one in the middle, a stream behind so many messages")
    func partial() async throws {
        try await FaultyServer.run([#""kind": "rpc.partial", \#(Self.always)"#]) { server in
            let error = await #expect(throws: RPCError.self) { try await server.sayHi() }
            #expect("\(error, default: "")" == "\(RPCError.cutOff)", "as in its model")
        }
        try await FaultyServer.run([#""kind": "rpc.partial", \#(Self.always), "with": { "messages": 2, "share": 0.9 }"#]) { server in
            let echo = await server.echo()
            // What was not read when the end came is not read any more.
            #expect(["a!", "b!"].starts(with: echo.messages) && "\(echo.end, default: "")" == "\(RPCError.cutOff)")
        }
        // An answer of fewer messages lacks its status all the same.
        try await FaultyServer.run([#""kind": "rpc.partial", \#(Self.always), "with": { "messages": 5 }"#]) { server in
            let error = await #expect(throws: RPCError.self) { try await server.sayHi() }
            #expect("\(error, default: "")" == "\(RPCError.withoutStatus)", "as in its model")
            let echo = await server.echo()
            #expect(["a!", "b!", "c!"].starts(with: echo.messages) && "\(echo.end, default: "")" == "\(RPCError.withoutStatus)")
        }
    }

    @Test("The part of a message that is sent is its share, behind the length of the whole")
    func partialBytes() async throws {
        let request = try FaultyServer.say.encodeRequest(#"{"name":"kitty","msg":"hello"}"#)
        let answer = try FaultyServer.say.answer(request)
        for (share, sent) in [("0", 0), ("0.5", answer.count / 2), ("1", answer.count)] {
            try await FaultyServer.run([#""kind": "rpc.partial", \#(Self.always), "with": { "share": \#(share) }"#]) { server in
                let bytes = try await Self.rawCall(server.port, request)
                // The last frame is DATA that ends the stream: type 0, flag 1.
                let announced = UInt8(max(answer.count, sent + 1))
                let tail = [0, 1, 0, 0, 0, 0, announced] + answer.prefix(sent)
                #expect(bytes.suffix(tail.count) == tail[...])
            }
        }
    }

    @Test("Garbled answers are INTERNAL to whoever reads them, of a single message and of a stream")
    func garble() async throws {
        try await FaultyServer.run([#""kind": "rpc.garble", \#(Self.always)"#]) { server in
            for _ in 0..<20 {
                let error = await #expect(throws: RPCError.self) { try await server.sayHi() }
                #expect(error?.code == .internalError && error?.message.contains("is no valid") == true)
            }
            let echo = await server.echo()
            #expect(echo.messages.isEmpty && echo.end?.code == .internalError)
        }
    }

    @Test("Wrong data is an answer like any other, and belongs to somebody else")
    func wrongData() async throws {
        try await FaultyServer.run([#""kind": "rpc.wrongData", \#(Self.always)"#]) { server in
            let said = try await server.sayHi()
            #expect(said == "of somebody else")
        }
    }

    @Test("A slow stream holds up each message: nothing comes before a deadline that is shorter, all of it before one that is longer")
    func slowStream() async throws {
        try await FaultyServer.run([#""kind": "rpc.slowStream", \#(Self.always), "with": { "pause": "1h" }"#]) { server in
            let echo = await server.echo(timeout: .milliseconds(200))
            #expect(echo.messages.isEmpty && echo.end?.code == .deadlineExceeded)
            let error = await #expect(throws: RPCError.self) { try await server.sayHi(timeout: .milliseconds(200)) }
            #expect(error?.code == .deadlineExceeded)
        }
        try await FaultyServer.run([#""kind": "rpc.slowStream", \#(Self.always), "with": { "pause": "5ms" }"#]) { server in
            let start = TimeSource.system.now()
            let echo = await server.echo()
            #expect(echo == (true, ["a!", "b!", "c!"], nil))
            #expect(start.duration(to: TimeSource.system.now()) >= .milliseconds(15), "a pause for each of three messages")
        }
    }

    @Test(
        "An error comes alone, behind headers, or behind all of the work",
        arguments: [
            ("", false, [String]()), (#", "when": "beforeWork""#, true, []), (#", "when": "afterWork""#, true, ["a!", "b!", "c!"]),
        ])
    func errorMoments(when: String, sawHeaders: Bool, messages: [String]) async throws {
        let fault = #""kind": "rpc.error", \#(Self.always), "with": { "status": "ABORTED"\#(when) }"#
        try await FaultyServer.run([fault]) { server in
            let echo = await server.echo()
            #expect(echo.sawHeaders == sawHeaders && echo.messages == messages && echo.end?.code == .aborted)
            let error = await #expect(throws: RPCError.self) { try await server.sayHi() }
            #expect(error?.code == .aborted)
        }
    }

    @Test("An error that another fault holds up comes no sooner than that lets it")
    func lateError() async throws {
        let error = #""kind": "rpc.error", \#(Self.always), "with": { "status": "ABORTED" }"#
        for cancellable in ["true", "false"] {
            let latency = #""kind": "rpc.latency", \#(Self.always), "with": { "delay": "1h", "cancellable": \#(cancellable) }"#
            try await FaultyServer.run([error, latency]) { server in
                let error = await #expect(throws: RPCError.self) { try await server.sayHi(timeout: .milliseconds(50)) }
                #expect(error?.code == .deadlineExceeded)
            }
        }
    }

    @Test("A service's process keeps what faults did to attempts until the runner asks, and tells it once")
    func decisions() async throws {
        let fault = #""kind": "rpc.error", "select": { "per": "attempt", "nth": 2 }, "with": { "status": "ABORTED" }"#
        try await FaultyServer.run([fault]) { server in
            for _ in 0..<3 { _ = try? await server.sayHi() }
            let told = server.control.observe()
            #expect(told.decisions.map(\.fault) == ["f0"] && told.decisions.map(\.what) == ["answered ABORTED"])
            let received = try JSONDecoder().decode(Observation.self, from: JSONEncoder().encode(told))
            #expect(received == told)
            #expect(server.control.observe().decisions.isEmpty)
        }
    }

    @Test("An error before work has headers of its own on the wire; one alone is a single frame")
    func errorFrames() async throws {
        for (when, frames) in [("trailersOnly", 1), ("beforeWork", 2)] {
            let fault = #""kind": "rpc.error", \#(Self.always), "with": { "status": "ABORTED", "when": "\#(when)" }"#
            try await FaultyServer.run([fault]) { server in
                let bytes = try await Self.rawCall(server.port, [])
                // HEADERS with END_HEADERS, and with END_STREAM as well.
                #expect(bytes.starts(with: frames == 1 ? [1, 5] : [1, 4]), "\(when): \(bytes)")
            }
        }
    }

    @Test("Latency that cannot be cancelled costs a worker its time for a caller who has gone")
    func cancellable() async throws {
        let fault =
            #""kind": "rpc.latency", "select": { "per": "attempt", "first": 1 }, "with": { "delay": "100ms", "cancellable": false }"#
        let model = ServiceModel(workers: 1, serviceTime: .constant(.seconds(3600)), queue: QueueSpec(limit: 0))
        try await FaultyServer.run([fault], model: model) { server in
            await #expect(throws: RPCError.self) { try await server.sayHi(timeout: .milliseconds(20)) }
            // Those who go are dropped from work, as ever; the worker is taken for good by the one who could not be.
            var end: StatusCode?
            repeat {
                do { _ = try await server.sayHi(timeout: .milliseconds(20)) } catch { end = (error as? RPCError)?.code }
            } while end == .deadlineExceeded
            #expect(end == .resourceExhausted)
        }
    }

    @Test("Held memory shows in the process, and is the system's again when the fault ends")
    func memory() throws {
        let control = ServiceControl(ServiceControl.Setup(ServiceModel(), seed: 7), methods: [])
        let before = try Self.residentMebibytes()
        control.install(try FaultyServer.plan([#""kind": "svc.memory", "with": { "mebibytes": 600 }"#]))
        let during = try Self.residentMebibytes()
        control.install(try FaultyServer.plan([], active: false))
        let after = try Self.residentMebibytes()
        // Other tests run in this process, and take and give back some of their own.
        #expect(during - before > 400, "\(before), \(during)")
        #expect(during - after > 400, "\(during), \(after)")
    }

    @Test(
        "A fault of probability 0 is none, byte for byte",
        arguments: [
            #""kind": "rpc.partial""#, #""kind": "rpc.garble""#, #""kind": "rpc.wrongData""#, #""kind": "rpc.hang""#,
            #""kind": "rpc.slowStream", "with": { "pause": "1h" }"#, #""kind": "rpc.latency", "with": { "delay": "1h" }"#,
            #""kind": "rpc.error", "with": { "status": "INTERNAL", "when": "beforeWork" }"#,
        ])
    func never(kind: String) async throws {
        let request = try FaultyServer.say.encodeRequest(#"{"name":"kitty","msg":"hello"}"#)
        let answers = Locked<[[UInt8]]>([])
        for faults in [[], [#"\#(kind), "select": { "per": "attempt", "probability": 0 }"#]] {
            try await FaultyServer.run(faults) { server in
                let bytes = try await Self.rawCall(server.port, request)
                answers.withLock { $0.append(bytes) }
            }
        }
        let (plain, faulty) = answers.withLock { ($0[0], $0[1]) }
        #expect(!plain.isEmpty && plain == faulty)
    }

    private static func rawCall(_ port: Int, _ message: [UInt8]) async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result { try RawCall.bytes(port: port, path: "/grpconepb.grpconepb/SayHi", message: message) })
            }
        }
    }

    private static func residentMebibytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        return try #require(line.split(separator: " ").compactMap { Int($0) }.first) / 1024
    }
}
