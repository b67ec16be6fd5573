/// What one side of a connection grants the other.
package struct SessionLimits: Sendable {
    /// The longest message that is accepted or sent, in bytes.
    package var messageLength = 4 * 1024 * 1024
    /// How a server's messages are compressed, unless a call says otherwise.
    package var compression = MessageCompression.identity
    /// The size of a header block, counted as HTTP/2 does (names, values, 32 bytes each). A longer one is refused with a
    /// status; from ``headerListCutoff`` on the rest is not even looked at.
    package var headerListSize = 16 * 1024
    /// What that may be. nghttp2 takes no name and no value above 64 KiB: such a one is the end of the connection.
    static let headerListSizes = 1024...64 * 1024
    /// The streams that the peer may have open at once.
    package var concurrentStreams = 1_000
    /// The bytes that the peer may have under way.
    package var flowControl = FlowControl.standard
    /// The streams that the peer may cancel: so many at once, so many a second. Beyond that the connection is closed
    /// (rapid reset, CVE-2023-44487); far above what timeouts and hedges of an honest client cause.
    package var resets: (burst: UInt64, perSecond: UInt64) = (10_000, 2_000)
    /// The frames that bring no call forward, see ``NoiseBudget``: so many at once, so many a second, and as many again as
    /// there are frames that do. Beyond that the connection is closed. Pings of keepalive and of bandwidth estimation stay far below.
    package var noise: (burst: Int, perSecond: Int) = (2_000, 200)

    package init() {}

    var streamWindow: Int { flowControl.streamWindow }
    var connectionWindow: Int { flowControl.connectionWindow }
    /// The size at which a header block is cut off: a block of 100 kB can be made to unpack to 500 MB.
    var headerListCutoff: Int { 4 * headerListSize }
    /// The CONTINUATION frames of one header block (CVE-2024-28182), each of up to 16 KiB: enough for one that is cut off.
    var continuations: Int { max(8, headerListCutoff / 16_384 + 4) }
    /// The frames that may wait to be sent to a client that does not read; beyond that the connection is closed. Its messages
    /// are not among them: they wait in their streams.
    var queuedFrames: Int { 10_000 + 4 * concurrentStreams }
}
