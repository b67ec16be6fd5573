import Foundation
import Holdfast
import HoldfastPolicyFiles
import Testing

@Suite("PolicyFileWatcher: looks from time to time", .timeLimit(.minutes(1)))
struct PolicyFileWatcherTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("policies.json")
        try write(1)
    }

    private func write(_ seconds: Int) throws {
        let text = documentText("{\"p\":{\"pipeline\":[{\"timeout\":{\"after\":\"\(seconds)s\"}}]}}")
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    @Test("It looks twice a second, and ends with its task, leaving no timer and nothing else behind")
    func looks() async throws {
        var registry: PolicyRegistry? = try PolicyRegistry(path: path)
        weak let gone = registry
        let time = ManualTime()
        let task = Task { [registry = try #require(registry)] in
            try await PolicyFileWatcher(registry, interval: .milliseconds(500), reloadsOnHangup: false, timeSource: time.timeSource).run()
        }
        await time.timer()
        try write(2)
        time.advance(by: .milliseconds(499))
        #expect(registry?.state.version == 1)
        var events = registry?.events().makeAsyncIterator()
        time.advance(by: .milliseconds(1))
        guard case .accepted(2, _) = await events?.next() else {
            Issue.record("the file was not taken")
            return
        }
        await time.timer()
        task.cancel()
        try await task.value
        #expect(time.timers == 0)
        (registry, events) = (nil, nil)
        #expect(gone == nil)
    }

    @Test("A folder that has changed is looked at again after half the time, and taken when nothing has changed since")
    func folderLooks() async throws {
        let registry = try PolicyRegistry(path: folder.path)
        let time = ManualTime()
        let task = Task {
            try await PolicyFileWatcher(registry, interval: .milliseconds(500), reloadsOnHangup: false, timeSource: time.timeSource).run()
        }
        var events = registry.events().makeAsyncIterator()
        await time.timer()
        time.advance(by: .milliseconds(250))
        await time.timer()
        try write(2)
        time.advance(by: .milliseconds(500))
        await time.timer()
        #expect(registry.state.version == 1)
        time.advance(by: .milliseconds(250))
        guard case .accepted(2, _) = await events.next() else {
            Issue.record("the folder was not taken")
            return
        }
        task.cancel()
        try await task.value
    }

    @Test("SIGHUP makes it look at once")
    func hangup() async throws {
        let registry = try PolicyRegistry(path: path)
        let time = ManualTime()
        let task = Task {
            try await PolicyFileWatcher(registry, interval: .milliseconds(500), timeSource: time.timeSource).run()
        }
        await time.timer()
        var events = registry.events().makeAsyncIterator()
        try write(2)
        kill(getpid(), SIGHUP)
        guard case .accepted(2, _) = await events.next() else {
            Issue.record("the file was not taken")
            return
        }
        task.cancel()
        try await task.value
    }

    @Test("An interval of nothing is refused")
    func interval() throws {
        let registry = try PolicyRegistry(path: path)
        #expect(throws: ConfigurationError.self) { try PolicyFileWatcher(registry, interval: .zero) }
    }
}
