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
            observer.failed(error)
            throw error
        }
    }

    func finishSending() {
        stream.finishSending()
    }

    nonisolated(nonsending) func next() async throws -> [UInt8]? {
        do {
            let message = try await stream.next()
            if message != nil { observer.answered() }
            return message
        } catch {
            observer.failed(error)
            throw error
        }
    }

    nonisolated(nonsending) func metadata() async throws -> Metadata {
        do {
            return try await stream.metadata()
        } catch {
            observer.failed(error)
            throw error
        }
    }

    var failedUnanswered: Bool { stream.failedUnanswered }

    var trailingMetadata: Metadata { stream.trailingMetadata }

    func cancel() {
        stream.cancel()
    }
}
