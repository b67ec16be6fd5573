import Foundation
import Holdfast
import HoldfastRPC
import Testing

@testable import HoldfastPolicyFiles

/// Real files, looked at step by step; no clock.
@Suite("PolicyFileFollower: a file that changes")
struct PolicyFileFollowerTests {
    private let folder: TemporaryFolder
    private let path: String
    private let registry: PolicyRegistry

    init() async throws {
        folder = try TemporaryFolder()
        path = folder.file("policies.json")
        try Self.text(1).write(toFile: path, atomically: false, encoding: .utf8)
        registry = try PolicyRegistry(path: path)
    }

    /// Documents that differ by a number of one digit, so that all have one length.
    private static func text(_ seconds: Int) -> String {
        documentText("{\"p\":{\"pipeline\":[{\"timeout\":{\"after\":\"\(seconds)s\"}}]}}")
    }

    private var seconds: Int? {
        let timeout = registry.policy(for: "/a.B/C")?.pipeline.stages.first?.policy as? Timeout
        return timeout.map { Int($0.configuration.after.components.seconds) }
    }

    private func write(_ text: String, to path: String? = nil) throws {
        try text.write(toFile: path ?? self.path, atomically: false, encoding: .utf8)
    }

    @Test("A file that is written over is in force at the next look")
    func written() async throws {
        var follower = PolicyFileFollower(registry, paths: [path])
        await follower.look()
        #expect(registry.state.version == 1)
        try write(Self.text(2))
        await follower.look()
        #expect(seconds == 2 && registry.state.version == 2)
    }

    @Test("Many writes of one length within a moment: the last one is in force in the end")
    func sameLength() async throws {
        var follower = PolicyFileFollower(registry, paths: [path])
        for seconds in 2...9 {
            try write(Self.text(seconds))
            await follower.look()
        }
        await follower.look()
        #expect(seconds == 9)
    }

    @Test("A write that leaves the stamp as it was, within one tick of the file system's clock, is found by the looks that follow")
    func sameStamp() {
        var machine = FileChangeStateMachine()
        let (one, two) = (PolicyFileContent.file([1]), PolicyFileContent.file([2]))
        let stamp = PolicyFileStamp(paths: [path])
        let read = machine.mustRead(stamp)
        #expect(read && machine.judge(one, stampAfter: stamp, isForced: false) == .tryIt)
        machine.accepted()
        let readAgain = machine.mustRead(stamp)
        #expect(readAgain && machine.judge(two, stampAfter: stamp, isForced: false) == .tryIt)
        machine.accepted()
        var looks = 0
        while machine.mustRead(stamp) { looks += 1 }
        #expect(looks == FileChangeStateMachine.looksUntilSettled - 1)
    }

    @Test("What changes while it is read is read again")
    func torn() {
        var machine = FileChangeStateMachine()
        let nothing = PolicyFileStamp(paths: [])
        let read = machine.mustRead(nothing)
        let judgement = machine.judge(.file([1]), stampAfter: PolicyFileStamp(paths: [path]), isForced: false)
        let again = machine.mustRead(nothing)
        #expect(read && judgement == .leave && again)
    }

    @Test("Editors rename a new file over the old one")
    func renamedOver() async throws {
        var follower = PolicyFileFollower(registry, paths: [path])
        await follower.look()
        for seconds in 2...5 {
            try write(Self.text(seconds), to: folder.file("new"))
            #expect(rename(folder.file("new"), path) == 0)
            await follower.look()
            #expect(self.seconds == seconds)
        }
    }

    @Test("Kubernetes switches the link ..data from one folder to another")
    func linkSwitched() async throws {
        let files = FileManager.default
        for seconds in 1...3 {
            try files.createDirectory(atPath: folder.file("..version\(seconds)"), withIntermediateDirectories: true)
            try write(Self.text(seconds), to: folder.file("..version\(seconds)/policies"))
        }
        try files.createSymbolicLink(atPath: folder.file("..data"), withDestinationPath: "..version1")
        try files.createSymbolicLink(atPath: folder.file("mounted.json"), withDestinationPath: "..data/policies")
        var follower = PolicyFileFollower(registry, paths: [folder.file("mounted.json")])
        await follower.look()
        for seconds in 2...3 {
            try files.createSymbolicLink(atPath: folder.file("..data_tmp"), withDestinationPath: "..version\(seconds)")
            #expect(rename(folder.file("..data_tmp"), folder.file("..data")) == 0)
            try files.removeItem(atPath: folder.file("..version\(seconds - 1)"))
            await follower.look()
            #expect(self.seconds == seconds)
        }
    }

