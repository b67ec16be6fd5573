import Holdfast
import HoldfastRPC
import Testing

@testable import Talk

@Suite("Asynchronous answers", .timeLimit(.minutes(1)))
struct AnswerTests {
    @Test("What is handed in is answered later, each question once, though calls are lost on both ways")
    func submit() async throws {
        try await TalkStage.with(policies: TalkPolicies.shipped(), losses: 0.5, random: RandomSource(seed: 3)) { stage in
            try await stage.with("alice") { client in
                try await client.withAnswers { answers in
                    for number in 0..<30 { try await client.submit("question \(number)", id: "\(number)") }
                    for number in 0..<30 {
                        let all = try await answers.answers(to: "\(number)", within: .seconds(20))
                        #expect(all.map(\.text) == ["question \(number)!"])
                    }
                }
            }
        }
    }

    @Test("An answer that came while nobody listened waits; one that was lost is had by handing the question in again")
    func late() async throws {
        let worked = Locked(0)
        let service = TalkService(work: { question in
            worked.withLock { $0 += 1 }
            return question.text
        })
        try await withTalk(service) { port in
            try await withClient("alice", port) { client, _ in try await client.submit("first", id: "1") }
            for _ in 0..<2 {
                // The second time round it is the repetition that brings it.
                try await withClient("alice", port) { client, _ in
                    try await client.withAnswers { answers in
                        try await client.submit("first", id: "1")
                        #expect(try await answers.answers(to: "1", within: .seconds(20)).map(\.text) == ["first"])
                    }
                }
            }
            #expect(worked.withLock { $0 } == 1)
        }
    }

    @Test("More questions than may wait are refused, and can be handed in again")
    func full() async throws {
        var limits = TalkService.Limits()
        (limits.questions, limits.workers) = (1, 1)
        let (gate, open) = AsyncStream<Void>.makeStream()
        let begun = Locked(0)
        let service = TalkService(
            limits: limits,
            work: { question in
                begun.withLock { $0 += 1 }
                for await _ in gate {}
                return question.text
            })
        try await withTalk(service) { port in
            try await withClient("alice", port) { client, _ in
                try await client.withAnswers { answers in
                    try await client.submit("a", id: "a")
                    while begun.withLock({ $0 }) == 0 { await Task.yield() }
                    try await client.submit("b", id: "b")
                    let error = await #expect(throws: RPCError.self) { try await client.submit("c", id: "c") }
                    #expect(error?.code == .resourceExhausted && error?.retryAfter == .milliseconds(100))
                    open.finish()
                    #expect(try await answers.answers(to: "b", within: .seconds(20)).map(\.text) == ["b"])
                    try await client.submit("c", id: "c")
                    #expect(try await answers.answers(to: "c", within: .seconds(20)).map(\.text) == ["c"])
                }
            }
        }
    }

    @Test("A survey ends when all have answered, or when the time is up with those who have")
    func survey() async throws {
        try await withTalk { port in
            let (ready, isReady) = AsyncStream<Void>.makeStream()
            let voters = ["bob", "carol", "dave"].map { name in
                Task {
                    try await withClient(name, port) { client, _ in
                        try await client.subscribe(to: "q") {
                            isReady.yield()
                        } _: { notice in
                            if name != "dave" || notice.id == "all" { try await client.reply(name, to: notice) }
                            return notice.id != "all"
                        }
                    }
                }
            }
            var subscribers = ready.makeAsyncIterator()
            for _ in voters { _ = await subscribers.next() }
            try await withClient("alice", port) { client, _ in
                try await client.withAnswers { answers in
                    #expect(try await client.publish("?", to: "q", id: "some") == 3)
                    // Of three who are asked two answer; the third is not waited for any longer than that.
                    let some = try await answers.answers(to: "some", count: 3, within: .milliseconds(500))
                    #expect(Set(some.map(\.text)).isSubset(of: ["bob", "carol"]))
                    _ = try await client.publish("?", to: "q", id: "all")
                    let all = try await answers.answers(to: "all", count: 3, within: .seconds(20))
                    #expect(Set(all.map(\.text)) == ["bob", "carol", "dave"])
                }
            }
            for voter in voters { try await voter.value }
        }
    }

    @Test("Every pattern runs under the shipped policies, with a fifth of the calls lost", arguments: TalkPattern.allCases)
    func patterns(pattern: TalkPattern) async throws {
        let said = Locked<[String]>([])
        try await TalkStage.with(policies: TalkPolicies.shipped(), losses: 0.2, random: RandomSource(seed: 11)) { stage in
            try await pattern.run(on: stage, times: 10) { line in said.withLock { $0.append(line) } }
        }
        let lines = said.withLock { $0 }
        #expect(!lines.isEmpty)
        switch pattern {
        case .deliver: #expect(lines.first == "sent 10, confirmed 10, carried out 10, of these more than once 0")
        case .count: #expect(lines == ["the server counts: 1 2 3 4 5 6 7 8 9 10"])
        case .collect: #expect(lines == ["sent 10 notices in one call; the server counted 10, 80 characters"])
        case .converse: #expect(lines == (0..<10).map { "line \($0)!" })
        case .survey: #expect(lines.last == "asked 3, answered in time 2")
        default: break
        }
    }
}
