import Foundation
import Holdfast
import Testing

@testable import HoldfastRPC

// One after another, since what is open in the whole process is counted.
@Suite("Calls under disturbance", .serialized)
struct SoakTests {
    private static let isLong = ProcessInfo.processInfo.environment["HOLDFAST_SOAK"] == "1"

    @Test("Of some hundred calls each has one outcome, and no stream or handler is left", arguments: [1, 2] as [UInt64])
    func short(seed: UInt64) async throws {
        try await soak(calls: 300, seed: seed)
    }

    @Test("Of ten thousand calls each has one outcome, and nothing is left", .enabled(if: isLong))
    func long() async throws {
        let seed = UInt64.random(in: 0..<10_000)
        print("the soak's seed: \(seed)")
        // What is made once and kept (threads, pools) is made here.
        try await soak(calls: 1_000, seed: seed)
        let (descriptors, memory) = (try Self.descriptors(), try Self.residentBytes())
        try await soak(calls: 10_000, seed: seed &+ 1)
        #expect(try Self.descriptors() <= descriptors)
        // A sanitizer keeps what is freed for a while.
        let allowance = Self.isSanitized ? 600_000_000 : 50_000_000
        #expect(try Self.residentBytes() < memory + allowance)
    }

    private func soak(calls: Int, seed: UInt64) async throws {
        let soak = try await Soak(calls: calls, seed: seed)
        try await soak.run()
        #expect(soak.miscounted == [])
        // A server whose grace is over does not wait for its handlers, which have been cancelled and are about to end.
        for _ in 0..<1_000_000 where soak.started.count != soak.ended.count { await Task.yield() }
        #expect(soak.started.count == soak.ended.count)
        #expect(soak.answered.count > calls / 4)
        #expect(soak.resets > 0)
    }

    private static func descriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }

    private static func residentBytes() throws -> Int {
        let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return Int(pages[1])! * Int(sysconf(CInt(_SC_PAGESIZE)))
    }

    private static var isSanitized: Bool {
        dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil
    }
}
