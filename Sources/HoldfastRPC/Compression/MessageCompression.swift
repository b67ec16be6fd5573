/// How messages are made smaller on their way (gRPC's "compression" document).
///
/// Each side decides for what it sends. A client may send gzip at once, since every gRPC server that does not know it says so with
/// UNIMPLEMENTED; a server sends gzip only to clients that say they read it.
public struct MessageCompression: Hashable, Sendable, CustomStringConvertible {
    private enum Value: String { case identity, gzip }
    private let value: Value

    /// As they are.
    public static let identity = MessageCompression(value: .identity)
    /// gzip (RFC 1952), at zlib's default level. Messages that would not become smaller go as they are.
    public static let gzip = MessageCompression(value: .gzip)

    /// The name on the wire.
    public var description: String { value.rawValue }

    /// What this side reads, for `grpc-accept-encoding`.
    static let accepted: StaticString = "identity,gzip"
}
