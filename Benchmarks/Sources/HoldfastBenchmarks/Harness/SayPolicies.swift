import Foundation
import HoldfastPolicyFiles
import HoldfastRPC
import SayEcho

/// The policies of `Policies/say.json`, with a rate limit that refuses nothing: what is measured is their cost.
enum SayPolicies {
    static let file = Machine.repository.appending(path: "Policies/say.json")
    static let path = "/grpconepb.grpconepb/SayHi"

    /// Live policies of their own for each caller.
    static func table() throws -> RouteTable {
        var text = try String(contentsOf: file, encoding: .utf8)
        for (found, replacement) in [("\"permits\": 1000,", "\"permits\": 1000000000,"), ("\"burst\": 100 ", "\"burst\": 1000000000 ")] {
            guard text.ranges(of: found).count == 1 else {
                throw BenchmarkError("\(file.path): expected \(found) once, to raise the rate limit")
            }
            text = text.replacing(found, with: replacement)
        }
        let document = try PolicyDocument(file: file.path, bytes: Array(text.utf8))
        return try document.makeRouteTable(PolicyOptions(methods: SayEchoMethods.all))
    }

    /// The policies of the one method.
    static func route() throws -> RoutePolicy {
        guard let route = try table().policy(for: path) else { throw BenchmarkError("\(file.path) has no route for \(path)") }
        return route
    }
}
