import Holdfast

/// The server's end of one call: the stream, the task that serves it, and what that task reads and writes through.
///
/// The inbox, the gate and the reply guard themselves. All else is touched on the connection's event loop only, as in the
/// superclass, which is why the class is Sendable.
final class ServerResponder: SessionStream, @unchecked Sendable {
    // The event loop's

    var task: Task<Void, Never>?
    var timer: DeadlineTimers<ServerResponder>.Token?
    /// Whether the timer is for a limit that this side set, and not for the client's deadline.
    var isLimited = false
    /// The request of a call that has one, until the task starts.
    var singleRequest: WireMessage?
    /// Whether headers have been sent.
    var hasResponded = false
    /// Whether the status has been decided.
    var isFinished = false
    /// Whether the request was incomplete when that was last looked at.
    var isSlow = false
    /// How often in a row its answer was looked at, and waited for the client to read.
    var looksUnread = 0
    /// Whether the handler is in its first stretch, on the event loop; no longer once it has ended there.
    var isBeginning = false

    /// How the handler ended, and what it leaves to send.
    struct Ending {
        var reply: WireMessage?
        var metadata: Metadata
        /// Whether headers stand in front of the status even if nothing else does.
        var sendsHeaders = false
        /// Nil to end without one.
        var status: FinalStatus?
    }

    /// Set by the task, which touches it no more once it has told the event loop.
    var ending: Ending?

    // Set before the task starts

    private(set) var inbox: MessageInbox?
    private(set) var call: ServerCall!
    private var commands: SubmissionQueue<ServerCommand>!
    private var messageLimit = 0
    /// For methods that may have several responses; the one of the others waits for nothing.
    private var gate: WriteGate?

    private let output = Locked(Output())

    private struct Output {
        var reply: [UInt8]?
        /// Decided with the first message.
        var head: Head?
    }

    /// What stands in front of the messages, and says how they are compressed.
    private struct Head {
        let metadata: Metadata
        let compression: MessageCompression
    }

    /// Ties the stream to its call, before the task starts.
    func prepare(_ call: ServerCall, limits: SessionLimits, commands: SubmissionQueue<ServerCommand>) {
        self.call = call
        self.commands = commands
        messageLimit = limits.messageLength
        if !call.method.kind.hasSingleRequest { inbox = MessageInbox(window: limits.streamWindow) }
        if !call.method.kind.hasSingleResponse {
            gate = WriteGate()
            reportsDrained = true
        }
    }

    override func takeReturnableBytes() -> Int {
        defer { unreturned = 0 }
        return inbox?.returnable(afterReceiving: unreturned) ?? unreturned
    }

    /// Ends what the task reads and writes.
    func closeStreams() {
        inbox?.finish(.failure(CancellationError()), discarding: true)
        gate?.close(CancellationError())
    }

    func drained(_ count: Int) {
        gate?.drained(count)
    }

    // The task's side

    /// The request of a call that has one.
    func request() throws -> [UInt8] {
        try singleRequest?.decompressed(limit: messageLimit, origin: .server) ?? []
    }

    nonisolated(nonsending) func next() async throws -> [UInt8]? {
        // The task is cancelled together with the inbox, by the connection alone; a child task may be by itself.
        let message = try await inbox?.next(onStalled: { commands.submit(.returnWindow(self)) }, onCancel: closeStreams)
        guard let message else { return nil }
        call.passes(.toHandler)
        return try message.decompressed(limit: messageLimit, origin: .server)
    }

    nonisolated(nonsending) func send(_ message: [UInt8], mayCompress: Bool) async throws {
        try MessageLimit.check(message, limit: messageLimit, origin: .server)
        let head = try decidedHead()
        call.passes(.toClient)
        let wire = try await wire(message, mayCompress ? head.compression : .identity)
        try gate?.book(wire)
        // Each message brings the headers: of several writers any may be the first to get here.
        commands.submit(.send(self, wire, head.metadata))
        if wire.missing > 0 { throw CancellationError() }
        try await gate?.wait(onCancel: closeStreams)
    }

    /// A message as it leaves.
    private nonisolated(nonsending) func wire(_ message: [UInt8], _ compression: MessageCompression) async throws -> WireMessage {
        guard let alter = call.tampering?.alter else { return WireMessage(message, compression: compression) }
        switch try await alter(message) {
        case .replaced(let bytes): return WireMessage(bytes, compression: compression)
        case .cut(let count): return WireMessage(message, cutTo: count)
        }
    }

    private func decidedHead() throws -> Head {
        try output.withLock { output throws -> Head in
            if let head = output.head { return head }
            let compression = responseCompression
            let head = Head(metadata: headers(try checked(call.responseMetadata), compression), compression: compression)
            output.head = head
            return head
        }
    }

    /// Ends the call at that instant.
    func limit(to deadline: Instant) {
        commands.submit(.limit(self, deadline))
    }

    /// Sets the one response; it is sent when the interceptors have returned.
    func reply(_ message: [UInt8]) {
        output.withLock { $0.reply = message }
    }

    /// Runs the handler inside the interceptors, and reports how the call ended.
    nonisolated(nonsending) func run(_ interceptors: ArraySlice<ServerInterceptor>) async {
        do {
            if let deadline = call.deadline {
                // The calls that the handler makes end with it (S44).
                try await Call.$enclosing.withValue(EnclosingCall(limit: deadline)) { try await proceed(interceptors) }
            } else {
                try await proceed(interceptors)
            }
            var reply: WireMessage?
            if let message = output.withLock({ $0.reply }) {
                try MessageLimit.check(message, limit: messageLimit, origin: .server)
                reply = try await wire(message, responseCompression)
            }
            finish(reply, try checked(call.responseMetadata), FinalStatus(metadata: try checked(call.responseTrailers)))
        } catch {
            finish(nil, call.responseMetadata.valid, FinalStatus(RPCError(ofHandler: error)))
        }
    }

    private nonisolated(nonsending) func proceed(_ interceptors: ArraySlice<ServerInterceptor>) async throws {
        guard let first = interceptors.first else { return try await call.route.run(call, self) }
        let rest = interceptors.dropFirst()
        try await first(call) { try await self.proceed(rest) }
    }

    private func finish(_ reply: WireMessage?, _ metadata: Metadata, _ status: FinalStatus) {
        let tampering = call.tampering
        ending = Ending(
            reply: reply, metadata: reply == nil ? metadata : headers(metadata, responseCompression),
            sendsHeaders: tampering?.sendsHeaders == true, status: tampering?.omitsStatus == true ? nil : status)
        // Whoever began the handler on the event loop looks for its end himself.
        if commands.isOnEventLoop, isBeginning { isBeginning = false } else { commands.submit(.finish(self)) }
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
