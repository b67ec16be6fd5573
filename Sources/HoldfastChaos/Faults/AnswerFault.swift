/// What becomes of a service's answer on its way out.
package enum AnswerFault: Sendable, Hashable, Codable {
    /// After so many whole messages, and this share of the bytes of the next one, the stream ends without a status.
    case partial(messages: Int, share: Double)
    /// The bytes of each message are replaced by as many that are no Protocol Buffers.
    case garble
    /// Each message is replaced by a well-formed one that belongs to another request.
    case wrongData
    /// Each message is held up so long, at no worker's cost.
    case slowStream(ServiceTime)

    /// The kind of fault as the scenario spells it.
    package var name: String {
        switch self {
        case .partial: "rpc.partial"
        case .garble: "rpc.garble"
        case .wrongData: "rpc.wrongData"
        case .slowStream: "rpc.slowStream"
        }
    }
}
