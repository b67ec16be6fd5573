public import Holdfast

/// How many bytes a peer may have under way before this side has dealt with them (RFC 9113, section 5.2).
///
/// A reader that takes no messages stops its peer. What that costs is bounded: **a stalled stream holds at most one message
/// of the maximum length and one `streamWindow`** of further bytes. Messages of a few bytes each take more room in memory than
/// on the wire: a window full of messages of one byte, the worst case, about ten times the window. A stalled writer holds at most
/// 128 KiB, and one message for each task that writes.
///
/// The connection's window is given back as soon as bytes arrive, never withheld for a stream that nobody reads: a
/// stalled stream stalls no other, however many there are, and `connectionWindow` bounds the bytes on their way only.
public struct FlowControl: Hashable, Sendable {
    /// The bytes that a stream may have under way, or waiting for its reader; 256 KiB by default.
    public let streamWindow: Int
    /// The bytes that all streams of a connection together may have under way; 4 MiB by default.
    public let connectionWindow: Int

    /// 256 KiB for a stream, 4 MiB for a connection.
    public static let standard = FlowControl(unchecked: 256 * 1024, 4 * 1024 * 1024)

    /// Makes windows.
    ///
    /// A message may be longer than its stream's window: while it is incomplete its bytes are given back.
    /// - Parameters:
    ///   - streamWindow: in bytes, 1,024 to 2,147,483,647.
    ///   - connectionWindow: in bytes, 65,535, with which every connection begins, to 2,147,483,647.
    /// - Throws: `ConfigurationError` for a window outside its range.
    public init(streamWindow: Int = 256 * 1024, connectionWindow: Int = 4 * 1024 * 1024) throws(ConfigurationError) {
        let largest = Int(Int32.max)
        guard (1_024...largest).contains(streamWindow) else {
            throw ConfigurationError("streamWindow", streamWindow, "is outside 1024...\(largest)")
        }
        guard (65_535...largest).contains(connectionWindow) else {
            throw ConfigurationError("connectionWindow", connectionWindow, "is outside 65535...\(largest)")
        }
        self.init(unchecked: streamWindow, connectionWindow)
    }

    private init(unchecked streamWindow: Int, _ connectionWindow: Int) {
        self.streamWindow = streamWindow
        self.connectionWindow = connectionWindow
    }
}
