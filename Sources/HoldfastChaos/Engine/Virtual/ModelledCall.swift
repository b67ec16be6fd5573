import Holdfast
import HoldfastRPC

/// An attempt on its way to a modelled service, and whoever waits for its end.
///
/// Sendable without a check: a world runs everything of it on one thread, that of its clock, which is the only way to its members.
final class ModelledCall: @unchecked Sendable {
    let key: CallKey
    let path: String
    let message: [UInt8]
    /// Which of the service's attempts it is; 0 before it has arrived.
    var number = 0
    /// In which life of the service it arrived.
    var life = 0
    /// Its place in line, while it waits.
    var place: Int?
    var isWorkedOn = false
    /// Whether it is served whoever has gone.
    var isPersistent = false
    /// What is answered in place of the result.
    var failure: RPCError?
    /// What becomes of the answer.
    var tampering: AnswerTampering?
    /// How long its answer takes.
    var back = Duration.zero
    var travel: TimerHandle?
    var work: TimerHandle?
    private var continuation: UnsafeContinuation<[UInt8], any Error>?
    private var end: Result<[UInt8], any Error>?

    init(_ request: UnaryRequest) {
        key = CallKey(request.metadata)
        path = request.path
        message = request.message
    }

    /// Whether nobody waits for it any more.
    var hasEnded: Bool { end != nil }

    /// Waits for the end.
    nonisolated(nonsending) func wait() async throws -> [UInt8] {
        try await withUnsafeThrowingContinuation { continuation in
            if let end { continuation.resume(with: end) } else { self.continuation = continuation }
        }
    }

    /// Ends it; only the first end counts.
    func end(_ outcome: Result<[UInt8], RPCError>) {
        end(outcome.mapError { $0 as any Error })
    }

    /// Ends it because its caller went away.
    func cancel() {
        end(.failure(CancellationError() as any Error))
    }

    private func end(_ outcome: Result<[UInt8], any Error>) {
        guard end == nil else { return }
        end = outcome
        travel?.cancel()
        if let continuation {
            self.continuation = nil
            continuation.resume(with: outcome)
        }
    }
}
