import Holdfast
import HoldfastRPC

/// Carries a client's calls to a modelled service, and ends them at their deadlines as a connection does.
struct ModelTransport: ClientTransport {
    private let service: ModelledService
    private let timeSource: TimeSource

    init(_ service: ModelledService, _ timeSource: TimeSource) {
        self.service = service
        self.timeSource = timeSource
    }

    nonisolated(nonsending) func unary(_ request: UnaryRequest) async throws -> RPCResponse<[UInt8]> {
        try Task.checkCancellation()
        if let deadline = request.deadline, deadline <= timeSource.now() { throw Self.expired }
        request.attempts?.add()
        let call = ModelledCall(request)
        let timer = request.deadline.map { deadline in
            timeSource.schedule(at: deadline) { [service] in
                call.end(.failure(Self.expired))
                service.abandon(call)
            }
        }
        service.take(call)
        let message = try await withTaskCancellationHandler {
            defer { timer?.cancel() }
            return try await call.wait()
        } onCancel: {
            guard !call.hasEnded else { return }
            call.cancel()
            service.abandon(call)
        }
        return RPCResponse(message: message)
    }

    /// No load of a scenario in virtual time opens one.
    func open(_ request: StreamRequest) -> any ClientStream {
        FailedStream(RPCError(code: .unimplemented, message: "streams are not modelled in virtual time", origin: .local))
    }

    func shutdown(grace: Duration) async {}

    var hasSeveralEndpoints: Bool { false }

    private static let expired = RPCError(code: .deadlineExceeded, message: "the deadline has passed", origin: .local)
}

/// A stream that failed before it began.
private final class FailedStream: ClientStream {
    private let error: RPCError

    init(_ error: RPCError) {
        self.error = error
    }

    func send(_ message: StreamMessage) async throws { throw error }
    func finishSending() {}
    func reject(_ error: any Error) {}
    func next() async throws -> [UInt8]? { throw error }
    func metadata() async throws -> Metadata { throw error }
    var hasFailed: Bool { true }
    var failedUnanswered: Bool { true }
    var trailingMetadata: Metadata { [:] }
    func cancel() {}
}
