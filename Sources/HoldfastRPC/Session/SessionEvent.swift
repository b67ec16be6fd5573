/// What a peer's bytes, or the bytes sent to it, have brought about.
///
/// Plain facts, appended by the C callbacks and acted on after nghttp2 has returned.
enum SessionEvent {
    /// The first header block of a stream is complete: ``SessionStream/head``.
    case head(SessionStream)
    /// A message is complete.
    case message(SessionStream, WireMessage)
    /// The framing of the stream's messages is broken; nothing more is read from it.
    case malformed(SessionStream, FramingError)
    /// The peer will send no more on the stream; ``SessionStream/trailers`` is set if it sent some.
    case ended(SessionStream)
    /// This side has sent the last of the stream, and the peer has not.
    case sentLast(SessionStream)
    /// Bytes of the stream have gone out, or can no longer.
    case drained(SessionStream)
    /// The stream is gone, by agreement or by a reset.
    case closed(SessionStream, code: UInt32)
    /// The peer's first or a later SETTINGS frame has been applied.
    case settings
    /// The peer has sent a ping; its answer is queued.
    case ping
    /// The peer has answered a ping.
    /// `isForShutdown`: the one behind ``HTTP2Session/submitShutdownNotice()``, so that it has read that.
    case pong(isForShutdown: Bool)
    /// The peer takes no more streams. Those that it did not take have been closed, as refused.
    /// `isForPings`: because this side sent too many.
    case goAway(isForPings: Bool)
}
