import Holdfast
import HoldfastRPC
import Testing

@testable import Talk

@Suite("One-way notifications, of which some are lost", .timeLimit(.minutes(1)))
struct NotificationTests {
    private static let texts = (0..<200).map { "notice \($0)" }

    private static func with(_ body: (TalkClient, TalkStage.Record) async throws -> Void) async throws {
        try await TalkStage.with(policies: TalkPolicies.shipped(), losses: 0.5, random: RandomSource(seed: 7)) { stage in
            try await stage.with("alice") { try await body($0, stage.record) }
        }
    }

    @Test("At most once: nothing is carried out twice, and of what is not confirmed some was carried out")
    func atMostOnce() async throws {
        // Under the breaker of the shipped policies a network that loses half would soon be left alone.
        try await TalkStage.with(policies: .empty, losses: 0.5, random: RandomSource(seed: 7)) { stage in
            try await stage.with("alice") { client in
                var confirmed: Set<String> = []
                for text in Self.texts where (try? await client.notify(text)) != nil { confirmed.insert(text) }
                let carriedOut = stage.record.carriedOut
                #expect(carriedOut.count == Set(carriedOut).count)
                #expect(confirmed.isSubset(of: carriedOut) && confirmed.count < carriedOut.count && carriedOut.count < Self.texts.count)
            }
        }
    }

    @Test("The shipped policies send a notification that promises at most once not again")
    func noRetry() async throws {
        let routes = try TalkPolicies.shipped()
        for path in [TalkMethods.notify.path, TalkMethods.publish.path] {
            let route = try #require(routes.policy(for: path))
            #expect(!route.isIdempotent)
            for stage in route.pipeline.stages {
                switch stage {
                case .retry, .hedge: Issue.record("\(path) is sent again by \(stage.policy.name)")
                case .gate, .timeout, .chaos: break
                }
            }
        }
    }

    @Test("At least once: all are confirmed, and carried out once, although confirmations were lost")
    func atLeastOnce() async throws {
        try await Self.with { client, record in
            var again = 0
            for text in Self.texts {
                if try await client.deliver(text, id: text) { again += 1 }
            }
            #expect(record.carriedOut == Self.texts)
            #expect(again > 0)
        }
    }

    @Test("The same with all of them under way together")
    func together() async throws {
        try await Self.with { client, record in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for text in Self.texts.prefix(50) { group.addTask { _ = try await client.deliver(text, id: text) } }
                try await group.waitForAll()
            }
            #expect(record.carriedOut.sorted() == Self.texts.prefix(50).sorted())
        }
    }

    @Test("Without ids, what is sent again is carried out again: the promise is the receiver's to keep")
    func withoutIDs() async throws {
        let routes = try TalkPolicies.shipped()
        let again = try #require(routes.policy(for: TalkMethods.deliver.path))
        try await TalkStage.with(
            policies: RouteTable(methods: [TalkMethods.notify.path: again]), losses: 0.5, random: RandomSource(seed: 7)
        ) { stage in
            try await stage.with("alice") { client in for text in Self.texts { try await client.notify(text) } }
            let carriedOut = stage.record.carriedOut
            #expect(Set(carriedOut) == Set(Self.texts) && carriedOut.count > Self.texts.count)
        }
    }

    @Test("Ids are their sender's own: two may use the same")
    func senders() async throws {
        try await TalkStage.with(policies: TalkPolicies.shipped(), losses: 0, random: RandomSource(seed: 7)) { stage in
            for name in ["alice", "bob"] { try await stage.with(name) { _ = try await $0.deliver(name, id: "1") } }
            #expect(stage.record.carriedOut == ["alice", "bob"])
        }
    }

    @Test("A notice that may come twice and has no id is refused")
    func noID() async throws {
        try await TalkStage.with(policies: .empty, losses: 0, random: RandomSource(seed: 7)) { stage in
            let error = await #expect(throws: RPCError.self) { try await stage.with("alice") { _ = try await $0.deliver("x", id: "") } }
            #expect(error?.code == .invalidArgument)
        }
    }
}
