package import HoldfastPolicyFiles
package import NIOHTTP1

/// What an admin address answers.
package struct AdminAnswer: Sendable {
    package var status: HTTPResponseStatus
    package var headers: HTTPHeaders
    /// Empty for no content.
    package var body: [UInt8]

    /// An answer without content.
    package init(_ status: HTTPResponseStatus) {
        self.status = status
        headers = [:]
        body = []
    }

    /// An answer in JSON.
    package init(_ status: HTTPResponseStatus, _ json: JSONText) {
        self.init(status, type: "application/json", json.text + "\n")
    }

    /// An answer of another type.
    package init(_ status: HTTPResponseStatus, type: String, _ text: String) {
        self.status = status
        headers = ["Content-Type": type]
        body = Array(text.utf8)
    }

    /// Says why not: `{"error":"…"}`.
    package static func refusal(_ status: HTTPResponseStatus, _ message: String) -> AdminAnswer {
        AdminAnswer(status, .object([("error", .string(message))]))
    }

    /// Says that a method cannot be used here, and which can.
    package static func refusal(of method: HTTPMethod, allowed: String) -> AdminAnswer {
        var answer = refusal(.methodNotAllowed, "\(quoted(method.rawValue)) cannot be done here; expected \(allowed)")
        answer.headers.add(name: "Allow", value: allowed)
        return answer
    }
}
