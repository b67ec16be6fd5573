import Holdfast

/// A call on its way: the stream, and what its end is told to.
///
/// The subclasses say what becomes of messages. Exactly one of a call's ends counts: whoever comes first sets ``isDone``.
/// Sendable as its superclass is: changed on the transport's event loop only.
class ClientCall: SessionStream, @unchecked Sendable {
    final let path: String
    final let metadata: Metadata
    final let deadline: Instant?
    final let attempts: AttemptCounter?
    final let waitsForReady: Bool
    /// Whether the deadline leaves it less than its own timeout: that it passes does not speak against the endpoint (S7).
    final let isCutShort: Bool
    final var timer: DeadlineTimers<ClientCall>.Token?
    /// The endpoint that was chosen for it; kept when the call is over.
    final var subchannel: Subchannel?
    /// Whether it counts among that endpoint's calls.
    final var isAssigned = false
    /// What the endpoint's circuit breaker gave for it.
    final var ticket: Ticket?
    /// The connection that carries the call; nil while it waits for one.
    final weak var connection: ClientConnection?
    /// Where it waits.
    final var queue: CallQueue?
    final var isDone = false
    /// Whether the call has been handed to the transport; only then somebody waits for its end.
    final var isStarted = false
    /// Whether its task was cancelled before.
    final var isCancelledBeforeStart = false
    /// Whether it was sent again because a server refused it unseen (S64); that is done once.
    final var wasResent = false

    init(
        path: String, metadata: Metadata, deadline: Instant?, attempts: AttemptCounter?, waitsForReady: Bool, isCutShort: Bool
    ) {
        self.path = path
        self.metadata = metadata
        self.deadline = deadline
        self.attempts = attempts
        self.waitsForReady = waitsForReady
        self.isCutShort = isCutShort
    }

    /// Whether the server has begun to answer, and not with the status.
    final var isAnswered = false

    /// The server's headers have come.
    func receivedHead() {}

    /// A message has come. May end the call by giving an error.
    func received(_ message: WireMessage) -> RPCError? { nil }

    /// Whether ``end(_:)`` has been called.
    private final var hasEnded = false

    /// Tells whoever waits how the call ended. Every end comes through here, and is the only one: a second stops a debug build, so that
    /// no test can overlook it.
    final func end(_ outcome: Result<Metadata, any Error>) {
        assert(!hasEnded, "a call has ended twice")
        hasEnded = true
        finished(outcome.mapError { located($0) })
    }

    /// The error of a call, which says where the call went and how far it got.
    private func located(_ error: any Error) -> any Error {
        guard var error = error as? RPCError, let subchannel else { return error }
        error.endpoint = subchannel.endpoint
        error.isCommitted = isAnswered
        return error
    }

    /// The call is over. Called by ``end(_:)`` alone.
    func finished(_ outcome: Result<Metadata, any Error>) {}

    /// Some of what waited has gone out.
    func drained(_ count: Int) {}

    /// Another message is to be sent.
    func append(_ message: WireMessage) {
        outbound.append(message)
    }

    /// All that was to be sent so far, from the start; nil when it is no longer known.
    func replay() -> OutboundMessages? { nil }

    /// Makes the call as it was before it was sent.
    /// - Returns: false when that cannot be done, and nothing has changed.
    final func rewind() -> Bool {
        guard let replay = replay() else { return false }
        let isFinished = outbound.isFinished
        outbound = replay
        outbound.isFinished = isFinished
        id = 0
        head = InboundHeaders()
        hasHead = false
        trailers = nil
        ignoresMessages = false
        isWaitingForData = false
        connection = nil
        return true
    }
}
