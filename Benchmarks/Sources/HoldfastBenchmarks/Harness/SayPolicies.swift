import Foundation
import HoldfastPolicyFiles
import HoldfastRPC
import SayEcho

/// The policies of `Policies/say.json`, with a rate limit that refuses nothing: what is measured is their cost.
enum SayPolicies {
    static let file = Machine.repository.appending(path: "Policies/say.json")
    static let path = "/grpconepb.grpconepb/SayHi"

    /// The document, with the rate limit raised.
    /// - Parameter total: the time that a call may take, in place of the file's.
    static func document(total: String = "800ms") throws -> PolicyDocument {
        try PolicyDocument(file: file.path, bytes: Array(text(total: total).utf8))
    }

    /// The file's text, changed so.
    static func text(total: String = "800ms") throws -> String {
        var text = try String(contentsOf: file, encoding: .utf8)
        for (found, replacement) in [
            ("\"permits\": 1000,", "\"permits\": 1000000000,"), ("\"burst\": 100 ", "\"burst\": 1000000000 "),
            ("\"after\": \"800ms\"", "\"after\": \"\(total)\""),
        ] {
            guard text.ranges(of: found).count == 1 else {
                throw BenchmarkError("\(file.path): expected \(found) once, to put another value there")
            }
            text = text.replacing(found, with: replacement)
        }
        return text
    }

    /// Live policies of their own for each caller.
    static func table() throws -> RouteTable {
        try document().makeRouteTable(PolicyOptions(methods: SayEchoMethods.all))
    }

    /// The policies of the one method.
    static func route() throws -> RoutePolicy {
        guard let route = try table().policy(for: path) else { throw BenchmarkError("\(file.path) has no route for \(path)") }
        return route
    }
}
