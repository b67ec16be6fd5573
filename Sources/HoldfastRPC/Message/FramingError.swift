import Holdfast

/// What is wrong with a peer's message framing.
package enum FramingError: Error, Hashable, CustomStringConvertible {
    /// The message is marked as compressed, and no encoding was agreed on.
    case compressed
    /// The first byte of a message is neither 0 nor 1.
    case unknownFlag(UInt8)
    /// The message is longer than this side accepts.
    case tooLong(length: Int, limit: Int)
    /// The stream ended inside a message.
    case truncated

    /// One sentence for the status message.
    package var description: String {
        switch self {
        case .compressed: "a message is marked as compressed, but no grpc-encoding was agreed on"
        case .unknownFlag(let flag): "a message begins with the flag byte \(flag); only 0 and 1 are defined"
        case .tooLong(let length, let limit): "a message of \(length) bytes is longer than the limit of \(limit)"
        case .truncated: "the stream ended in the middle of a message"
        }
    }

    /// The status that gRPC gives such a call.
    var rpcError: RPCError {
        if case .tooLong = self { return .local(.resourceExhausted, description) }
        return .local(.internalError, description)
    }
}
