import Holdfast
import HoldfastAdmin
import HoldfastPolicyFiles
import HoldfastRPC
import NIOCore
import NIOHTTP1

/// The messages of a client as they arrive, each the bytes of a JSON object; read by one task.
typealias MessageSequence = NIOThrowingAsyncSequenceProducer<
    [UInt8], any Error, NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark, MessageDemand
>

/// Tells the connection when its client's next message is wanted.
struct MessageDemand: NIOAsyncSequenceProducerDelegate {
    let resume: @Sendable () -> Void

    func produceMore() { resume() }

    // Nobody reads any more: what still comes is read and dropped, or the end of the connection would not be seen.
    func didTerminate() { resume() }
}

extension MessageSequence {
    /// Holds one message back while another is worked on.
    static func make(_ demand: MessageDemand) -> MessageSequence.NewSequence {
        makeSequence(
            backPressureStrategy: .init(lowWatermark: 1, highWatermark: 2), finishOnDeinit: true, delegate: demand)
    }
}

/// A call as a route answers it.
struct GatewayCall: Sendable {
    var request: GatewayRequest
    /// What the client sends; nil when its one request stands in the address.
    let messages: MessageSequence?
    let client: any ClientEnd

    /// What the service is told of the call.
    var options: CallOptions { CallOptions(metadata: request.metadata, deadline: request.deadline) }

    /// The one message of a client who has one to send.
    func onlyMessage(in messages: MessageSequence) async throws -> [UInt8] {
        let iterator = messages.makeAsyncIterator()
        guard let message = try await iterator.next() else {
            try Task.checkCancellation()
            throw HTTPRefusal(.badRequest, "there is no message: expected a JSON object, {} for an empty one")
        }
        // Over HTTP the body must end here; a WebSocket ends with the call.
        if !request.isWebSocket, try await iterator.next() != nil {
            throw HTTPRefusal(.badRequest, "there is more than one message: expected one")
        }
        return message
    }
}

/// One message for the client.
struct GatewayAnswer: Sendable {
    /// A JSON object.
    var json: [UInt8]
    /// What the service sent in front of it.
    var metadata: Metadata = [:]
    /// The fallback step that gave it; nil when the service did.
    var fallbackStep: String?
    /// The parts of it that are missing.
    var failedParts: [String] = []
}

/// The client's side of a call: a request over HTTP or a WebSocket.
protocol ClientEnd: Sendable {
    /// Takes the client in, once its call is let through.
    /// - Parameter notes: headers that the answer has whatever it is.
    func open(_ notes: [(String, String)]) async throws

    /// Sends a message; returns when the client's side has taken it.
    func send(_ answer: GatewayAnswer) async throws

    /// Answers a route of the program's own, which is all that is said.
    func show(_ answer: AdminAnswer) async throws

    /// Says that the call has ended well.
    func finish() async throws

    /// Says that it has not.
    func fail(_ error: ErrorAnswer, _ notes: [(String, String)]) async

    /// What the client was told.
    var told: ClientStory { get }
}

/// What a client was told, for the log.
struct ClientStory: Sendable {
    var status = 0
    var closeCode: Int?
    var answers = 0
    var fallback: String?
}
