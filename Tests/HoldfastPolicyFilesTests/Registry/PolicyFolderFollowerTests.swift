import Foundation
import Holdfast
import HoldfastRPC
import Testing

@testable import HoldfastPolicyFiles

/// Real folders, looked at step by step; no clock.
@Suite("PolicyFileFollower: a folder of files that change")
struct PolicyFolderFollowerTests {
    private let folder: TemporaryFolder
    private let registry: PolicyRegistry

    init() async throws {
        folder = try TemporaryFolder()
        try Self.policy("a", 1).write(toFile: folder.file("a.json"), atomically: true, encoding: .utf8)
        try #"{"version":1,"policies":{},"routes":{"*":"a"}}"#
            .write(toFile: folder.file("routes.json"), atomically: true, encoding: .utf8)
        registry = try PolicyRegistry(path: folder.path)
    }

    private static func policy(_ name: String, _ seconds: Int) -> String {
        #"{"version":1,"policies":{"\#(name)":{"pipeline":[{"timeout":{"after":"\#(seconds)s"}}]}}}"#
    }

    private func write(_ text: String, to name: String) throws {
        try text.write(toFile: folder.file(name), atomically: false, encoding: .utf8)
    }

    private func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: folder.file(name))
    }

    /// Follows the folder from what is in force.
    private func follower(_ paths: [String]? = nil) async -> PolicyFileFollower {
        var follower = PolicyFileFollower(registry, paths: paths ?? [folder.path])
        for _ in 0..<2 { await follower.look() }
        return follower
    }

    private var seconds: Int? {
        let timeout = registry.policy(for: "/a.B/C")?.pipeline.stages.first?.policy as? Timeout
        return timeout.map { Int($0.configuration.after.components.seconds) }
    }

    @Test("A file that is written, added, removed or renamed over is in force when two looks have found the same")
    func changes() async throws {
        var follower = await follower()
        #expect(registry.state.version == 1)
        let steps: [(change: () throws -> Void, policies: [String], seconds: Int)] = [
            ({ try write(Self.policy("a", 2), to: "a.json") }, ["a"], 2),
            ({ try write(Self.policy("b", 1), to: "b.jsonc") }, ["a", "b"], 2),
            ({ try remove("b.jsonc") }, ["a"], 2),
            (
                {
                    try write(Self.policy("a", 3), to: ".new")
                    #expect(rename(folder.file(".new"), folder.file("a.json")) == 0)
                }, ["a"], 3
            ),
            ({ #expect(rename(folder.file("a.json"), folder.file("z.json5")) == 0) }, ["a"], 3),
        ]
        for (index, step) in steps.enumerated() {
            let version = registry.state.version
            try step.change()
            await follower.look()
            #expect(registry.state.version == version && follower.isWaiting, "step \(index)")
            await follower.look()
            #expect(registry.state.document.policies.map(\.name) == step.policies && seconds == step.seconds, "step \(index)")
            #expect(registry.state.failure == nil && !follower.isWaiting, "step \(index)")
        }
    }

    @Test("A file that is away while it is replaced does not take its policies with it: their state survives")
    func replaced() async throws {
        func text(_ breaker: String) -> String {
            documentText("{\"b\":{\"pipeline\":[{\"circuitBreaker\":\(breaker)}]}}", routes: #"{"c.D/*":"b"}"#)
        }
        try write(text("{}"), to: "b.json")
        var follower = await follower()
        let breaker = try #require(registry.policy(for: "/c.D/E")?.pipeline.stages.first?.policy as? CircuitBreaker)
        // As an editor does that keeps the old file as a backup.
        #expect(rename(folder.file("b.json"), folder.file("b.json~")) == 0)
        await follower.look()
        try write(text(#"{"minimumCalls":7}"#), to: "b.json")
        for _ in 0..<2 { await follower.look() }
        #expect(breaker.configuration.minimumCalls == 7)
        #expect(registry.policy(for: "/c.D/E")?.pipeline.stages.first?.policy as? CircuitBreaker === breaker)
    }

    @Test("Files that change one after the other are taken together, however long that takes")
    func oneAfterTheOther() async throws {
        var follower = await follower()
        for seconds in 2...6 {
            try write(Self.policy("a", seconds), to: "a.json")
            await follower.look()
            #expect(registry.state.version == 1)
        }
        await follower.look()
        #expect(registry.state.version == 2 && seconds == 6)
    }

    @Test("Kubernetes switches the link ..data beneath all files at once", arguments: [true, false])
    func linkSwitched(beneathFiles: Bool) async throws {
        let files = FileManager.default
        let mount = folder.file("mount")
        for seconds in 1...3 {
            try files.createDirectory(atPath: "\(mount)/..version\(seconds)", withIntermediateDirectories: true)
            try write(Self.policy("a", seconds), to: "mount/..version\(seconds)/a.json")
            try write(documentText("{}", routes: #"{"*":"a"}"#), to: "mount/..version\(seconds)/routes.json")
        }
        try files.createSymbolicLink(atPath: "\(mount)/..data", withDestinationPath: "..version1")
        for name in ["a.json", "routes.json"] {
            try files.createSymbolicLink(atPath: "\(mount)/\(name)", withDestinationPath: "..data/\(name)")
        }
        var follower = await follower([beneathFiles ? mount : "\(mount)/..data"])
        for seconds in 2...3 {
            try files.createSymbolicLink(atPath: "\(mount)/..data_tmp", withDestinationPath: "..version\(seconds)")
            #expect(rename("\(mount)/..data_tmp", "\(mount)/..data") == 0)
            try files.removeItem(atPath: "\(mount)/..version\(seconds - 1)")
            for _ in 0..<2 { await follower.look() }
            #expect(self.seconds == seconds && registry.state.refusals == 0)
        }
    }

    @Test("A reader that sees every beginning of a file being written into the folder: nothing is taken or reported before it is whole")
    func everyPrefix() async throws {
        var follower = await follower()
        try write("", to: "b.json")
        let file = try #require(FileHandle(forWritingAtPath: folder.file("b.json")))
        for byte in Array(Self.policy("b", 2).utf8) {
            await follower.look()
            #expect(registry.state.version == 1 && registry.state.failure == nil)
            try file.write(contentsOf: [byte])
        }
        for _ in 0..<2 { await follower.look() }
        #expect(registry.state.document.policies.map(\.name) == ["a", "b"] && registry.state.refusals == 0)
    }

    @Test("A conflict between two files is reported once, with both places, and ends when it is resolved")
    func conflict() async throws {
        var events = registry.events().makeAsyncIterator()
        var follower = await follower()
        try write(Self.policy("a", 5), to: "b.json")
        for _ in 0..<20 { await follower.look() }
        #expect(registry.state.refusals == 1 && registry.state.version == 1 && seconds == 1)
        let (a, b) = (folder.file("a.json"), folder.file("b.json"))
        #expect(
            registry.state.failure?.description
                == "\(b):1:26: policies.a: the policy \"a\" is also policies.a in \(a):1:26; keep one, or rename one")
        try remove("a.json")
        for _ in 0..<2 { await follower.look() }
        #expect(registry.state.failure == nil && seconds == 5)
        guard case .refused = await events.next(), case .accepted(2, _) = await events.next() else {
            Issue.record("expected a refusal and an acceptance")
            return
        }
    }

    @Test("A folder that goes away, or whose last file does, is reported once; what was in force stays")
    func gone() async throws {
        var follower = await follower()
        try remove("a.json")
        try remove("routes.json")
        for _ in 0..<5 { await follower.look() }
        #expect(registry.state.failure?.description == "\(folder.path): there is no file here that ends in .json, .json5 or .jsonc")
        try FileManager.default.removeItem(atPath: folder.path)
        for _ in 0..<5 { await follower.look() }
        #expect(registry.state.failure?.description == "\(folder.path): cannot open the file: there is no such file")
        #expect(registry.state.refusals == 2 && seconds == 1)
    }

    @Test("Files of others come and go in the folder, and nothing is read for it")
    func others() async throws {
        let before = PolicyFileStamp(paths: [folder.path])
        try write("{", to: ".a.json.swp")
        try write("# notes", to: "README.md")
        try write("{", to: "policy.schema.json")
        #expect(PolicyFileStamp(paths: [folder.path]) == before)
        try write(Self.policy("a", 2), to: "a.json")
        #expect(PolicyFileStamp(paths: [folder.path]) != before)
    }

    @Test("A look that is asked for takes a folder at once")
    func forced() async throws {
        var follower = await follower()
        try write(Self.policy("a", 2), to: "a.json")
        await follower.look(isForced: true)
        #expect(seconds == 2)
    }

    @Test("Several paths are followed as the one document that they were read as")
    func severalPaths() async throws {
        let paths = [folder.file("routes.json"), folder.file("a.json")]
        let registry = try PolicyRegistry(PolicyDocument(paths: paths))
        var follower = PolicyFileFollower(registry, paths: registry.state.document.paths)
        for _ in 0..<2 { await follower.look() }
        try write(Self.policy("a", 4), to: "a.json")
        for _ in 0..<2 { await follower.look() }
        #expect(registry.state.version == 2 && registry.state.document.file == paths.joined(separator: ", "))
    }
}
