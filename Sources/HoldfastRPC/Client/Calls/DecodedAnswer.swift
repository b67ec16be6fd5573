import Holdfast

/// An answer as bytes, for a fallback to keep, and what they say. One type for all methods, so that pipelines are compiled for it.
struct DecodedAnswer: Sendable {
    private final class Decoded<Message: Sendable>: Sendable {
        let response: RPCResponse<Message>

        init(_ response: RPCResponse<Message>) {
            self.response = response
        }
    }

    let message: [UInt8]
    private let response: any AnyObject & Sendable

    init<Message>(_ response: RPCResponse<[UInt8]>, _ decoded: RPCResponse<Message>) {
        message = response.message
        self.response = Decoded(decoded)
    }

    /// - Parameter type: the one that it was made with.
    func decoded<Message>(as type: Message.Type = Message.self) -> RPCResponse<Message> {
        unsafeDowncast(response, to: Decoded<Message>.self).response
    }
}
