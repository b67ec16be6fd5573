public import Holdfast

/// What one call asks for besides its messages.
public struct CallOptions: Sendable {
    /// Sent in front of the messages.
    public var metadata: Metadata
    /// When the call ends without an answer, on ``TimeSource/system``; the server is told what is left. A call made inside a pipeline,
    /// or by a server's handler, ends with that at the latest (S40, S44).
    public var deadline: Instant?
    /// Whether the call waits for a connection, until its deadline, while the client waits to try again; by default it fails at once
    /// (gRPC's "wait for ready").
    public var waitForReady = false
    /// How requests are compressed; nil for the client's own setting.
    public var compression: MessageCompression?
    /// How much the call matters when resources run short; nil for what its route says.
    public var criticality: Criticality?
    /// Counts the call's attempts, if somebody wants to know.
    package var attempts: AttemptCounter?

    /// Makes options.
    public init(metadata: Metadata = [:], deadline: Instant? = nil) {
        self.metadata = metadata
        self.deadline = deadline
    }

    /// Makes options with a deadline that much from now.
    public init(metadata: Metadata = [:], timeout: Duration) {
        self.init(metadata: metadata, deadline: TimeSource.system.now().advanced(by: timeout))
    }
}
