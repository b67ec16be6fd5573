/// What a fault does to the answer of one call, where only the server itself can do it.
package struct ServerTampering: Sendable {
    /// What becomes of a message on its way out.
    package enum Fate: Sendable, Hashable {
        /// These bytes are sent in its place.
        case replaced([UInt8])
        /// The first so many of its bytes are sent, behind the length of the whole, and nothing more.
        case cut(to: Int)
    }

    /// Asked about each message before it is sent, which it may hold up; nil to send them as they are.
    package var alter: (@Sendable ([UInt8]) async throws -> Fate)?
    /// Whether the answer has headers of its own even if nothing but a status follows.
    package var sendsHeaders: Bool
    /// Whether the stream ends without a status, however the handler ends.
    package var omitsStatus: Bool

    package init(
        sendsHeaders: Bool = false, omitsStatus: Bool = false, alter: (@Sendable ([UInt8]) async throws -> Fate)? = nil
    ) {
        self.alter = alter
        self.sendsHeaders = sendsHeaders
        self.omitsStatus = omitsStatus
    }
}
