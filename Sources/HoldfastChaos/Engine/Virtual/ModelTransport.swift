import Holdfast
import HoldfastRPC

/// Carries a client's calls to the replicas of a modelled service, and ends them at their deadlines as a connection does.
struct ModelTransport: ClientTransport {
    private let endpoints: ModelledEndpoints
    private let timeSource: TimeSource

    init(_ endpoints: ModelledEndpoints, _ timeSource: TimeSource) {
        self.endpoints = endpoints
        self.timeSource = timeSource
    }

    nonisolated(nonsending) func unary(_ request: UnaryRequest) async throws -> RPCResponse<[UInt8]> {
        try Task.checkCancellation()
        if let deadline = request.deadline, deadline <= timeSource.now() { throw Self.expired }
        let call = ModelledCall(request)
        let service = begin(call, request.deadline, request.attempts, isCutShort: request.isCutShort)
        let message = try await withTaskCancellationHandler {
            try await call.next()
        } onCancel: {
            service.cancel(call)
        }
        guard let message else { throw RPCError(.internalError, "the service gave no answer") }
        return RPCResponse(message: message)
    }

    func open(_ request: StreamRequest) -> any ClientStream {
        let call = ModelledCall(request)
        if let deadline = request.deadline, deadline <= timeSource.now() {
            call.end(.failure(Self.expired))
            return ModelledStream(call, endpoints.replicas[0])
        }
        let service = begin(call, request.deadline, request.attempts, isCutShort: request.isCutShort)
        return ModelledStream(call, service)
    }

    func shutdown(grace: Duration) async {}

    var hasSeveralEndpoints: Bool { endpoints.replicas.count > 1 }

    /// Sends a call to one of the replicas. One that is down refuses it before it has left: without a connection there is no stream to open.
    private func begin(
        _ call: ModelledCall, _ deadline: Instant?, _ attempts: AttemptCounter?, isCutShort: Bool
    ) -> ModelledService {
        let position = endpoints.choose(attempts)
        let service = endpoints.replicas[position]
        if hasSeveralEndpoints {
            call.whenEnded = { [endpoints, unowned call] outcome in
                endpoints.release(position, call.verdict(outcome, isCutShort: isCutShort))
            }
        }
        guard let life = service.currentLife else {
            call.end(.failure(.refused))
            return service
        }
        call.life = life
        attempts?.add()
        if let deadline {
            call.deadline = timeSource.schedule(at: deadline) {
                call.end(.failure(Self.expired))
                service.abandon(call)
            }
        }
        service.take(call)
        return service
    }

    private static let expired = RPCError(code: .deadlineExceeded, message: "the deadline has passed", origin: .local)
}

extension ModelledCall {
    /// What its end says of its replica; nil for nothing: it never got there, or its caller gave it less than its own timeout (S7).
    fileprivate func verdict(_ outcome: Result<Void, any Error>, isCutShort: Bool) -> Result<Void, any Error>? {
        guard case .failure(let error) = outcome, let error = error as? RPCError else { return outcome }
        if number == 0, error.origin == .connection { return nil }
        if isCutShort, error.code == .deadlineExceeded { return nil }
        return outcome
    }
}
