#if ServiceLifecycle
import Foundation
import Holdfast
import HoldfastPolicyFiles
import HoldfastRPC
import Logging
import ServiceLifecycle
import Testing

@Suite("PolicyFileWatcher: a service of swift-service-lifecycle", .timeLimit(.minutes(1)))
struct WatcherServiceTests {
    @Test("It follows the file until the group shuts down gracefully")
    func service() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("policies.json")
        try documentText(#"{"p":{}}"#).write(toFile: path, atomically: true, encoding: .utf8)
        let registry = try PolicyRegistry(path: path)
        let time = ManualTime()
        let watcher = try PolicyFileWatcher(registry, interval: .seconds(1), reloadsOnHangup: false, timeSource: time.timeSource)
        let group = ServiceGroup(services: [watcher], logger: Logger(label: "test"))
        async let running: Void = group.run()
        await time.timer()
        var events = registry.events().makeAsyncIterator()
        try documentText(#"{"p":{"pipeline":[{"throttle":{}}]}}"#).write(toFile: path, atomically: true, encoding: .utf8)
        time.advance(by: .seconds(1))
        guard case .accepted = await events.next() else {
            Issue.record("the file was not taken")
            return
        }
        await group.triggerGracefulShutdown()
        try await running
    }
}
#endif
