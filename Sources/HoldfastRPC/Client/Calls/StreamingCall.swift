import Holdfast

/// A call with several messages in one direction or both.
///
/// What tasks touch is guarded by itself: the inbox, the gate, the metadata. All else belongs to the event loop, as in the
/// superclass, which is why the class is Sendable.
final class StreamingCall: ClientCall, ClientStream, @unchecked Sendable {
    private let inbox: MessageInbox
    private let gate = WriteGate()
    private let initialMetadata = AsyncValue<Metadata>()
    private let trailing = Locked(Metadata())
    private let messageLimit: Int
    private let compression: MessageCompression
    private let submit: @Sendable (ClientCommand) -> Bool

    /// What was sent until the server answered, in case it refuses the call unseen (S64); nil when that is too much. A peer takes
    /// no more than HTTP/2's initial window (RFC 9113, 6.9.2) before it has said anything, so more is seldom worth keeping.
    private var sent: OutboundMessages? = OutboundMessages()
    private var sentBytes = 0
    private static let replayLimit = 65_535
    /// How many bytes have left, and how many will leave a second time.
    private var drainedInAll = 0
    private var drainingAgain = 0

    init(_ request: StreamRequest, limits: SessionLimits, submit: @escaping @Sendable (ClientCommand) -> Bool) {
        inbox = MessageInbox(window: limits.streamWindow)
        messageLimit = limits.messageLength
        compression = request.compression
        self.submit = submit
        super.init(
            path: request.path, metadata: request.metadata, deadline: request.deadline, attempts: request.attempts,
            waitsForReady: request.waitsForReady, isCutShort: request.isCutShort)
        reportsDrained = true
        for message in request.messages {
            let wire = wire(message)
            // Nothing can have ended the call yet.
            try? gate.book(wire)
            append(wire)
        }
        outbound.isFinished = request.isComplete
    }

    // The event loop's side

    override func append(_ message: WireMessage) {
        super.append(message)
        guard sent != nil else { return }
        sentBytes += message.count + MessageDeframer.prefixLength
        if sentBytes <= Self.replayLimit { sent?.append(message) } else { sent = nil }
    }

    override func replay() -> OutboundMessages? {
        guard let sent else { return nil }
        drainingAgain = drainedInAll
        return sent
    }

    override func receivedHead() {
        sent = nil
        // What comes with a status belongs to that.
        if isAnswered { initialMetadata.finish(.success(head.metadata)) }
    }

    override func received(_ message: WireMessage) -> RPCError? {
        inbox.deliver(message)
        return nil
    }

    override func finished(_ outcome: Result<Metadata, any Error>) {
        switch outcome {
        case .success(let trailers):
            trailing.withLock { $0 = trailers }
            initialMetadata.finish(.success([:]))
            gate.close(RPCError.endedEarly)
            inbox.finish(.success(()), discarding: false)
        case .failure(let error):
            let isStatus = (error as? RPCError)?.origin == .server
            if let error = error as? RPCError, isStatus { trailing.withLock { $0 = error.metadata } }
            // First, since whoever hears of the failure asks whether a message came before it.
            inbox.finish(.failure(error), discarding: !isStatus)
            initialMetadata.finish(.failure(error))
            gate.close(error)
        }
    }

    override func drained(_ count: Int) {
        // The writer's bytes count once.
        let again = min(count, drainingAgain)
        drainingAgain -= again
        guard count > again else { return }
        if sent != nil { drainedInAll += count - again }
        gate.drained(count - again)
    }

    override func takeReturnableBytes() -> Int {
        defer { unreturned = 0 }
        return inbox.returnable(afterReceiving: unreturned)
    }

    // The caller's side

    nonisolated(nonsending) func send(_ message: StreamMessage) async throws {
        try MessageLimit.check(message.bytes, limit: messageLimit)
        let wire = wire(message)
        try gate.book(wire) { _ = submit(.send(self, wire)) }
        try await gate.wait(onCancel: cancel)
    }

    private func wire(_ message: StreamMessage) -> WireMessage {
        WireMessage(message.bytes, compression: message.mayCompress ? compression : .identity)
    }

    func finishSending() {
        gate.finish()
        _ = submit(.finishSending(self))
    }

    nonisolated(nonsending) func next() async throws -> [UInt8]? {
        let message = try await inbox.next(onStalled: { _ = submit(.returnWindow(self)) }, onCancel: cancel)
        do {
            return try message?.decompressed(limit: messageLimit)
        } catch {
            cancel()
            throw error
        }
    }

    nonisolated(nonsending) func metadata() async throws -> Metadata {
        try await initialMetadata.value(onCancel: cancel)
    }

    var hasFailed: Bool { inbox.hasFailed }

    var failedUnanswered: Bool { inbox.failedUnanswered && !initialMetadata.hasSucceeded }

    var trailingMetadata: Metadata { trailing.withLock { $0 } }

    /// No policy stands around the bare stream that would count it.
    func reject(_ error: any Error) {}

    func cancel() {
        _ = submit(.cancel(self))
    }
}

extension RPCError {
    /// What a writer gets when the server has ended the call with OK.
    package static let endedEarly = RPCError.local(.cancelled, "the server ended the call, and reads no more messages")
    /// What a writer gets who has said that there is no more to write.
    package static let finishedWriting = RPCError.local(.failedPrecondition, "a message was written behind finish(), and was not sent")
}
