public import Holdfast

/// Why a call did not give an answer: a status of the server, or a failure on the way.
///
/// A server's handler throws one to end its call with that status. Where a handler lets the error of a call of its own pass, the
/// client gets what the other server said, words and metadata included; of a failure on the way there it learns the code alone.
public struct RPCError: StatusError, Hashable {
    /// Who made the error.
    public struct Origin: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String { case server, local, connection }
        private let value: Value

        /// The server answered with this status.
        public static let server = Origin(value: .server)
        /// This side gave up: a deadline, a limit, bytes that make no sense.
        public static let local = Origin(value: .local)
        /// The connection could not be made, or broke.
        public static let connection = Origin(value: .connection)

        /// One word: `server`, `local` or `connection`.
        public var description: String { value.rawValue }
    }

    /// How the call ended; never `ok`.
    public var code: StatusCode
    /// A sentence for people.
    public var message: String
    /// The metadata that came, or goes, with the status.
    public var metadata: Metadata
    /// Who made the error.
    public var origin: Origin
    /// Whether the call provably never reached the service: it was not sent, or the server refused it unseen, twice (S64).
    public internal(set) var isUnprocessed = false
    /// Whether the server had sent the headers of an answer before the call failed (gRFC A6).
    public internal(set) var isCommitted = false
    /// The endpoint that was chosen for the call; nil if none was, and for errors that were not a client's.
    public internal(set) var endpoint: Endpoint?

    /// Makes a status to end a server's call with.
    /// - Parameters:
    ///   - code: how the call ended; `ok` is taken as `unknown`, since an error is none.
    ///   - message: a sentence for people.
    ///   - metadata: sent after the messages.
    ///   - retryAfter: asks clients to stay away for that long, in whole milliseconds rounded up (`grpc-retry-pushback-ms`).
    public init(_ code: StatusCode, _ message: String, metadata: Metadata = [:], retryAfter: Duration? = nil) {
        self.init(code: code, message: message, metadata: metadata, origin: .server)
        if let retryAfter {
            // Rounded up: who comes back a moment too early is refused again. Below zero stays below: do not come back.
            let nanoseconds = retryAfter.nanoseconds
            let rounded = nanoseconds.addingSaturating(nanoseconds < 0 ? -999_999 : 999_999)
            self.metadata[Self.pushbackKey] = String(rounded / 1_000_000)
        }
    }

    package init(code: StatusCode, message: String, metadata: Metadata = [:], origin: Origin) {
        self.code = code == .ok ? .unknown : code
        self.message = message
        self.metadata = metadata
        self.origin = origin
    }

    static func local(_ code: StatusCode, _ message: String) -> RPCError {
        RPCError(code: code, message: message, origin: .local)
    }

    static func connection(_ message: String) -> RPCError {
        RPCError(code: .unavailable, message: message, origin: .connection)
    }

    /// The same error, of a call that no service has seen.
    package var unprocessed: RPCError {
        var error = self
        error.isUnprocessed = true
        return error
    }

    static let pushbackKey = "grpc-retry-pushback-ms"

    /// How long the server asks to stay away; nil when it does not say, or says not to come back.
    public var retryAfter: Duration? {
        guard let text = metadata[Self.pushbackKey], let milliseconds = Int64(text), milliseconds >= 0 else { return nil }
        return .milliseconds(milliseconds)
    }

    /// Whether the server asks not to be tried again: a pushback that is negative or no number (gRFC A6).
    public var forbidsRetry: Bool {
        guard let text = metadata[Self.pushbackKey] else { return false }
        return (Int64(text) ?? -1) < 0
    }

    /// Whether the connection could not be made or broke; the service behind it may be well.
    public var isConnectionError: Bool { origin == .connection }

    /// Whether the server refused the call unseen. What this side did not send, or has sent once more by itself, is none of that.
    public var isRefusedUnseen: Bool { isUnprocessed && origin == .server }
}

extension RPCError: CustomStringConvertible {
    /// `UNAVAILABLE: no route to host`.
    public var description: String {
        message.isEmpty ? code.name : "\(code.name): \(message)"
    }
}
