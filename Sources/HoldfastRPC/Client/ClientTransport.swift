package import Holdfast

/// What carries a client's calls: a connection over sockets, or something that stands in for a server.
///
/// Messages are bytes here. Policies and routing sit above and cannot tell one transport from another.
package protocol ClientTransport: Sendable {
    /// Makes a call with one message in each direction.
    /// - Throws: `RPCError`, or `CancellationError` when the task was cancelled.
    nonisolated(nonsending) func unary(_ request: UnaryRequest) async throws -> RPCResponse<[UInt8]>

    /// Opens a call with several messages. It begins at once; a failure shows in its messages.
    func open(_ request: StreamRequest) -> any ClientStream

    /// Takes no more calls, lets those that run finish for at most `grace`, then ends them, and closes what is open.
    func shutdown(grace: Duration) async

    /// Whether a call's attempts may go to several servers.
    var hasSeveralEndpoints: Bool { get }

    /// The breakers of the servers there are now, one each.
    var endpointBreakers: [CircuitBreaker] { get }
}

extension ClientTransport {
    /// None.
    package var endpointBreakers: [CircuitBreaker] { [] }
}

/// A unary call as a transport sees it.
package struct UnaryRequest: Sendable {
    package var path: String
    package var message: [UInt8]
    package var metadata: Metadata
    package var deadline: Instant?
    package var attempts: AttemptCounter?
    package var waitsForReady: Bool
    package var compression = MessageCompression.identity
    /// Whether the deadline leaves the call less than its own timeout (S7).
    package var isCutShort = false

    package init(
        path: String, message: [UInt8], metadata: Metadata = [:], deadline: Instant? = nil, attempts: AttemptCounter? = nil,
        waitsForReady: Bool = false
    ) {
        self.path = path
        self.message = message
        self.metadata = metadata
        self.deadline = deadline
        self.attempts = attempts
        self.waitsForReady = waitsForReady
    }
}

/// A streaming call as a transport sees it.
package struct StreamRequest: Sendable {
    package var path: String
    package var metadata: Metadata
    package var deadline: Instant?
    package var attempts: AttemptCounter?
    package var waitsForReady: Bool
    package var compression = MessageCompression.identity
    /// Whether the deadline leaves the call less than its own timeout (S7).
    package var isCutShort = false
    /// What is sent at once, when the stream takes the place of one that failed.
    package var messages: [StreamMessage] = []
    /// Whether no more messages follow those.
    package var isComplete = false

    package init(
        path: String, metadata: Metadata = [:], deadline: Instant? = nil, attempts: AttemptCounter? = nil,
        waitsForReady: Bool = false
    ) {
        self.path = path
        self.metadata = metadata
        self.deadline = deadline
        self.attempts = attempts
        self.waitsForReady = waitsForReady
    }
}

/// One message of a streaming call, as its writer gives it.
package struct StreamMessage: Hashable, Sendable {
    package var bytes: [UInt8]
    /// Whether it may be compressed, if the call compresses at all.
    package var mayCompress = true

    package init(_ bytes: [UInt8], mayCompress: Bool = true) {
        self.bytes = bytes
        self.mayCompress = mayCompress
    }
}

/// The client's end of a streaming call.
package protocol ClientStream: AnyObject, Sendable {
    /// Sends a message; returns when there is room for another.
    nonisolated(nonsending) func send(_ message: StreamMessage) async throws

    /// Says that no more messages follow.
    func finishSending()

    /// The server's next message; nil when it ended the call with OK.
    nonisolated(nonsending) func next() async throws -> [UInt8]?

    /// What the server sent in front of its messages; waits for it.
    nonisolated(nonsending) func metadata() async throws -> Metadata

    /// Whether the call has failed; what a writer is refused while it goes on, or after it has ended well, is no failure of the call.
    var hasFailed: Bool { get }

    /// Whether the call has failed before the server's headers came: nothing but a status, so that nobody has seen anything of an
    /// answer, and the service has not begun one.
    var failedUnanswered: Bool { get }

    /// What the server sent behind its messages; empty until the end.
    var trailingMetadata: Metadata { get }

    /// A message that was read is not what was due, and the call is to count as failed with `error`.
    func reject(_ error: any Error)

    /// Ends the call if it still runs. Idempotent.
    func cancel()
}
