import Holdfast

/// Who has subscribed to what.
///
/// Each subscriber has a mailbox of its own, so that one that stalls fills that and nothing else, and one that is gone is forgotten when
/// its call ends. Nobody who publishes waits for anybody.
final class Topics: Sendable {
    private struct State {
        var mailboxes: [String: [Int: Mailbox<Talk_Notice>]] = [:]
        var next = 0
        var isClosed = false
    }

    private let capacity: Int
    private let state = Locked(State())

    /// - Parameter capacity: how many notices wait for a subscriber at most; older ones go first.
    init(capacity: Int) {
        self.capacity = capacity
    }

    /// How many subscribers a topic has.
    func subscribers(of topic: String) -> Int {
        state.withLock { $0.mailboxes[topic]?.count ?? 0 }
    }

    /// Puts a notice into the mailbox of each subscriber.
    /// - Returns: how many there are.
    func publish(_ notice: Talk_Notice) -> Int {
        let mailboxes = state.withLock { $0.mailboxes[notice.topic].map { Array($0.values) } ?? [] }
        for mailbox in mailboxes { mailbox.put(notice) }
        return mailboxes.count
    }

    /// Gives `body` what is published on the topic from now on, until it throws or the task is cancelled.
    func subscribe(
        to topic: String, isReady: () async throws -> Void, _ body: (Talk_Notice) async throws -> Void
    ) async throws {
        let mailbox = Mailbox<Talk_Notice>(capacity: capacity)
        let number = state.withLock { state in
            if state.isClosed { mailbox.close() }
            state.next += 1
            state.mailboxes[topic, default: [:]][state.next] = mailbox
            return state.next
        }
        defer {
            state.withLock { state in
                state.mailboxes[topic]?[number] = nil
                if state.mailboxes[topic]?.isEmpty == true { state.mailboxes[topic] = nil }
            }
        }
        try await isReady()
        try await mailbox.read { notice in
            var notice = notice
            notice.missed = UInt64(mailbox.missed)
            try await body(notice)
        }
    }

    /// Ends all subscriptions, behind what waits in them.
    func close() {
        let mailboxes = state.withLock { state in
            state.isClosed = true
            return state.mailboxes.values.flatMap(\.values)
        }
        for mailbox in mailboxes { mailbox.close() }
    }
}
