import Holdfast
import HoldfastPolicyFiles
import NIOCore
package import NIOHTTP1

/// Who may ask what of an address for operators: pages of others may ask nothing, and whoever changes something shows the token.
package struct AdminGuard: Sendable {
    /// Nil where all may change something whom this machine or the pages of the address itself let ask.
    let token: AdminToken?
    /// Names by which the address may be called, besides IP addresses and `localhost`; in lower case.
    let hostNames: Set<String>

    package init(token: AdminToken?, hostNames: Set<String> = []) {
        self.token = token
        self.hostNames = hostNames
    }

    /// Why a request is not answered; nil if it is.
    package func refusal(of head: HTTPRequestHead) -> AdminAnswer? {
        let hosts = head.headers["Host"]
        guard hosts.count == 1, let host = hosts.first, let name = Self.name(of: host) else {
            return .refusal(.badRequest, "expected one Host header with an address")
        }
        // A page that has its own name lead here (DNS rebinding) calls this address by that name.
        guard name == "localhost" || hostNames.contains(name) || Self.isAddress(name) else {
            return .refusal(
                .forbidden, "nobody here is called \(quoted(name)); ask by IP address, or let this name be allowed when the server starts")
        }
        for origin in head.headers["Origin"] where !["http://\(host)", "https://\(host)"].contains(origin) {
            return .refusal(.forbidden, "a page of \(quoted(origin)) has no business here")
        }
        return head.method == .GET || head.method == .HEAD ? nil : refusal(ofChange: head)
    }

    private func refusal(ofChange head: HTTPRequestHead) -> AdminAnswer? {
        if let token, !Self.shows(token, head) {
            var answer = AdminAnswer.refusal(
                .unauthorized,
                head.headers.contains(name: "Authorization")
                    ? "that is not the token; send Authorization: Bearer TOKEN"
                    : "changes need a token; send it as Authorization: Bearer TOKEN")
            answer.headers.add(name: "WWW-Authenticate", value: "Bearer realm=\"holdfast\"")
            return answer
        }
        // Forms, which any page may send, have other types.
        let type = head.headers.first(name: "Content-Type")?.prefix { $0 != ";" }.lowercased()
        guard type == "application/json" else {
            return .refusal(.unsupportedMediaType, "expected Content-Type: application/json")
        }
        return nil
    }

    private static func shows(_ token: AdminToken, _ head: HTTPRequestHead) -> Bool {
        let credentials = head.headers["Authorization"]
        let prefix = "bearer "
        guard credentials.count == 1, let credential = credentials.first, credential.lowercased().hasPrefix(prefix) else { return false }
        return token.matches(credential.dropFirst(prefix.count))
    }

    /// The name or address without its port and brackets, in lower case; nil for none.
    private static func name(of host: String) -> String? {
        let name: Substring
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return nil }
            name = host[host.index(after: host.startIndex)..<end]
        } else {
            name = host.prefix { $0 != ":" }
        }
        return name.isEmpty ? nil : name.lowercased()
    }

    private static func isAddress(_ name: String) -> Bool {
        (try? SocketAddress(ipAddress: name, port: 0)) != nil
    }
}
