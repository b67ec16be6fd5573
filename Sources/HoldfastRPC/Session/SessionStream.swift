/// One stream of a session: what nghttp2 needs to know of it, and what has been read from it.
///
/// The client's calls and the server's are subclasses, so that one object serves a call from its start to its end.
/// Sendable without a lock: tasks only carry the reference to the connection's event loop, and everything in it is touched
/// there alone, but for what a subclass guards by itself.
class SessionStream: @unchecked Sendable {
    /// The number on the wire; 0 until the stream is started.
    final var id: Int32 = 0
    /// Whether nghttp2 knows the stream.
    @exclusivity(unchecked) final var isOpen = false

    /// The first header block of the peer.
    @exclusivity(unchecked) final var head = InboundHeaders()
    @exclusivity(unchecked) final var hasHead = false
    /// The last header block of the peer, when it is not the first.
    @exclusivity(unchecked) final var trailers: InboundHeaders?

    @exclusivity(unchecked) final var deframer = MessageDeframer(limit: 0)
    /// Set once nothing more shall be read: the bytes that still come are thrown away.
    @exclusivity(unchecked) final var ignoresMessages = false
    /// The bytes received since the window was last given back.
    @exclusivity(unchecked) final var unreturned = 0
    @exclusivity(unchecked) final var isTouched = false

    @exclusivity(unchecked) final var outbound = OutboundMessages()
    /// Whether bytes of `outbound` have left since the owner last looked.
    @exclusivity(unchecked) final var hasMoved = false
    /// Whether somebody waits for what is sent to leave.
    final var reportsDrained = false
    /// How many bytes have been read from `outbound` since the owner last asked, if that is reported.
    final var drainedBytes = 0
    @exclusivity(unchecked) final var isWaitingForData = false
    /// What the server sends behind the last message; nil on the client's side.
    final var finalStatus: FinalStatus?

    /// How many of the received bytes the peer may send again.
    ///
    /// All, unless a subclass keeps messages for a reader who has not taken them yet.
    func takeReturnableBytes() -> Int {
        defer { unreturned = 0 }
        return unreturned
    }
}
