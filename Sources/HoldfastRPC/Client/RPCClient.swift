public import Holdfast
public import NIOCore
public import NIOPosix

/// A client of one service, on one server or several: gRPC over HTTP/2.
///
/// It connects when the first call needs it, and again when a connection is lost; calls that come while it waits to try
/// again fail at once with UNAVAILABLE, unless they wait for ready. All calls to one server share a connection; another is
/// made when the server takes no more calls on it. Letting go of the client ends what it still does.
///
/// ```swift
/// let client = try RPCClient(host: "127.0.0.1", port: 50051, security: .plaintext)
/// let answer = try await client.unary(SayEchoMethods.sayHi, request, options: CallOptions(timeout: .seconds(1)))
/// await client.shutdown()
/// ```
public final class RPCClient: Sendable {
    private let transport: any ClientTransport
    private let onDeinit: @Sendable () -> Void
    private let routes: CurrentRoutes
    let compression: MessageCompression
    let interceptors: ArraySlice<ClientInterceptor>
    /// How many bytes of a stream's requests are kept for a retry.
    let replayBufferLength: Int
    let maximumMessageLength: Int

    /// Makes a client of a server reached over TCP.
    ///
    /// With ``LoadBalancing/pickFirst``, the default, one of the addresses of `host` is connected to ("Happy Eyeballs", RFC 8305). With
    /// the other policies each address is an endpoint of its own, and the name is looked up again when connections are lost.
    /// - Parameters:
    ///   - host: a name or an address.
    ///   - port: 1 to 65535.
    ///   - security: TLS, or plaintext if that is meant.
    ///   - configuration: gRPC's defaults unless given.
    ///   - eventLoopGroup: one of its event loops carries the client. It must outlive the client.
    /// - Throws: `ConfigurationError` with the field, the value and the range.
    public convenience init(
        host: String, port: Int, security: TransportSecurity, configuration: Configuration = Configuration(),
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) throws(ConfigurationError) {
        let source: EndpointSource =
            configuration.loadBalancing == .pickFirst
            ? .fixed([.tcp(host: host, port: port)]) : .name(host: host, port: port)
        try self.init(source, security: security, configuration: configuration, eventLoopGroup: eventLoopGroup)
    }

    /// Makes a client of a server reached over a Unix domain socket.
    /// - Throws: `ConfigurationError` with the field, the value and the range.
    public convenience init(
        unixSocket path: String, security: TransportSecurity, configuration: Configuration = Configuration(),
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) throws(ConfigurationError) {
        try self.init(.fixed([.unix(path: path)]), security: security, configuration: configuration, eventLoopGroup: eventLoopGroup)
    }

    /// Makes a client of several servers that offer the same service; ``Configuration/loadBalancing`` says which gets a call.
    /// - Parameters:
    ///   - endpoints: at least one, each once.
    ///   - security: TLS, or plaintext if that is meant.
    ///   - configuration: gRPC's defaults unless given.
    ///   - eventLoopGroup: one of its event loops carries the client. It must outlive the client.
    /// - Throws: `ConfigurationError` with the field, the value and the range.
    public convenience init(
        endpoints: [Endpoint], security: TransportSecurity, configuration: Configuration = Configuration(),
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) throws(ConfigurationError) {
        guard !endpoints.isEmpty else { throw ConfigurationError("endpoints", endpoints, "names none; give at least one") }
        guard Set(endpoints).count == endpoints.count else {
            throw ConfigurationError("endpoints", endpoints, "names one twice; give each once")
        }
        try self.init(.fixed(endpoints), security: security, configuration: configuration, eventLoopGroup: eventLoopGroup)
    }

    convenience init(
        _ source: EndpointSource, security: TransportSecurity, configuration: Configuration, eventLoopGroup: any EventLoopGroup,
        resolver: any NameResolver = SystemNameResolver()
    ) throws(ConfigurationError) {
        try source.check()
        try configuration.check()
        #if TLS
        for endpoint in source.endpoints { try security.check(authority: configuration.authority ?? endpoint.authority) }
        #endif
        var configuration = configuration
        configuration.security = security
        configuration.limits.messageLength = configuration.maximumMessageLength
        configuration.limits.headerListSize = configuration.maximumHeaderListSize
        configuration.limits.flowControl = configuration.flowControl
        let transport = SocketTransport(
            source, configuration: configuration, eventLoop: eventLoopGroup.next(), resolver: resolver)
        self.init(transport: transport, configuration: configuration, onDeinit: { transport.abandon() })
    }