    @Test("A reader that sees every beginning of a file being written: nothing is taken or reported before the file is whole")
    func everyPrefix() async throws {
        let text = Array(Self.text(2).utf8)
        var events = registry.events().makeAsyncIterator()
        var follower = PolicyFileFollower(registry, paths: [path])
        await follower.look()
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.truncate(atOffset: 0)
        for byte in text {
            await follower.look()
            #expect(seconds == 1 && registry.state.failure == nil)
            try file.write(contentsOf: [byte])
        }
        await follower.look()
        guard case .accepted(2, _) = await events.next() else {
            Issue.record("the whole file was not the first event")
            return
        }
        #expect(seconds == 2)
    }

    @Test("A bad file is looked at twice, reported once with all that is wrong, and visible until it is good again")
    func bad() async throws {
        var events = registry.events().makeAsyncIterator()
        var follower = PolicyFileFollower(registry, paths: [path])
        await follower.look()
        try write(documentText(#"{"p":{"pipeline":[{"timout":{"after":"2s"}},{"retry":{"maxAttempts":0}}]}}"#))
        await follower.look()
        #expect(registry.state.failure == nil)
        for _ in 0..<20 { await follower.look() }
        #expect(registry.state.failure?.diagnostics.count == 2)
        #expect(registry.state.refusals == 1 && registry.state.version == 1 && seconds == 1)
        #expect(registry.description.contains("the file is not in force as it is now:\n\(path):1:"))
        // As it was: in force all the time, and an event all the same, since the trouble is over.
        try write(Self.text(1))
        await follower.look()
        #expect(registry.state.failure == nil && registry.state.version == 1)
        guard case .refused(let error) = await events.next(), case .accepted(1, let diff) = await events.next() else {
            Issue.record("expected a refusal and an acceptance")
            return
        }
        #expect(error.description.contains("did you mean \"timeout\"?") && diff.isEmpty)
    }

    @Test("A file that goes away is reported as missing, and taken again when it is back")
    func deleted() async throws {
        var follower = PolicyFileFollower(registry, paths: [path])
        await follower.look()
        try FileManager.default.removeItem(atPath: path)
        for _ in 0..<3 { await follower.look() }
        #expect(registry.state.failure?.description.hasSuffix("there is no such file") == true && registry.state.refusals == 1)
        try write(Self.text(3))
        await follower.look()
        #expect(seconds == 3 && registry.state.failure == nil)
    }

    @Test("A pipe or an empty folder in the file's place is reported, and nothing waits for it")
    func noFile() async throws {
        var follower = PolicyFileFollower(registry, paths: [path])
        try FileManager.default.removeItem(atPath: path)
        #expect(mkfifo(path, 0o600) == 0)
        for _ in 0..<2 { await follower.look() }
        #expect(registry.state.failure?.description.contains("this is a pipe") == true)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for _ in 0..<2 { await follower.look() }
        #expect(registry.state.failure?.description.contains("there is no file here that ends in") == true && registry.state.refusals == 2)
    }

    @Test("A look that is asked for reports at once, and again")
    func forced() async throws {
        var follower = PolicyFileFollower(registry, paths: [path])
        try write("{")
        await follower.look(isForced: true)
        await follower.look(isForced: true)
        await follower.look()
        #expect(registry.state.refusals == 2)
    }

    @Test("A document that cannot be made live is a bad file too")
    func notLive() async throws {
        var follower = PolicyFileFollower(registry, paths: [path])
        try write(documentText(#"{"p":{"fallback":[{"handler":"nobody"}]}}"#))
        for _ in 0..<2 { await follower.look() }
        #expect(registry.state.failure?.description.contains("no handler \"nobody\"") == true)
    }
}
