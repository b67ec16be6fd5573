import Holdfast

/// A stream whose first message and failure are noted for the policies around it.
final class ObservedStream: ClientStream {
    private let stream: any ClientStream
    private let observer: StreamObserver

    init(_ stream: any ClientStream, _ observer: StreamObserver) {
        self.stream = stream
        self.observer = observer
    }

    nonisolated(nonsending) func send(_ message: StreamMessage) async throws {
        do {
            try await stream.send(message)
            observer.noteActivity()
        } catch {
            // The server may have answered before all was written, or the message may be too long for it: the call goes on.
            if stream.hasFailed { observer.failed(error) }
            throw error
        }
    }

    func finishSending() {
        stream.finishSending()
    }

    nonisolated(nonsending) func next() async throws -> [UInt8]? {
        try await observer.watching {
            let message = try await stream.next()
            if message != nil { observer.answered() }
            return message
        }
    }

    nonisolated(nonsending) func metadata() async throws -> Metadata {
        try await observer.watching { try await stream.metadata() }
    }

    var hasFailed: Bool { stream.hasFailed }

    var failedUnanswered: Bool { stream.failedUnanswered }

    var trailingMetadata: Metadata { stream.trailingMetadata }

    func reject(_ error: any Error) {
        stream.reject(error)
        observer.failed(error)
    }

    func cancel() {
        stream.cancel()
    }
}
