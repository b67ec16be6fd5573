/// The ways in which two services talk.
package enum TalkPattern: String, CaseIterable, Sendable {
    case ask, notify, deliver, submit, publish, survey, count, collect, converse

    /// What it is, in a line.
    package var summary: String {
        switch self {
        case .ask: "request and response"
        case .notify: "one-way notification, at most once"
        case .deliver: "one-way notification, at least once, carried out once by its id"
        case .submit: "request with an asynchronous answer"
        case .publish: "publish and subscribe"
        case .survey: "publish with asynchronous answers"
        case .count: "server streaming"
        case .collect: "client streaming"
        case .converse: "bidirectional streaming"
        }
    }
}
