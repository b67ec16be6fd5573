package import NIOHTTP1

/// A whole request.
package struct AdminRequest: Sendable {
    package var head: HTTPRequestHead
    package var body: [UInt8]

    package init(_ head: HTTPRequestHead, _ body: [UInt8]) {
        self.head = head
        self.body = body
    }

    /// The parts of the path between its slashes, without the query.
    package var path: [String] {
        head.uri.prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
    }
}
