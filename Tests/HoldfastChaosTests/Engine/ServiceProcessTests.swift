import Foundation
import Testing

@testable import HoldfastChaos

@Suite("Service processes", .timeLimit(.minutes(1)))
struct ServiceProcessTests {
    @Test(
        "A service that dies at its start is one clear error with what it said",
        arguments: [
            ("echo no luck >&2; exit 3", "service \"say\" ended before it was ready: no luck"),
            ("exit 3", "service \"say\" ended before it was ready: exit code or signal 3"),
            ("echo not a reply; exit 0", "service \"say\" ended before it was ready: exit code or signal 0"),
        ])
    func diesAtStart(script: String, message: String) async {
        let service = ServiceProcess(name: "say", executable: URL(fileURLWithPath: "/bin/sh"), arguments: ["-c", script])
        await #expect {
            _ = try await service.start()
        } throws: {
            "\($0)" == message
        }
        let isRunning = await service.isRunning
        #expect(!isRunning)
    }

    @Test("A command that is not there is one clear error")
    func missingCommand() async {
        let service = ServiceProcess(name: "say", executable: URL(fileURLWithPath: "/nowhere/holdfast"), arguments: [])
        await #expect {
            _ = try await service.start()
        } throws: {
            "\($0)".hasPrefix("service \"say\" could not be started: ")
        }
    }

    @Test("A reserved port is nobody else's while it is held")
    func reservedPort() {
        #if os(Linux)
        guard let one = ReservedPort(), let other = ReservedPort() else {
            Issue.record("no port could be reserved")
            return
        }
        #expect((1...65_535).contains(one.number) && other.number != one.number)
        #endif
    }

    @Test("A worker pool serves first come, first served, and a caller that goes away leaves the line")
    func workerPool() async throws {
        let pool = WorkerPool(workers: 1)
        let log = OrderLog()
        let gate = OrderLog()
        let holder = Task { try await pool.run { await gate.wait() } }
        await gate.hasWaiter()
        let gone = Task { try await pool.run { await log.append("gone") } }
        await Task.yield()
        gone.cancel()
        await #expect(throws: CancellationError.self) { try await gone.value }
        let last = Task { try await pool.run { await log.append("last") } }
        await gate.open()
        try await holder.value
        try await last.value
        let entries = await log.entries
        #expect(entries == ["last"])
    }
}

/// Writes down who came, and holds who waits until it is opened.
private actor OrderLog {
    private(set) var entries: [String] = []
    private var waiter: CheckedContinuation<Void, Never>?
    private var watcher: CheckedContinuation<Void, Never>?

    func append(_ entry: String) { entries.append(entry) }

    func wait() async {
        await withCheckedContinuation { continuation in
            waiter = continuation
            watcher?.resume()
            watcher = nil
        }
    }

    func hasWaiter() async {
        guard waiter == nil else { return }
        await withCheckedContinuation { watcher = $0 }
    }

    func open() { waiter?.resume() }
}
