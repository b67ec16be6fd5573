import Foundation
import Holdfast
import Testing

@testable import HoldfastChaos

@Suite("Somebody's own program and what it starts", .timeLimit(.minutes(5)))
struct ProcessGroupTests {
    /// A script that runs, with what it prints as errors.
    private static func start(_ script: String) throws -> (group: ProcessGroup, errors: FileHandle) {
        let pipe = Pipe()
        return (try ProcessGroup(["sh", "-c", script], folder: nil, errors: pipe.fileHandleForWriting), pipe.fileHandleForReading)
    }

    /// The next that it prints.
    private static func next(_ errors: FileHandle) async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: String(decoding: errors.availableData, as: UTF8.self)) }
        }
    }

    @Test("It begins with every signal as a program expects it, and may clean up when it is asked to end")
    func signals() async throws {
        // As the runner does.
        signal(SIGPIPE, SIG_IGN)
        let (group, errors) = try Self.start("trap 'echo cleaned >&2; exit 0' TERM; echo ready >&2; while :; do sleep 0.01; done")
        #expect(await Self.next(errors) == "ready\n")
        let masks = try String(contentsOfFile: "/proc/\(group.leader)/status", encoding: .utf8).split(separator: "\n")
        let ignored = try #require(masks.first { $0.hasPrefix("SigIgn:") }.flatMap { UInt64($0.suffix(16), radix: 16) })
        #expect(ignored & (1 << (UInt64(SIGPIPE) - 1) | 1 << (UInt64(SIGTERM) - 1)) == 0)
        await group.end(SIGTERM, within: .seconds(3_600))
        // All of it has ended. The shell may say before what became of its `sleep`, which was asked to end, too.
        #expect(String(decoding: errors.readDataToEndOfFile(), as: UTF8.self).hasSuffix("cleaned\n"))
        #expect(!group.isRunning && group.isEmpty)
    }

    @Test("Who heeds no signal is killed when the time is over, or the run is", arguments: [false, true])
    func deaf(isCancelled: Bool) async throws {
        let (group, errors) = try Self.start("trap '' TERM; echo ready >&2; while :; do sleep 0.01; done")
        #expect(await Self.next(errors) == "ready\n")
        let end = Task {
            await group.end(SIGTERM, within: isCancelled ? .seconds(3_600) : .milliseconds(50), heedsCancellation: true)
        }
        if isCancelled { end.cancel() }
        await end.value
        #expect(!group.isRunning && group.isEmpty)
    }

    @Test("Who is stopped obeys, too")
    func stopped() async throws {
        let (group, errors) = try Self.start("echo ready >&2; while :; do sleep 0.01; done")
        #expect(await Self.next(errors) == "ready\n")
        #expect(group.send(SIGSTOP))
        await group.end(SIGTERM, within: .seconds(3_600))
        #expect(group.isEmpty)
    }

    @Test("What it has started ends with it, also when it has ended itself")
    func children() async throws {
        let (group, errors) = try Self.start("sleep 3600 & echo $! >&2")
        let child = try #require(pid_t(await Self.next(errors).trimmingCharacters(in: .whitespacesAndNewlines)))
        while group.isRunning { await Pause.uncancellable(.milliseconds(2)) }
        #expect(!group.isEmpty && kill(child, 0) == 0)
        await group.end(SIGKILL, within: .seconds(3_600))
        #expect(group.isEmpty)
        #expect(!group.send(SIGCONT))
    }
}
