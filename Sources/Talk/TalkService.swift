import Holdfast
package import HoldfastRPC
import SwiftProtobuf

/// The Talk service: one side of every pattern.
package final class TalkService: RPCService {
    /// How much it keeps for others; all of it is bounded.
    package struct Limits: Sendable {
        /// Notices that wait for a subscriber, and answers for one who asked.
        package var mailbox = 64
        /// Ids that are remembered.
        package var ids = 10_000
        /// Questions that wait to be worked on.
        package var questions = 64
        /// How many of them are worked on at once.
        package var workers = 4

        package init() {}
    }

    /// Answers a question, in its time.
    package typealias Work = @Sendable (Talk_Question) async throws -> String
    /// Does what a notice asks for.
    package typealias Carry = @Sendable (Talk_Notice) async throws -> Void

    private let work: Work
    private let carry: Carry
    private let deliveries: Deliveries
    private let topics: Topics
    private let board: AnswerBoard
    private let submissions: Submissions
    private let workers: Task<Void, Never>

    /// Makes the service.
    /// - Parameters:
    ///   - work: what questions are answered by.
    ///   - carry: what becomes of notices.
    package init(
        limits: Limits = Limits(), work: @escaping Work = { "\($0.text)!" }, carry: @escaping Carry = { _ in }
    ) {
        self.work = work
        self.carry = carry
        deliveries = Deliveries(capacity: limits.ids)
        topics = Topics(capacity: limits.mailbox)
        let board = AnswerBoard(capacity: limits.mailbox)
        self.board = board
        let submissions = Submissions(waiting: limits.questions, ids: limits.ids)
        self.submissions = submissions
        // What was taken is worked on although its call is over, so it belongs to the service and not to the call.
        workers = Task {
            await submissions.work(limits.workers) { question in
                await Self.answer(to: question, work)
            } post: { answer in
                board.post(answer)
            }
        }
    }

    deinit {
        submissions.close()
        workers.cancel()
    }

    /// How many subscribers a topic has now.
    package func subscribers(of topic: String) -> Int { topics.subscribers(of: topic) }

    package func register(on router: inout RPCRouter) {
        router.unary(TalkMethods.ask) { [work] question, _ in
            let text = try await work(question)
            return .with {
                $0.id = question.id
                $0.to = question.from
                $0.text = text
            }
        }
        registerNotices(on: &router)
        registerQuestions(on: &router)
        registerStreams(on: &router)
    }

    package func serverWillShutDown() {
        submissions.close()
        topics.close()
        board.close()
    }

    // MARK: Notices

    private func registerNotices(on router: inout RPCRouter) {
        router.unary(TalkMethods.notify) { [carry] notice, _ in
            try await carry(notice)
            return Talk_Taken()
        }
        router.unary(TalkMethods.deliver) { [deliveries, carry] notice, _ in
            guard !notice.id.isEmpty else { throw RPCError(.invalidArgument, "a notice that may come twice needs an id") }
            let isAgain = try await deliveries.carryOut("\(notice.from)/\(notice.id)") { try await carry(notice) }
            return .with { $0.again = isAgain }
        }
        router.unary(TalkMethods.publish) { [topics] notice, _ in
            let receivers = topics.publish(notice)
            return .with { $0.receivers = UInt32(receivers) }
        }
        router.serverStreaming(TalkMethods.subscribe) { [topics] subscription, responses, _ in
            try await topics.subscribe(to: subscription.topic) {
                try await responses.write(.with { $0.topic = subscription.topic })
            } _: { notice in
                try await responses.write(notice)
            }
        }
    }

    // MARK: Questions

    private func registerQuestions(on router: inout RPCRouter) {
        router.unary(TalkMethods.submit) { [self] question, _ in try submit(question) }
        router.serverStreaming(TalkMethods.answers) { [board] asker, responses, _ in
            try await board.listen(as: asker.name) {
                try await responses.write(.with { $0.to = asker.name })
            } _: { answer in
                try await responses.write(answer)
            }
        }
        router.unary(TalkMethods.reply) { [board] answer, _ in
            board.post(answer)
            return Talk_Taken()
        }
    }

    private func submit(_ question: Talk_Question) throws -> Talk_Taken {
        guard !question.id.isEmpty else { throw RPCError(.invalidArgument, "a question that is answered later needs an id") }
        switch try submissions.take(question) {
        case .taken: return Talk_Taken()
        case .underWay: break
        case .answered(let answer): board.post(answer)
        }
        return .with { $0.again = true }
    }

    private static func answer(to question: Talk_Question, _ work: Work) async -> Talk_Answer {
        let text: String
        do {
            text = try await work(question)
        } catch {
            text = "there is no answer: \(error)"
        }
        return .with {
            $0.id = question.id
            $0.to = question.from
            $0.text = text
        }
    }

    // MARK: Streams

    private func registerStreams(on router: inout RPCRouter) {
        router.serverStreaming(TalkMethods.count) { range, responses, _ in
            for number in 0..<range.to { try await responses.write(.with { $0.text = String(number + 1) }) }
        }
        router.clientStreaming(TalkMethods.collect) { notices, _ in
            var summary = Talk_Summary()
            for try await notice in notices {
                summary.notices += 1
                summary.characters += UInt64(notice.text.count)
            }
            return summary
        }
        router.bidirectional(TalkMethods.converse) { [work] questions, responses, _ in
            for try await question in questions {
                let text = try await work(question)
                try await responses.write(
                    .with {
                        $0.id = question.id
                        $0.text = text
                    })
            }
        }
    }
}
