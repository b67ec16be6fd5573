import Holdfast

/// The limit on messages that this side sends.
enum MessageLimit {
    /// - Parameter origin: `server` where the client is told.
    static func check(_ message: [UInt8], limit: Int, origin: RPCError.Origin = .local) throws(RPCError) {
        guard message.count > limit else { return }
        let text = "a message of \(message.count) bytes is longer than the limit of \(limit), and was not sent"
        throw RPCError(code: .resourceExhausted, message: text, origin: origin)
    }
}
