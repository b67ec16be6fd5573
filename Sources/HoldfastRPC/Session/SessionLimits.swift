/// What one side of a connection grants the other.
package struct SessionLimits: Sendable {
    /// The longest message that is accepted or sent, in bytes.
    package var messageLength = 4 * 1024 * 1024
    /// How a server's messages are compressed, unless a call says otherwise.
    package var compression = MessageCompression.identity
    /// The size of a header block, counted as HTTP/2 does (names, values, 32 bytes each).
    package var headerListSize = 16 * 1024
    /// The streams that the peer may have open at once.
    package var concurrentStreams = 1_000
    /// The bytes that a stream may have under way before its reader takes a message.
    package var streamWindow = 256 * 1024
    /// The bytes that all streams together may have under way; given back on receipt.
    package var connectionWindow = 4 * 1024 * 1024
    /// The streams that the peer may cancel: so many at once, so many a second. Beyond that the connection is closed
    /// (rapid reset, CVE-2023-44487); far above what timeouts and hedges of an honest client cause.
    package var resets: (burst: UInt64, perSecond: UInt64) = (10_000, 2_000)

    package init() {}
}