    /// Makes a client over another transport.
    package init(
        transport: any ClientTransport, configuration: Configuration = Configuration(), onDeinit: @escaping @Sendable () -> Void = {}
    ) {
        self.transport = transport
        routes = CurrentRoutes(configuration.policies)
        compression = configuration.compression
        interceptors = configuration.interceptors[...]
        replayBufferLength = configuration.replayBufferLength
        maximumMessageLength = configuration.maximumMessageLength
        self.onDeinit = onDeinit
    }

    deinit {
        onDeinit()
    }

    /// Which policies apply to which method. Calls that begin after a change go by the new table; those that run keep the one they
    /// began with, its retries included. Policies that both tables name by the same object keep their state.
    public var policies: RouteTable {
        get { routes.current }
        set { routes.current = newValue }
    }

    /// The breakers of the endpoints there are now, one each; see ``Configuration/endpointBreaker``.
    public var endpointBreakers: [CircuitBreaker] { transport.endpointBreakers }

    /// Takes no more calls, lets those that run finish for at most `grace`, ends the rest with UNAVAILABLE, and closes the connections.
    ///
    /// Calls made later fail at once, and so does another attempt of a call whose attempt fails meanwhile.
    /// - Parameter grace: zero, unless given: running calls end at once.
    public func shutdown(grace: Duration = .zero) async {
        await transport.shutdown(grace: grace)
    }

    /// Lets the attempts of one call know of each other, if they can go to several servers or are under way together.
    func tracked(_ options: CallOptions, _ pipeline: Pipeline) -> CallOptions {
        guard options.attempts == nil, transport.hasSeveralEndpoints || pipeline.isHedged else { return options }
        var options = options
        options.attempts = AttemptCounter()
        return options
    }

    // The two ways through which every call goes, messages as bytes.

    /// Sends a call with one message in each direction.
    nonisolated(nonsending) func send(
        _ path: String, _ message: [UInt8], _ options: CallOptions, deadline: Instant?, attempt: Int, hedge: Int = 1,
        isCutShort: Bool = false
    ) async throws -> RPCResponse<[UInt8]> {
        let compression = options.compression ?? compression
        var request = UnaryRequest(
            path: path, message: message, metadata: Self.headers(options, compression, attempt: attempt, hedge: hedge), deadline: deadline,
            attempts: options.attempts, waitsForReady: options.waitForReady)
        request.compression = compression
        request.isCutShort = isCutShort
        return try await transport.unary(request)
    }

    /// Opens a call with several messages.
    func open(
        _ path: String, _ options: CallOptions, deadline: Instant?, attempt: Int, hedge: Int = 1, isCutShort: Bool = false,
        messages: [StreamMessage] = [], isComplete: Bool = false
    ) -> any ClientStream {
        let compression = options.compression ?? compression
        var request = StreamRequest(
            path: path, metadata: Self.headers(options, compression, attempt: attempt, hedge: hedge), deadline: deadline,
            attempts: options.attempts, waitsForReady: options.waitForReady)
        request.compression = compression
        request.isCutShort = isCutShort
        request.messages = messages
        request.isComplete = isComplete
        return transport.open(request)
    }

    /// The caller's metadata, and what is to be said of the call besides what every call says.
    /// - Parameters:
    ///   - attempt: which of its retries this is, from 1; the server is told how many came before it, for information (S63).
    ///   - hedge: which of a hedge's attempts it is a part of, from 1; those that hedges started count as well (gRFC A6).
    private static func headers(_ options: CallOptions, _ compression: MessageCompression, attempt: Int, hedge: Int) -> Metadata {
        options.attempts?.begin()
        var metadata = options.metadata
        if compression == .gzip { metadata.add("gzip", for: "grpc-encoding") }
        let hedges = hedge > 1 ? options.attempts?.addHedge() ?? hedge - 1 : options.attempts?.hedges ?? 0
        let previous = max(attempt - 1, 0) + hedges
        if previous > 0 { metadata.add(String(previous), for: "grpc-previous-rpc-attempts") }
        return metadata
    }
}
