import Holdfast

/// The server's end of one call: the stream, the task that serves it, and what that task reads and writes through.
///
/// The inbox, the gate and the reply guard themselves. All else is touched on the connection's event loop only, as in the
/// superclass, which is why the class is Sendable.
final class ServerResponder: SessionStream, @unchecked Sendable {
    // The event loop's

    var route: ServerRoute?
    var task: Task<Void, Never>?
    var timer: DeadlineTimers<ServerResponder>.Token?
    /// The request of a call that has one, until the task starts.
    var singleRequest: WireMessage?
    /// Whether headers have been sent.
    var hasResponded = false
    /// Whether the status has been decided.
    var isFinished = false
    /// Whether the request was incomplete when that was last looked at.
    var isSlow = false

    // Set before the task starts

    private(set) var inbox: MessageInbox?
    private(set) var call: ServerCall!
    private var submit: (@Sendable (ServerCommand) -> Bool)!
    private var messageLimit = 0

    private let gate = WriteGate()
    private let output = Locked(Output())

    private struct Output {
        var reply: [UInt8]?
        var hasSentMetadata = false
        /// Decided with the first message.
        var compression = MessageCompression.identity
    }

    /// Ties the stream to its call, before the task starts.
    func prepare(_ call: ServerCall, limits: SessionLimits, submit: @escaping @Sendable (ServerCommand) -> Bool) {
        self.call = call
        self.submit = submit
        messageLimit = limits.messageLength
        if !call.method.kind.hasSingleRequest { inbox = MessageInbox(window: limits.streamWindow) }
    }

    override func takeReturnableBytes() -> Int {
        defer { unreturned = 0 }
        return inbox?.returnable(afterReceiving: unreturned) ?? unreturned
    }

    /// Ends what the task reads and writes.
    func closeStreams() {
        inbox?.finish(.failure(CancellationError()), discarding: true)
        gate.close(CancellationError())
    }

    func drained(_ count: Int) {
        gate.drained(count)
    }

    // The task's side

    /// The request of a call that has one.
    func request() async throws -> [UInt8] {
        try singleRequest?.decompressed(limit: messageLimit, origin: .server) ?? []
    }

    nonisolated(nonsending) func next() async throws -> [UInt8]? {
        // The task is cancelled together with the inbox, by the connection alone; a child task may be by itself.
        let message = try await inbox?.next(onStalled: { _ = submit(.returnWindow(self)) }, onCancel: closeStreams)
        return try message?.decompressed(limit: messageLimit, origin: .server)
    }

    nonisolated(nonsending) func send(_ message: [UInt8], mayCompress: Bool) async throws {
        try MessageLimit.check(message, limit: messageLimit, origin: .server)
        let chosen = responseCompression
        let (isFirst, compression) = output.withLock { output in
            defer { output.hasSentMetadata = true }
            if !output.hasSentMetadata { output.compression = chosen }
            return (!output.hasSentMetadata, output.compression)
        }
        if isFirst { call.sendsFirstMessage() }
        let wire = WireMessage(message, compression: mayCompress ? compression : .identity)
        try gate.book(wire)
        _ = submit(.send(self, wire, isFirst ? headers(call.responseMetadata, compression) : nil))
        try await gate.wait(onCancel: closeStreams)
    }

    /// Ends the call at that instant.
    func limit(to deadline: Instant) {
        _ = submit(.limit(self, deadline))
    }

    /// Sets the one response; it is sent when the interceptors have returned.
    func reply(_ message: [UInt8]) {
        output.withLock { $0.reply = message }
    }

    /// Runs the handler inside the interceptors, and reports how the call ended.
    func run(_ interceptors: ArraySlice<ServerInterceptor>) async {
        do {
            if let deadline = call.deadline {
                // The calls that the handler makes end with it (S44).
                try await Call.$enclosing.withValue(EnclosingCall(limit: deadline)) { try await proceed(interceptors) }
            } else {
                try await proceed(interceptors)
            }
            let reply = output.withLock { $0.reply }
            if let reply { try MessageLimit.check(reply, limit: messageLimit, origin: .server) }
            finish(reply, FinalStatus(metadata: try checked(call.responseTrailers)))
        } catch {
            finish(nil, FinalStatus(RPCError(ofHandler: error)))
        }
    }

    private func proceed(_ interceptors: ArraySlice<ServerInterceptor>) async throws {
        guard let first = interceptors.first else { return try await route!.run(call, self) }
        let rest = interceptors.dropFirst()
        try await first(call) { try await self.proceed(rest) }
    }

    private func finish(_ reply: [UInt8]?, _ status: FinalStatus) {
        var metadata = call.responseMetadata
        if metadata.complaint != nil { metadata = [:] }
        guard let reply else { return _ = submit(.finish(self, reply: nil, metadata: metadata, status)) }
        let compression = responseCompression
        let wire = WireMessage(reply, compression: compression)
        _ = submit(.finish(self, reply: wire, metadata: headers(metadata, compression), status))
    }

    /// What the handler chose, as far as the client reads it.
    private var responseCompression: MessageCompression { call.acceptsGzip ? call.responseCompression : .identity }

    /// The handler's metadata, and what is to be said of the messages behind it.
    private func headers(_ metadata: Metadata, _ compression: MessageCompression) -> Metadata {
        guard compression == .gzip else { return metadata }
        var headers = metadata
        headers.add("gzip", for: "grpc-encoding")
        return headers
    }

    private func checked(_ metadata: Metadata) throws -> Metadata {
        if let complaint = metadata.complaint { throw RPCError(.internalError, complaint) }
        return metadata
    }
}
