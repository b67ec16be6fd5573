import Holdfast
package import HoldfastRPC
import SwiftProtobuf

/// The other side of every pattern. What is promised is said by the policies of the methods' routes: `Policies/talk.json`.
package struct TalkClient: Sendable {
    private let client: RPCClient
    /// Who talks.
    package let name: String

    package init(_ client: RPCClient, name: String) {
        self.client = client
        self.name = name
    }

    // MARK: Request and response

    /// Asks, and waits for the answer.
    package func ask(_ text: String, options: CallOptions = CallOptions()) async throws -> RPCResponse<Talk_Answer> {
        try await client.unary(TalkMethods.ask, .with { ($0.from, $0.text) = (name, text) }, options: options)
    }

    // MARK: One way

    /// Notifies at most once: what fails is not sent again, and then nobody knows whether it arrived.
    package func notify(_ text: String, options: CallOptions = CallOptions()) async throws {
        _ = try await client.unary(TalkMethods.notify, .with { ($0.from, $0.text) = (name, text) }, options: options)
    }

    /// Notifies at least once: what fails is sent again under the same id, by which the receiver tells that it has it. When it fails for
    /// good, nobody knows whether it arrived; sent again later with that id, it is carried out once all the same.
    /// - Returns: whether an earlier try had arrived although its confirmation did not.
    package func deliver(_ text: String, id: String, options: CallOptions = CallOptions()) async throws -> Bool {
        try await client.unary(TalkMethods.deliver, .with { ($0.id, $0.from, $0.text) = (id, name, text) }, options: options)
            .message.again
    }

    // MARK: Asynchronous answers

    /// Hands in a question that is answered later, to whoever listens in ``withAnswers(_:)``. Once more with the same id does no harm, and
    /// has an answer that is there sent again.
    package func submit(_ text: String, id: String, options: CallOptions = CallOptions()) async throws {
        _ = try await client.unary(TalkMethods.submit, .with { ($0.id, $0.from, $0.text) = (id, name, text) }, options: options)
    }

    /// Listens for answers while `body` runs; a connection that breaks is made again.
    package func withAnswers<Result: Sendable>(_ body: @escaping @Sendable (AnswerBook) async throws -> Result) async throws -> Result {
        let book = AnswerBook()
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                var failures = 0
                while true {
                    do {
                        try await listen { answer in
                            failures = 0
                            book.enter(answer)
                        }
                    } catch let error as RPCError where error.code == .unavailable || error.code == .unknown {
                        failures += 1
                    }
                    try await TimeSource.system.sleep(for: .milliseconds(min(50 << min(failures, 5), 1_000)))
                }
            }
            group.addTask {
                try await book.listening()
                return try await body(book)
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    private func listen(_ body: (Talk_Answer) -> Void) async throws {
        try await client.serverStreaming(TalkMethods.answers, .with { $0.name = name }) { answers in
            while let answer = try await answers.next() { body(answer) }
        }
    }

    // MARK: Publish and subscribe

    /// Publishes a notice.
    /// - Returns: how many have subscribed.
    package func publish(_ text: String, to topic: String, id: String = "", options: CallOptions = CallOptions()) async throws -> Int {
        let notice = Talk_Notice.with { ($0.id, $0.topic, $0.from, $0.text) = (id, topic, name, text) }
        return Int(try await client.unary(TalkMethods.publish, notice, options: options).message.receivers)
    }

    /// Gives `body` the notices of a topic, from the moment at which `isReady` is called until `body` throws or says that it is enough.
    /// - Parameter body: returns false for enough.
    package func subscribe(
        to topic: String, isReady: @Sendable () -> Void = {}, _ body: @Sendable (Talk_Notice) async throws -> Bool
    ) async throws {
        try await client.serverStreaming(TalkMethods.subscribe, .with { $0.topic = topic }) { notices in
            // The first says that the subscription stands.
            guard try await notices.next() != nil else { return }
            isReady()
            while let notice = try await notices.next() {
                guard try await body(notice) else { return }
            }
        }
    }

    /// Answers somebody who published.
    package func reply(_ text: String, to notice: Talk_Notice, options: CallOptions = CallOptions()) async throws {
        let answer = Talk_Answer.with { ($0.id, $0.to, $0.from, $0.text) = (notice.id, notice.from, name, text) }
        _ = try await client.unary(TalkMethods.reply, answer, options: options)
    }

    // MARK: Streams

    /// Has the server count.
    package func count(to end: Int, options: CallOptions = CallOptions()) async throws -> [String] {
        try await client.serverStreaming(TalkMethods.count, .with { $0.to = UInt32(end) }, options: options) { answers in
            try await answers.reduce(into: []) { $0.append($1.text) }
        }
    }

    /// Sends many notices in one call.
    package func collect(_ texts: [String], options: CallOptions = CallOptions()) async throws -> Talk_Summary {
        try await client.clientStreaming(TalkMethods.collect, options: options) { writer in
            for text in texts { try await writer.write(.with { ($0.from, $0.text) = (name, text) }) }
        }.message
    }

    /// Asks one question after the other in one call.
    package func converse(_ texts: [String], options: CallOptions = CallOptions()) async throws -> [String] {
        try await client.bidirectional(TalkMethods.converse, options: options) { writer, answers in
            var all: [String] = []
            for text in texts {
                try await writer.write(.with { ($0.from, $0.text) = (name, text) })
                guard let answer = try await answers.next() else { break }
                all.append(answer.text)
            }
            writer.finish()
            return all
        }
    }
}
