import Holdfast

/// The limit on messages that this side sends.
enum MessageLimit {
    static func check(_ message: [UInt8], limit: Int) throws(RPCError) {
        guard message.count > limit else { return }
        throw .local(
            .resourceExhausted, "a message of \(message.count) bytes is longer than the limit of \(limit), and was not sent")
    }
}
