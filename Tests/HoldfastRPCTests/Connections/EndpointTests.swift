import Holdfast
import NIOCore
import NIOPosix
import Testing

@testable import HoldfastRPC

@Suite("Several endpoints")
struct EndpointTests {
    /// A service that says which of its servers answered, and fails where it is told to.
    private final class Named: RPCService {
        let name: String
        let failing = Locked(false)

        init(name: String) {
            self.name = name
        }

        func register(on router: inout RPCRouter) {
            router.unary(FourKinds.unary) { [self] _, _ in
                if failing.withLock({ $0 }) { throw RPCError(.unavailable, "as asked") }
                return FourKinds.Text(name)
            }
        }
    }

    private struct Fleet {
        var services: [Named] = []
        var servers: [RPCServer] = []
        var endpoints: [Endpoint] { servers.map { .tcp(host: $0.host, port: $0.port) } }
    }

    private func withFleet(
        of count: Int = 3, _ policy: LoadBalancing, _ change: (inout RPCClient.Configuration) throws -> Void = { _ in },
        _ body: (RPCClient, Fleet) async throws -> Void
    ) async throws {
        var fleet = Fleet()
        for number in 0..<count {
            let service = Named(name: "\(number)")
            fleet.services.append(service)
            fleet.servers.append(try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [service]))
        }
        var configuration = RPCClient.Configuration()
        configuration.loadBalancing = policy
        configuration.backoff.base = .seconds(3600)
        try change(&configuration)
        try await withClient(RPCClient(endpoints: fleet.endpoints, security: .plaintext, configuration: configuration)) { client in
            try await body(client, fleet)
        }
        for server in fleet.servers { await server.shutdown(grace: .zero) }
    }

    private func ask(_ client: RPCClient) async -> Result<String, any Error> {
        do { return .success(try await client.unary(FourKinds.unary, "who").message.text) } catch { return .failure(error) }
    }

    private func failure(_ client: RPCClient) async -> (any Error)? {
        if case .failure(let error) = await ask(client) { error } else { nil }
    }

    /// Asks until all of `names` have answered, so that all are connected.
    private func connect(_ client: RPCClient, _ names: Set<String>) async {
        var seen: Set<String> = []
        while !names.isSubset(of: seen) {
            if case .success(let name) = await ask(client) { seen.insert(name) }
        }
    }

    @Test("Pick-first keeps to the first, goes on to the next when it is lost, and says who answered")
    func pickFirst() async throws {
        try await withFleet(.pickFirst) { client, fleet in
            for _ in 0..<5 { #expect(try await self.ask(client).get() == "0") }
            await fleet.servers[0].shutdown(grace: .zero)
            let response = try await client.unary(FourKinds.unary, "who")
            #expect(response.message == "1" && response.endpoint == fleet.endpoints[1])
            let unknown = RPCMethod<Fourkinds_Text, Fourkinds_Text>(service: "no.Such", name: "Method", kind: .unary)
            let error = await #expect(throws: RPCError.self) { try await client.unary(unknown, "x") }
            #expect(error?.code == .unimplemented && error?.endpoint == fleet.endpoints[1])
        }
    }

    @Test("Round-robin takes turns, and goes round those that are lost")
    func roundRobin() async throws {
        try await withFleet(.roundRobin) { client, fleet in
            await self.connect(client, ["0", "1", "2"])
            var answers: [String] = []
            for _ in 0..<9 { answers.append(try await self.ask(client).get()) }
            #expect(Dictionary(grouping: answers, by: \.self).mapValues(\.count) == ["0": 3, "1": 3, "2": 3])
            await fleet.servers[1].shutdown(grace: .seconds(5))
            for _ in 0..<9 { #expect(try await self.ask(client).get() != "1") }
        }
    }

    @Test("Least-request reaches all")
    func leastRequest() async throws {
        try await withFleet(.leastRequest) { client, _ in await self.connect(client, ["0", "1", "2"]) }
    }

    @Test("When no endpoint can be connected to, the call fails with the last error")
    func noneThere() async throws {
        try await withFleet(of: 2, .roundRobin) { client, fleet in
            for server in fleet.servers { await server.shutdown(grace: .zero) }
            let error = try #require(await self.failure(client) as? RPCError)
            #expect(error.isConnectionError && error.isUnprocessed)
        }
    }

    @Test("An endpoint that fails in a row is ejected, and all are used when too many are")
    func ejection() async throws {
        try await withFleet(
            .roundRobin,
            {
                $0.outlierDetection = try OutlierDetection(consecutiveFailures: 3, maximumEjected: 0.7)
                $0.panicThreshold = 0.4
            }
        ) { client, fleet in
            await self.connect(client, ["0", "1", "2"])
            fleet.services[0].failing.withLock { $0 = true }
            var failures = 0
            for _ in 0..<30 { if case .failure = await self.ask(client) { failures += 1 } }
            #expect(failures == 3)
            // With a second one ejected, two of three are out: more than the threshold.
            fleet.services[1].failing.withLock { $0 = true }
            for _ in 0..<30 { _ = await self.ask(client) }
            fleet.services[0].failing.withLock { $0 = false }
            await self.connect(client, ["0", "2"])
        }
    }

    @Test("An ejected endpoint is used as long as no other is connected", arguments: [LoadBalancing.roundRobin, .pickFirst])
    func ejectedOrNone(policy: LoadBalancing) async throws {
        // Connects, and never says a word.
        let (listener, port) = try LoopbackSocket.listen()
        defer { listener.stop() }
        let service = Named(name: "ejected")
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [service])
        var configuration = RPCClient.Configuration()
        configuration.loadBalancing = policy
        configuration.connectTimeout = .seconds(3_600)
        configuration.outlierDetection = try OutlierDetection(consecutiveFailures: 1, baseEjectionTime: .seconds(300))
        let endpoints = [server.port, port].map { Endpoint.tcp(host: "127.0.0.1", port: $0) }
        try await withClient(RPCClient(endpoints: endpoints, security: .plaintext, configuration: configuration)) { client in
            service.failing.withLock { $0 = true }
            let failure = await self.failure(client)
            #expect((failure as? RPCError)?.message == "as asked")
            service.failing.withLock { $0 = false }
            let answer = try await client.unary(FourKinds.unary, "who", options: CallOptions(timeout: .seconds(60))).message
            #expect(answer == "ejected")
        }
        await server.shutdown(grace: .zero)
    }

    @Test("Pick-first goes on from an ejected endpoint to the next one")
    func pickFirstEjected() async throws {
        try await withFleet(
            of: 2, .pickFirst, { $0.outlierDetection = try OutlierDetection(consecutiveFailures: 1, baseEjectionTime: .seconds(300)) }
        ) { client, fleet in
            fleet.services[0].failing.withLock { $0 = true }
            await self.connect(client, ["1"])
            for _ in 0..<5 {
                let answer = try await self.ask(client).get()
                #expect(answer == "1")
            }
        }
    }

    @Test("An ejected endpoint returns after its time")
    func returning() async throws {
        try await withFleet(
            of: 2, .roundRobin,
            { $0.outlierDetection = try OutlierDetection(consecutiveFailures: 1, baseEjectionTime: .milliseconds(20)) }
        ) { client, fleet in
            await self.connect(client, ["0", "1"])
            fleet.services[0].failing.withLock { $0 = true }
            while case .success = await self.ask(client) {}
            fleet.services[0].failing.withLock { $0 = false }
            await self.connect(client, ["0"])
        }
    }

    @Test("S4: an endpoint whose breaker refuses is passed over; when all refuse, the call fails with the rejection")
    func breakers() async throws {
        try await withFleet(
            of: 2, .roundRobin,
            {
                $0.endpointBreaker = try .init(
                    window: .count(10), minimumCalls: 2, failureRate: nil, consecutiveFailures: 2,
                    open: .init(for: .seconds(3600), max: .seconds(3600)))
            }
        ) { client, fleet in
            await self.connect(client, ["0", "1"])
            fleet.services[0].failing.withLock { $0 = true }
            var failures = 0
            for _ in 0..<10 { if case .failure = await self.ask(client) { failures += 1 } }
            #expect(failures == 2)
            fleet.services[1].failing.withLock { $0 = true }
            for _ in 0..<2 { _ = await self.ask(client) }
            let error = try #require(await self.failure(client) as? Rejection)
            #expect(error.reason == .open && error.policy.hasPrefix("endpoint 127.0.0.1:") && error.retryAfter != nil)
        }
    }

    @Test(
        "S7: an endpoint is blamed for a call's own timeout, and not for a caller who gives it less",
        arguments: [(nil, 20, true), (3_600_000, 20, false), (20, 3_600_000, true)] as [(Int64?, Int64, Bool)])
    func impatience(timeout: Int64?, deadline: Int64, isBlamed: Bool) async throws {
        try await withServer { _, server, _ in
            var configuration = RPCClient.Configuration()
            configuration.endpointBreaker = try .init(
                window: .count(10), minimumCalls: 1, failureRate: nil, consecutiveFailures: 1,
                open: .init(for: .seconds(3600), max: .seconds(3600)))
            let client = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext, configuration: configuration)
            try await withClient(client) { client in
                await self.connect(client, ["WHO"])
                if let timeout {
                    let stages: [Pipeline.Stage] = [.timeout(try Timeout("own", after: .milliseconds(timeout)))]
                    client.policies = RouteTable(rest: RoutePolicy(name: "p", pipeline: Pipeline("p", stages)))
                }
                var isRefused = false
                // On a busy machine the time may be over before a call is sent, and then it says nothing.
                for _ in 0..<20 where !isRefused {
                    var options = CallOptions(timeout: .milliseconds(deadline))
                    _ = try? await client.unary(FourKinds.unary, "sleep", options: options)
                    options = CallOptions(timeout: .milliseconds(deadline))
                    _ = try? await client.serverStreaming(FourKinds.serverStreaming, "sleep", options: options) { try await $0.next() }
                    isRefused = await self.failure(client) is Rejection
                    if !isBlamed { break }
                }
                #expect(isRefused == isBlamed)
            }
        }
    }

    @Test("S7: an endpoint is not blamed for calls that waited for room, and were not sent")
    func neverSent() async throws {
        let (began, release) = (Signal(), Signal())
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
        configuration.endpointBreaker = try .init(
            window: .count(10), minimumCalls: 1, failureRate: nil, consecutiveFailures: 1,
            open: .init(for: .seconds(3600), max: .seconds(3600)))
        let client = try RPCClient(host: "127.0.0.1", port: peer.port, security: .plaintext, configuration: configuration)
        try await withClient(client) { client in
            async let held = client.unary(FourKinds.unary, "held").message
            try await began.wait()
            let error = await #expect(throws: RPCError.self) {
                try await client.unary(FourKinds.unary, "x", options: CallOptions(timeout: .milliseconds(20)))
            }
            #expect(error?.code == .deadlineExceeded)
            let later = Task.immediate { try await client.unary(FourKinds.unary, "later").message }
            release.fire()
            #expect(try await held == "HELD")
            #expect(try await later.value == "LATER")
        }
    }

    @Test("S64: a refused call is sent again to another endpoint")
    func resentElsewhere() async throws {
        let refusing = try ScriptedPeer { connection, _ in
            while let request = connection.request() { connection.refuse(request.stream) }
        }
        let answering = try ScriptedPeer { connection, _ in
            while let request = connection.request() { connection.answer(request) }
        }
        var configuration = RPCClient.Configuration()
        configuration.loadBalancing = .roundRobin
        let endpoints = [refusing, answering].map { Endpoint.tcp(host: "127.0.0.1", port: $0.port) }
        try await withClient(RPCClient(endpoints: endpoints, security: .plaintext, configuration: configuration)) { client in
            while refusing.accepted == 0 || answering.accepted == 0 { _ = await self.ask(client) }
            for _ in 0..<6 {
                let answer = try await self.ask(client).get()
                #expect(answer == "WHO")
            }
        }
    }

    @Test("A retry goes to another endpoint than the attempt before")
    func retryElsewhere() async throws {
        let retry = Retry("r", try .init(maxAttempts: 2, backoff: .constant(.zero), budget: nil))
        let policy = RoutePolicy(name: "p", pipeline: Pipeline("p", [.retry(retry)]), isIdempotent: true)
        try await withFleet(of: 2, .leastRequest, { $0.policies = RouteTable(rest: policy) }) { client, fleet in
            await self.connect(client, ["0", "1"])
            fleet.services[0].failing.withLock { $0 = true }
            for _ in 0..<20 {
                let answer = try await self.ask(client).get()
                #expect(answer == "1")
            }
        }
    }

    private struct FixedResolver: NameResolver {
        let answer: @Sendable () throws -> [String]

        func addresses(of host: String, on eventLoop: any EventLoop) -> EventLoopFuture<[String]> {
            eventLoop.submit { try answer() }
        }
    }

    @Test("Each address of a name is an endpoint")
    func name() async throws {
        let first = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [Named(name: "1")])
        let second = try await RPCServer.start(host: "127.0.0.2", port: first.port, security: .plaintext, services: [Named(name: "2")])
        var configuration = RPCClient.Configuration()
        configuration.loadBalancing = .roundRobin
        let resolver = FixedResolver { ["127.0.0.1", "127.0.0.2"] }
        let client = try RPCClient(
            .name(host: "service", port: first.port), security: .plaintext, configuration: configuration,
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup,
            resolver: resolver)
        try await withClient(client) { client in await self.connect(client, ["1", "2"]) }
        await first.shutdown(grace: .zero)
        await second.shutdown(grace: .zero)
    }

    @Test("A name that is not found is one clear error, and found later")
    func unknownName() async throws {
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [Named(name: "here")])
        let isKnown = Locked(false)
        let resolver = FixedResolver {
            guard isKnown.withLock({ $0 }) else { throw SystemNameResolver.Failure(code: -2) }
            return ["127.0.0.1"]
        }
        var configuration = RPCClient.Configuration()
        configuration.backoff.base = .milliseconds(2)
        let client = try RPCClient(
            .name(host: "service", port: server.port), security: .plaintext, configuration: configuration,
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup, resolver: resolver)
        try await withClient(client) { client in
            let error = try #require(await self.failure(client) as? RPCError)
            #expect(
                error.message
                    == "could not connect to service:\(server.port): service was not found (Name or service not known)")
            isKnown.withLock { $0 = true }
            var options = CallOptions()
            options.waitForReady = true
            #expect(try await client.unary(FourKinds.unary, "who", options: options).message == "here")
        }
        await server.shutdown(grace: .zero)
    }

    @Test("The system resolver knows this machine")
    func system() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let addresses = try await SystemNameResolver().addresses(of: "localhost", on: loop).get()
        #expect(addresses.contains("127.0.0.1") || addresses.contains("::1"))
        #expect(try await SystemNameResolver().addresses(of: "127.0.0.1", on: loop).get() == ["127.0.0.1"])
    }

    @Test("Names are looked up again not more often than every 30 s, and after a failure as the backoff says")
    func lookups() {
        var lookup = NameLookup()
        let second: Int64 = 1_000_000_000
        func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * second) }
        let early = [lookup.begin(now: at(0)), lookup.begin(now: at(40))]
        #expect(early == [true, false])
        lookup.succeeded()
        let later = [lookup.begin(now: at(29)), lookup.begin(now: at(30))]
        #expect(later == [false, true])
        let first = lookup.failed(ConnectionBackoff(), now: at(31), random: 0.5)
        #expect(first == second)
        let afterwards = [lookup.begin(now: at(31)), lookup.begin(now: at(32))]
        #expect(afterwards == [false, true])
        let next = lookup.failed(ConnectionBackoff(), now: at(32), random: 0.5)
        #expect(next == 1_600_000_000)
    }
}
