import Holdfast
public import NIOCore
public import NIOPosix

/// A client of one server: gRPC over HTTP/2.
///
/// It connects when the first call needs it, and again when the connection is lost; calls that come while it waits to try
/// again fail at once with UNAVAILABLE. All calls share one connection. Letting go of the client ends what it still does.
///
/// ```swift
/// let client = RPCClient(host: "127.0.0.1", port: 50051)
/// let answer = try await client.unary(SayEchoMethods.sayHi, request, options: CallOptions(timeout: .seconds(1)))
/// await client.shutdown()
/// ```
public final class RPCClient: Sendable {
    private let transport: any ClientTransport
    private let onDeinit: @Sendable () -> Void
    /// Which policies apply to which method.
    let routes: RouteTable

    /// Makes a client of a server reached over TCP.
    /// - Parameters:
    ///   - host: a name or an address.
    ///   - port: 1 to 65535.
    ///   - configuration: gRPC's defaults unless given.
    ///   - eventLoopGroup: one of its event loops carries the client. It must outlive the client.
    public convenience init(
        host: String, port: Int, configuration: Configuration = Configuration(),
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        self.init(target: .tcp(host: host, port: port), configuration: configuration, eventLoopGroup: eventLoopGroup)
    }

    /// Makes a client of a server reached over a Unix domain socket.
    public convenience init(
        unixSocket path: String, configuration: Configuration = Configuration(),
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        self.init(target: .unix(path: path), configuration: configuration, eventLoopGroup: eventLoopGroup)
    }

    private convenience init(target: RPCTarget, configuration: Configuration, eventLoopGroup: any EventLoopGroup) {
        var configuration = configuration
        configuration.limits.messageLength = configuration.maximumMessageLength
        configuration.limits.flowControl = configuration.flowControl
        let transport = SocketTransport(target: target, configuration: configuration, eventLoop: eventLoopGroup.next())
        self.init(transport: transport, policies: configuration.policies, onDeinit: { transport.abandon() })
    }

    /// Makes a client over another transport.
    package init(
        transport: any ClientTransport, policies: RouteTable = .empty, onDeinit: @escaping @Sendable () -> Void = {}
    ) {
        self.transport = transport
        routes = policies
        self.onDeinit = onDeinit
    }

    deinit {
        onDeinit()
    }

    /// Ends the calls that still run with UNAVAILABLE, and closes the connection. Calls made later fail at once.
    public func shutdown() async {
        await transport.shutdown()
    }

    // The two ways through which every call goes, messages as bytes.

    /// Sends a call with one message in each direction.
    nonisolated(nonsending) func send(
        _ path: String, _ message: [UInt8], _ options: CallOptions, deadline: Instant?
    ) async throws -> RPCResponse<[UInt8]> {
        if !options.metadata.isEmpty { try Self.check(options.metadata) }
        return try await transport.unary(
            UnaryRequest(
                path: path, message: message, metadata: options.metadata, deadline: deadline, attempts: options.attempts))
    }

    /// Opens a call with several messages, and ends it when `body` returns or throws.
    nonisolated(nonsending) func openStream<Result>(
        _ path: String, _ options: CallOptions, deadline: Instant?,
        _ body: nonisolated(nonsending) (any ClientStream) async throws -> Result
    ) async throws -> Result {
        try Self.check(options.metadata)
        try Task.checkCancellation()
        let stream = transport.open(
            StreamRequest(path: path, metadata: options.metadata, deadline: deadline, attempts: options.attempts))
        defer { stream.cancel() }
        return try await withTaskCancellationHandler {
            try await body(stream)
        } onCancel: {
            stream.cancel()
        }
    }

    private static func check(_ metadata: Metadata) throws(RPCError) {
        if let complaint = metadata.complaint { throw .local(.invalidArgument, complaint) }
    }
}
