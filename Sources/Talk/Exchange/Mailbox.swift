import Holdfast
import Synchronization

/// Messages that wait for one reader, who may be slow: so many of the newest, and a count of those that had to go.
final class Mailbox<Message: Sendable>: Sendable {
    private let messages: AsyncStream<Message>
    private let input: AsyncStream<Message>.Continuation
    private let lost = Atomic(0)

    /// - Parameter capacity: how many wait at most.
    init(capacity: Int) {
        (messages, input) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(capacity))
    }

    /// How many the reader did not get because it was too slow.
    var missed: Int { lost.load(ordering: .relaxed) }

    /// Puts a message in; never waits.
    func put(_ message: Message) {
        if case .dropped = input.yield(message) { lost.wrappingAdd(1, ordering: .relaxed) }
    }

    /// No more come.
    func close() {
        input.finish()
    }

    /// Reads what comes, until the end or until `body` throws.
    func read(_ body: (Message) async throws -> Void) async throws {
        for await message in messages { try await body(message) }
        // A sequence that a cancelled task reads ends as if there were no more.
        try Task.checkCancellation()
    }
}
