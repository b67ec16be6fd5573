/// Why a server could not start.
public struct ServerStartError: Error, Hashable, CustomStringConvertible {
    /// One sentence: `port 50051 on 127.0.0.1 is already in use: stop what listens there, or choose another port`.
    public let description: String
}
