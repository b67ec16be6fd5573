import HoldfastRPC

/// The caller's end of a stream to a modelled service.
final class ModelledStream: ClientStream {
    private let call: ModelledCall
    private let service: ModelledService

    init(_ call: ModelledCall, _ service: ModelledService) {
        self.call = call
        self.service = service
    }

    func send(_ message: StreamMessage) async throws {
        if call.isComplete { throw RPCError.finishedWriting }
        if let end = call.end {
            try end.get()
            throw RPCError.endedEarly
        }
        call.requests.append(message.bytes)
        service.hear(call)
    }

    func finishSending() {
        guard !call.isComplete else { return }
        call.isComplete = true
        service.hear(call)
    }

    func next() async throws -> [UInt8]? {
        try await withTaskCancellationHandler {
            try await call.next()
        } onCancel: {
            cancel()
        }
    }

    func metadata() async throws -> Metadata {
        try await withTaskCancellationHandler {
            try await call.head()
        } onCancel: {
            cancel()
        }
        return [:]
    }

    var hasFailed: Bool {
        if case .failure = call.end { true } else { false }
    }

    var failedUnanswered: Bool { hasFailed && !call.hasHead }

    var trailingMetadata: Metadata { [:] }

    /// No policy stands around the bare stream that would count it.
    func reject(_ error: any Error) {}

    func cancel() {
        service.cancel(call)
    }
}
