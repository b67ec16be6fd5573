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
    final var timer: DeadlineTimers<ClientCall>.Token?
    /// The connection that carries the call; nil while it waits for one.
    final weak var connection: ClientConnection?
    final var isDone = false
    /// Whether the call has been handed to the transport; only then somebody waits for its end.
    final var isStarted = false
    /// Whether its task was cancelled before.
    final var isCancelledBeforeStart = false

    init(path: String, metadata: Metadata, deadline: Instant?, attempts: AttemptCounter?) {
        self.path = path
        self.metadata = metadata
        self.deadline = deadline
        self.attempts = attempts
    }

    /// The server's headers have come.
    func receivedHead() {}

    /// A message has come. May end the call by giving an error.
    func received(_ message: WireMessage) -> RPCError? { nil }

    /// The call is over. Called once, by the transport.
    func finished(_ outcome: Result<Metadata, any Error>) {}

    /// Some of what waited has gone out.
    func drained(_ count: Int) {}
}
