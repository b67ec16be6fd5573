import DequeModule
import Holdfast
import HoldfastRPC

/// An attempt on its way to a modelled service, and whoever waits for its answers and its end: of one request and one answer, or a stream.
///
/// Sendable without a check: a world runs everything of it on one thread, that of its clock, which is the only way to its members.
final class ModelledCall: @unchecked Sendable {
    let key: CallKey
    let path: String
    /// What the caller has sent and the service has not read.
    var requests: Deque<[UInt8]>
    /// Whether no more requests follow.
    var isComplete: Bool
    /// Which of the service's attempts it is; 0 before it has arrived.
    var number = 0
    /// To which life of the service it was sent.
    var life = 0
    /// Its place in line, while it waits.
    var place: Int?
    var isWorkedOn = false
    /// Whether it is served whoever has gone.
    var isPersistent = false
    /// Whether a failure comes behind headers.
    var hasHeadersOfItsOwn = false
    /// What is answered in place of the result.
    var failure: RPCError?
    /// What becomes of the answer.
    var tampering: AnswerTampering?
    /// How long its answer takes.
    var back = Duration.zero
    var travel: TimerHandle?
    var work: TimerHandle?
    /// Ends it when its caller waits no longer.
    var deadline: TimerHandle?
    /// What the service does when there is a request, or there will be no more; nil while it does not wait for one.
    var whenRequested: (@Sendable () -> Void)?
    /// Is told the end, if anybody wants to know.
    var whenEnded: ((Result<Void, any Error>) -> Void)?

    private var answers: Deque<[UInt8]> = []
    /// Whether the service has begun to answer.
    private(set) var hasHead = false
    private var reader: UnsafeContinuation<Void, Never>?
    private var headReader: UnsafeContinuation<Void, Never>?
    private(set) var end: Result<Void, any Error>?

    init(_ request: UnaryRequest) {
        key = CallKey(request.metadata)
        path = request.path
        requests = [request.message]
        isComplete = true
    }

    init(_ request: StreamRequest) {
        key = CallKey(request.metadata)
        path = request.path
        requests = Deque(request.messages.map(\.bytes))
        isComplete = request.isComplete
    }

    /// Whether nobody waits for it any more.
    var hasEnded: Bool { end != nil }

    // MARK: As the service answers it

    /// The service begins to answer.
    func deliverHead() {
        guard end == nil else { return }
        hasHead = true
        headReader.take()?.resume()
    }

    /// An answer has come.
    func deliver(_ answer: [UInt8]) {
        guard end == nil else { return }
        deliverHead()
        answers.append(answer)
        reader.take()?.resume()
    }

    /// Ends it; only the first end counts.
    func end(_ outcome: Result<Void, RPCError>) {
        end(outcome.mapError { $0 as any Error })
    }

    /// Ends it because its caller went away.
    func cancel() {
        end(.failure(CancellationError() as any Error))
    }

    private func end(_ outcome: Result<Void, any Error>) {
        guard end == nil else { return }
        end = outcome
        // Behind what a server says of its own stand the answers before it; what this side gave up has none.
        if case .failure(let error) = outcome, (error as? RPCError)?.origin != .server { answers = [] }
        travel?.cancel()
        deadline?.cancel()
        whenRequested = nil
        whenEnded.take()?(outcome)
        reader.take()?.resume()
        headReader.take()?.resume()
    }

    // MARK: As its caller waits

    /// Waits for the next answer; nil at the end.
    func next() async throws -> [UInt8]? {
        while true {
            if let answer = answers.popFirst() { return answer }
            if let end {
                try end.get()
                return nil
            }
            await withUnsafeContinuation { reader = $0 }
        }
    }

    /// Waits until the service has begun to answer, or for the end.
    func head() async throws {
        if !hasHead, end == nil { await withUnsafeContinuation { headReader = $0 } }
        if !hasHead { try end?.get() }
    }
}
