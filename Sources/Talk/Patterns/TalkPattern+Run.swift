import Holdfast
import HoldfastRPC

extension TalkPattern {
    /// Talks in that way, and tells what came of it.
    /// - Parameters:
    ///   - times: how many messages are sent.
    ///   - say: takes each line.
    package func run(on stage: TalkStage, times: Int, _ say: @escaping @Sendable (String) -> Void) async throws {
        switch self {
        case .ask: try await stage.with("alice") { try await Self.ask($0, times, say) }
        case .notify: try await stage.with("alice") { try await Self.notify($0, times, stage.record, say) }
        case .deliver: try await stage.with("alice") { try await Self.deliver($0, times, stage.record, say) }
        case .submit: try await stage.with("alice") { try await Self.submit($0, times, say) }
        case .publish: try await Self.publish(stage, times, say)
        case .survey: try await Self.survey(stage, say)
        case .count: try await stage.with("alice") { say("the server counts: \(try await $0.count(to: times).joined(separator: " "))") }
        case .collect:
            try await stage.with("alice") { client in
                let summary = try await client.collect((0..<times).map { "notice \($0)" })
                say("sent \(times) notices in one call; the server counted \(summary.notices), \(summary.characters) characters")
            }
        case .converse:
            try await stage.with("alice") { client in
                for answer in try await client.converse((0..<times).map { "line \($0)" }) { say(answer) }
            }
        }
    }

    private static func ask(_ client: TalkClient, _ times: Int, _ say: (String) -> Void) async throws {
        for number in 0..<times {
            let answer = try await client.ask("question \(number)")
            say("\(answer.message.text)\(answer.fallbackStep != nil ? "   (from the fallback)" : "")")
        }
    }

    private static func notify(
        _ client: TalkClient, _ times: Int, _ record: TalkStage.Record, _ say: (String) -> Void
    ) async throws {
        var confirmed = 0
        for number in 0..<times where (try? await client.notify("notice \(number)")) != nil { confirmed += 1 }
        tell(times, confirmed, record, say)
        say("promised: at most once; of those that are not confirmed nobody knows")
    }

    private static func deliver(
        _ client: TalkClient, _ times: Int, _ record: TalkStage.Record, _ say: (String) -> Void
    ) async throws {
        var again = 0
        for number in 0..<times {
            let wasKnown = try await insist { try await client.deliver("notice \(number)", id: "notice-\(number)") }
            if wasKnown { again += 1 }
        }
        tell(times, times, record, say)
        say("\(again) were confirmed after their first confirmation was lost")
        say("promised: at least once, and by their ids they are carried out once")
    }

    private static func tell(_ times: Int, _ confirmed: Int, _ record: TalkStage.Record, _ say: (String) -> Void) {
        let carriedOut = record.carriedOut
        let twice = carriedOut.count - Set(carriedOut).count
        say("sent \(times), confirmed \(confirmed), carried out \(carriedOut.count), of these more than once \(twice)")
    }

    private static func submit(_ client: TalkClient, _ times: Int, _ say: @escaping @Sendable (String) -> Void) async throws {
        try await client.withAnswers { answers in
            for number in 0..<times { try await client.submit("question \(number)", id: "\(number)") }
            say("handed in \(times) questions")
            for number in 0..<times {
                let answer = try await answers.answers(to: "\(number)", within: .seconds(5)).first
                say(answer?.text ?? "question \(number) was not answered in time")
            }
        }
    }

    private static func publish(_ stage: TalkStage, _ times: Int, _ say: @escaping @Sendable (String) -> Void) async throws {
        try await with(["bob", "carol"], subscribedTo: "news", on: stage) { reader, notice in
            say("\(reader.name) reads: \(notice.text)")
        } publish: { client in
            var confirmed = 0
            for number in 0..<times where (try? await client.publish("news \(number)", to: "news")) != nil { confirmed += 1 }
            say("alice published \(times) notices, \(confirmed) confirmed")
        }
    }

    private static func survey(_ stage: TalkStage, _ say: @escaping @Sendable (String) -> Void) async throws {
        try await with(["bob", "carol", "dave"], subscribedTo: "questions", on: stage) { reader, notice in
            // Dave has no opinion; there always is one.
            if reader.name != "dave" { try await reader.reply("\(reader.name) says yes", to: notice) }
        } publish: { client in
            try await client.withAnswers { answers in
                let asked = try await insist { try await client.publish("shall we?", to: "questions", id: "1") }
                let replies = try await answers.answers(to: "1", count: asked, within: .seconds(1))
                for reply in replies { say(reply.text) }
                say("asked \(asked), answered in time \(replies.count)")
            }
        }
    }

    /// Runs `publish` while others have subscribed, who then go home.
    private static func with(
        _ names: [String], subscribedTo topic: String, on stage: TalkStage,
        read: @escaping @Sendable (TalkClient, Talk_Notice) async throws -> Void, publish: (TalkClient) async throws -> Void
    ) async throws {
        let end = "the end"
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (ready, isReady) = AsyncStream<Void>.makeStream()
            for name in names {
                group.addTask {
                    try await stage.with(name) { client in
                        try await client.subscribe(to: topic) {
                            isReady.yield()
                        } _: { notice in
                            guard notice.text != end else { return false }
                            try await read(client, notice)
                            return true
                        }
                    }
                }
            }
            var subscribers = ready.makeAsyncIterator()
            for _ in names { _ = await subscribers.next() }
            try await stage.with("alice") { client in
                try await publish(client)
                _ = try await insist { try await client.publish(end, to: topic) }
            }
            try await group.waitForAll()
        }
    }

    /// Tries until it is confirmed. The retries of a route are bounded, so that at least once is for its caller to keep.
    private static func insist<Value>(_ send: () async throws -> Value) async throws -> Value {
        while true {
            do {
                return try await send()
            } catch {
                try await TimeSource.system.sleep(for: .milliseconds(20))
            }
        }
    }
}
