import Holdfast
import Testing

@testable import HoldfastRPC

@Suite("Waiting for a server, and letting go of one")
struct ReadinessTests {
    private static var impatient: RPCClient.Configuration {
        var configuration = RPCClient.Configuration()
        configuration.backoff.base = .milliseconds(2)
        configuration.backoff.maximum = .milliseconds(2)
        return configuration
    }

    @Test("A call that waits for ready is sent once the server is there; others fail at once")
    func waitForReady() async throws {
        let first = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [FourKindsService()])
        await first.shutdown(grace: .zero)
        try await withClient(RPCClient(host: "127.0.0.1", port: first.port, security: .plaintext, configuration: Self.impatient)) {
            client in
            var options = CallOptions()
            options.waitForReady = true
            async let patient = client.unary(FourKinds.unary, "patient", options: options).message
            async let stream = client.clientStreaming(FourKinds.clientStreaming, options: options) { requests in
                try await requests.write("a")
                try await requests.write("b")
            }.message
            let refused = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
            #expect(refused?.isUnprocessed == true)
            let second = try await RPCServer.start(
                host: "127.0.0.1", port: first.port, security: .plaintext, services: [FourKindsService()])
            #expect(try await patient == "PATIENT")
            #expect(try await stream == "a b")
            await client.shutdown()
            await second.shutdown(grace: .zero)
        }
    }

    @Test("A call that waits for ready ends with its deadline, and with its task")
    func waitInVain() async throws {
        try await withClient(RPCClient(unixSocket: "/nowhere/at/all", security: .plaintext, configuration: Self.impatient)) { client in
            var options = CallOptions(timeout: .milliseconds(20))
            options.waitForReady = true
            let error = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x", options: options) }
            #expect(error?.code == .deadlineExceeded)
            options.deadline = nil
            let call = Task { [options] in try await client.unary(FourKinds.unary, "x", options: options) }
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
        }
    }

    @Test("A graceful shutdown of the client lets calls finish, those that wait included, and refuses later ones")
    func graceful() async throws {
        let (release, began) = (Signal(), Signal())
        let peer = try ScriptedPeer(settings: [(3, 1)]) { connection, _ in
            while let request = connection.request() {
                if request.text == "held" {
                    began.fire()
                    release.block()
                }
                connection.answer(request)
            }
        }
        var configuration = RPCClient.Configuration()
        configuration.maximumConnectionsPerEndpoint = 1
        let client = try RPCClient(host: "127.0.0.1", port: peer.port, security: .plaintext, configuration: configuration)
        async let held = client.unary(FourKinds.unary, "held").message
        try await began.wait()
        // What is immediate has been handed to the event loop when the next line runs.
        let waited = Task.immediate { try await client.unary(FourKinds.unary, "waited").message }
        let stopped = Task.immediate { await client.shutdown(grace: .seconds(3_600)) }
        let later = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "later") }
        #expect(later?.message == "the client has been shut down")
        release.fire()
        #expect(try await held == "HELD")
        #expect(try await waited.value == "WAITED")
        await stopped.value
        #expect(peer.served == ["held", "waited"])
    }

    @Test("At the end of the grace what still runs is ended")
    func graceEnds() async throws {
        try await withServer { client, _, _ in
            let call = Task.immediate { try await client.unary(FourKinds.unary, "sleep") }
            await client.shutdown(grace: .milliseconds(10))
            let error = await #expect(throws: RPCError.self) { try await call.value }
            #expect(error?.message == "the client has been shut down")
        }
    }

    struct BadValue: Sendable, CustomTestStringConvertible {
        let change: @Sendable (inout RPCClient.Configuration) -> Void
        let message: String
        var testDescription: String { message }

        init(_ message: String, _ change: @escaping @Sendable (inout RPCClient.Configuration) -> Void) {
            self.change = change
            self.message = message
        }
    }

    private static let badValues = [
        BadValue("connectTimeout: 0.0 seconds is not above zero") { $0.connectTimeout = .zero },
        BadValue("maximumHeaderListSize: 1023 is outside 1024...65536") { $0.maximumHeaderListSize = 1_023 },
        BadValue("maximumConnectionsPerEndpoint: 0 is outside 1...1000") { $0.maximumConnectionsPerEndpoint = 0 },
        BadValue("maximumWaitingCalls: 0 is outside 1...9223372036854775807") { $0.maximumWaitingCalls = 0 },
        BadValue("idleTimeout: 0.0 seconds is not above zero") { $0.idleTimeout = .zero },
        BadValue("panicThreshold: nan is outside 0.0...1.0") { $0.panicThreshold = .nan },
        BadValue("replayBufferLength: -1 is outside 0...9223372036854775807") { $0.replayBufferLength = -1 },
        BadValue("authority: \"a b\" is no name or address: use one or more ASCII letters, digits and any of -._~:[]%!$&'()*+,;=") {
            $0.authority = "a b"
        },
        BadValue("authority: \"a?b\" is no name or address: use one or more ASCII letters, digits and any of -._~:[]%!$&'()*+,;=") {
            $0.authority = "a\nb"
        },
        BadValue("userAgentPrefix: \"caf\u{E9}\" is not printable ASCII without spaces around it") { $0.userAgentPrefix = "caf\u{E9}" },
        BadValue("userAgentPrefix: \" shop\" is not printable ASCII without spaces around it") { $0.userAgentPrefix = " shop" },
        BadValue("backoff.factor: 0.5 is not a finite number of at least 1.0") { $0.backoff.factor = 0.5 },
    ]

    @Test("Bad values are refused with field, value and range", arguments: badValues)
    func configuration(bad: BadValue) {
        var configuration = RPCClient.Configuration()
        bad.change(&configuration)
        let makers: [(RPCClient.Configuration) throws -> RPCClient] = [
            { try RPCClient(endpoints: [.tcp(host: "h", port: 1)], security: .plaintext, configuration: $0) },
            { try RPCClient(host: "127.0.0.1", port: 1, security: .plaintext, configuration: $0) },
            { try RPCClient(unixSocket: "/nowhere/at/all", security: .plaintext, configuration: $0) },
        ]
        for make in makers {
            let error = #expect(throws: ConfigurationError.self) { _ = try make(configuration) }
            #expect(error?.description == bad.message)
        }
    }

    @Test("A port or a host that is none is refused, and nothing else is connected to", arguments: [0, -1, 65_536, 70_000, .max])
    func place(port: Int) {
        let range = "port: \(port) is outside 1...65535"
        let refused = #expect(throws: ConfigurationError.self) {
            _ = try RPCClient(endpoints: [.tcp(host: "127.0.0.1", port: port)], security: .plaintext)
        }
        #expect(refused?.description == range)
        for policy in [LoadBalancing.pickFirst, .roundRobin] {
            var configuration = RPCClient.Configuration()
            configuration.loadBalancing = policy
            for (host, message) in [("127.0.0.1", range), ("", nil), ("a b", nil), ("[::1]", nil)] {
                let error = #expect(throws: ConfigurationError.self) {
                    _ = try RPCClient(host: host, port: port, security: .plaintext, configuration: configuration)
                }
                #expect(
                    message.map { error?.description == $0 } ?? error?.description.hasPrefix("host: \"\(host)\" is no name") == true)
            }
        }
        let nowhere = #expect(throws: ConfigurationError.self) { _ = try RPCClient(unixSocket: "", security: .plaintext) }
        #expect(nowhere?.description == "path: \"\" is empty; name a Unix domain socket")
    }

    @Test("Settings with a type of their own refuse bad values when made")
    func ownTypes() {
        #expect(throws: ConfigurationError.self) { try Keepalive(interval: .zero) }
        #expect(throws: ConfigurationError.self) { try Keepalive(interval: .seconds(1), timeout: .zero) }
        #expect(throws: ConfigurationError.self) { try SlowStart(window: .zero) }
        #expect(throws: ConfigurationError.self) { try SlowStart(window: .seconds(1), minimumWeight: 0) }
        #expect(throws: ConfigurationError.self) { try OutlierDetection(consecutiveFailures: 0) }
        #expect(throws: ConfigurationError.self) { try OutlierDetection(failureRate: 1.1) }
        #expect(throws: ConfigurationError.self) { try OutlierDetection(maximumEjectionTime: .seconds(1)) }
        #expect(throws: ConfigurationError.self) { try OutlierDetection(maximumEjected: -0.1) }
        #expect(throws: ConfigurationError.self) { _ = try RPCClient(endpoints: [], security: .plaintext) }
        #expect(throws: ConfigurationError.self) {
            _ = try RPCClient(endpoints: [.unix(path: "a"), .unix(path: "a")], security: .plaintext)
        }
    }
}
