import Foundation
import Holdfast
import HoldfastRPC
import SwiftProtobuf
import Testing

@Suite("Calls under the policies of their route")
struct PolicyTests {
    private struct Own: Error {}

    /// Runs `body` with a client whose policies apply to all of a server's methods.
    private func withPolicies(
        _ policy: RoutePolicy, _ body: (RPCClient) async throws -> Void
    ) async throws {
        try await withServer { _, server, _ in
            var configuration = RPCClient.Configuration()
            configuration.policies = RouteTable(services: ["fourkinds.FourKinds": policy])
            let client = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext, configuration: configuration)
            do {
                try await body(client)
            } catch {
                await client.shutdown()
                throw error
            }
            await client.shutdown()
        }
    }

    private func breaker(_ slow: CircuitBreaker.Configuration.SlowCalls? = nil) throws -> CircuitBreaker {
        CircuitBreaker("b", try .init(window: .count(10), minimumCalls: 2, slowCalls: slow, halfOpen: .init(probes: 1)))
    }

    @Test("S3, S5: failures open the breaker, the caller's faults do not, and a refusal is a rejection that names the policy")
    func breakerOverUnary() async throws {
        let breaker = try breaker()
        try await withPolicies(RoutePolicy(name: "p", pipeline: Pipeline("p", [.gate(breaker)]))) { client in
            for code in ["NOT_FOUND", "NOT_FOUND", "UNAVAILABLE", "UNAVAILABLE"] {
                await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, Fourkinds_Text("fail:\(code):as asked")) }
            }
            #expect(breaker.state == .open)
            await #expect {
                _ = try await client.unary(FourKinds.unary, "hello")
            } throws: {
                ($0 as? Rejection)?.policy == "b" && ($0 as? Rejection)?.reason == .open
            }
        }
    }

    @Test("S1, S2: an attempt timeout ends the call, says so, and fails the breaker outside it")
    func timeout() async throws {
        let breaker = try breaker()
        let pipeline = try Pipeline("p") {
            breaker
            try Timeout("attempt", after: .milliseconds(30))
        }
        try await withPolicies(RoutePolicy(name: "p", pipeline: pipeline)) { client in
            await #expect(throws: TimeoutError(policy: "attempt", scope: .total, after: .milliseconds(30))) {
                try await client.unary(FourKinds.unary, "sleep")
            }
        }
        #expect(breaker.snapshot().failed == 1)
    }

    @Test("S3: what is refused here, before it is sent, is no answer of the service")
    func notSent() async throws {
        let breaker = try breaker()
        let route = RoutePolicy(name: "p", pipeline: Pipeline("p", [.gate(breaker)]))
        try await withPolicies(route) { client in
            let options = CallOptions(metadata: ["a b": "c"])
            let error = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x", options: options) }
            #expect(error?.code == .invalidArgument && error?.isUnprocessed == true)
            await #expect(throws: RPCError.self) {
                try await client.clientStreaming(FourKinds.clientStreaming, options: options) { try await $0.write("x") }
            }
        }
        #expect(breaker.snapshot().calls == 0)
    }

    @Test("S31, S35: the last good answer serves for the same request only, and says so")
    func lastGood() async throws {
        let breaker = try breaker()
        let fallback = Fallback<RoutePolicy.FallbackKey, [UInt8]>("p/fallback", try .init([.lastGood(maxAge: .seconds(60))]))
        let policy = RoutePolicy(name: "p", pipeline: Pipeline("p", [.gate(breaker)]), fallback: fallback)
        try await withPolicies(policy) { client in
            let first = try await client.unary(FourKinds.unary, "hello")
            #expect(first.message == "HELLO" && first.fallbackStep == nil)
            await breaker.isolate()
            let second = try await client.unary(FourKinds.unary, "hello")
            #expect(second.message == "HELLO" && second.fallbackStep == "lastGood")
            await #expect(throws: Rejection.self) { try await client.unary(FourKinds.unary, "other") }
        }
    }

    @Test("S31: an answer that cannot be read is not kept, and the last good one serves in its place")
    func unreadable() async throws {
        let service = Garbled()
        let fallback = Fallback<RoutePolicy.FallbackKey, [UInt8]>("p/fallback", try .init([.lastGood(maxAge: .seconds(60))]))
        var configuration = RPCClient.Configuration()
        configuration.policies = RouteTable(rest: RoutePolicy(name: "p", pipeline: Pipeline("p", []), fallback: fallback))
        try await serving([service]) { server in
            let client = try RPCClient(host: server.host, port: server.port, security: .plaintext, configuration: configuration)
            try await withClient(client) { client in
                service.isGarbled.withLock { $0 = true }
                for _ in 0..<2 {
                    let error = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
                    #expect(error?.code == .internalError)
                }
                service.isGarbled.withLock { $0 = false }
                let good = try await client.unary(FourKinds.unary, "x")
                #expect(good.message == "good" && good.fallbackStep == nil)
                service.isGarbled.withLock { $0 = true }
                let kept = try await client.unary(FourKinds.unary, "x")
                #expect(kept.message == "good" && kept.fallbackStep == "lastGood")
            }
        }
    }

    /// Answers with bytes that are no message, when told to.
    private final class Garbled: RPCService {
        let isGarbled = Locked(false)

        func register(on router: inout RPCRouter) {
            // Bytes in the place of a string, which need not be UTF-8.
            let method = RPCMethod<Fourkinds_Text, Google_Protobuf_BytesValue>(
                service: "fourkinds.FourKinds", name: "Unary", kind: .unary)
            router.unary(method) { [self] _, _ in
                Google_Protobuf_BytesValue(isGarbled.withLock { $0 } ? Data([255]) : Data("good".utf8))
            }
        }
    }

    @Test("S35: the last good answer serves for the same values of the declared metadata only, and for no others")
    func lastGoodOfOthers() async throws {
        let breaker = try breaker()
        let fallback = Fallback<RoutePolicy.FallbackKey, [UInt8]>("p/fallback", try .init([.lastGood(maxAge: .seconds(60))]))
        let policy = RoutePolicy(
            name: "p", pipeline: Pipeline("p", [.gate(breaker)]), fallback: fallback, fallbackMetadata: ["Authorization"])
        try await withPolicies(policy) { client in
            func ask(_ metadata: Metadata) async throws -> String? {
                try await client.unary(FourKinds.unary, "who am I", options: CallOptions(metadata: metadata)).fallbackStep
            }
            let first = try await ask(["authorization": "a", "trace": "1"])
            await breaker.isolate()
            let second = try await ask(["authorization": "a", "trace": "2"])
            #expect(first == nil && second == "lastGood")
            for other: Metadata in [["authorization": "b"], ["authorization": ""], [:], ["authorization": "a", "Authorization": "b"]] {
                await #expect(throws: Rejection.self) { try await ask(other) }
            }
        }
    }

    @Test("S8: a probe stream decides at its first message, while it goes on")
    func probeStream() async throws {
        let breaker = try breaker()
        try await withPolicies(RoutePolicy(name: "p", pipeline: Pipeline("p", [.gate(breaker)]))) { client in
            await breaker.reconfigure(
                try .init(window: .count(10), minimumCalls: 2, open: .init(for: .nanoseconds(1), jitter: 0), halfOpen: .init(probes: 1)))
            await breaker.trip()
            try await client.bidirectional(FourKinds.bidirectional) { requests, responses in
                try await requests.write("a")
                #expect(breaker.state == .halfOpen)
                let answer = try await responses.next()
                #expect(answer == "A")
                #expect(breaker.state == .closed)
                requests.finish()
            }
            #expect(breaker.state == .closed)
        }
    }

    @Test("S8: a stream's attempt ends with its status; what its reader throws of its own says nothing")
    func streamEnds() async throws {
        let breaker = try breaker()
        try await withPolicies(RoutePolicy(name: "p", pipeline: Pipeline("p", [.gate(breaker)]))) { client in
            await #expect(throws: Own.self) {
                try await client.serverStreaming(FourKinds.serverStreaming, "one two") { _ in throw Own() }
            }
            #expect(breaker.snapshot().calls == 0)
            await #expect(throws: RPCError.self) {
                try await client.serverStreaming(FourKinds.serverStreaming, "one fail") { responses in
                    for try await _ in responses {}
                }
            }
            #expect(breaker.snapshot().failed == 1)
            // A reader that keeps the failure to itself changes nothing about it.
            try await client.serverStreaming(FourKinds.serverStreaming, "one fail") { responses in
                do { for try await _ in responses {} } catch {}
            }
            #expect(breaker.snapshot().failed == 2)
        }
    }

    @Test("S8: a reader that the body itself cancels is no cancelled call", arguments: [true, false])
    func readerCancelledByBody(isStatus: Bool) async throws {
        let breaker = try breaker()
        let own: any Error = isStatus ? RPCError(.invalidArgument, "my own") : Own()
        try await withPolicies(RoutePolicy(name: "p", pipeline: Pipeline("p", [.gate(breaker)]))) { client in
            let error = await #expect(throws: (any Error).self) {
                try await client.bidirectional(FourKinds.bidirectional) { _, responses in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { _ = try await responses.next() }
                        group.addTask { throw own }
                        // Not `waitForAll()`, which would wait for the reader, too.
                        for try await _ in group {}
                    }
                }
            }
            #expect(isStatus ? error as? RPCError == own as? RPCError : error is Own, "\(String(describing: error))")
            #expect(breaker.snapshot().calls == 0 && breaker.counters.ignored == 1)
        }
    }

    @Test(
        "S8, S42: an answer that comes before all is written is a success, and so is one after a write that was refused",
        arguments: [true, false])
    func refusedWrites(withRetry: Bool) async throws {
        let breaker = try breaker()
        let retry = Retry("r", try .init(maxAttempts: 3, budget: nil))
        let pipeline = Pipeline("p", (withRetry ? [.retry(retry)] : []) + [.gate(breaker)])
        try await withPolicies(RoutePolicy(name: "p", pipeline: pipeline, isIdempotent: true)) { client in
            let early = try await client.clientStreaming(FourKinds.clientStreaming) { requests in
                try await requests.write("enough")
                while true { try await requests.write(Fourkinds_Text(String(repeating: "x", count: 1_000))) }
            }
            #expect(early.message == "enough")
            #expect(breaker.snapshot().calls == 1 && breaker.snapshot().failed == 0)
            let late = try await client.clientStreaming(FourKinds.clientStreaming) { requests in
                let tooLong = Fourkinds_Text(String(repeating: "x", count: 5_000_000))
                let refused = await #expect(throws: RPCError.self) { try await requests.write(tooLong) }
                #expect(refused?.code == .resourceExhausted)
                try await requests.write("short")
            }
            #expect(late.message == "short")
            #expect(breaker.snapshot().calls == 2 && breaker.snapshot().failed == 0)
        }
    }

    @Test("A call is as critical as its route says, unless its options say otherwise")
    func criticality() async throws {
        let controller = DegradationController("c", try .init(inFlight: .init(enter: 1_000, leave: 1)))
        controller.hold(at: .sheddablePlus)
        let pipeline = Pipeline("p", [.gate(LoadShedder("s", controller))])
        try await withPolicies(RoutePolicy(name: "p", pipeline: pipeline, criticality: .sheddablePlus)) { client in
            await #expect(throws: Rejection.self) { try await client.unary(FourKinds.unary, "hello") }
            var critical = CallOptions()
            critical.criticality = .critical
            let answer = try await client.unary(FourKinds.unary, "hello", options: critical)
            #expect(answer.message == "HELLO")
        }
    }
}
