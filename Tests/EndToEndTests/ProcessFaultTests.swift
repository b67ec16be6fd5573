import Foundation
import Synchronization
import Testing

@Suite("Faults of processes, seen from outside", .serialized, .timeLimit(.minutes(5)))
struct ProcessFaultTests {
    @Test("A process is held back, stopped and continued, and started anew, as the scenario says")
    func faults() async throws {
        let family = Descendants()
        let command = try HoldfastCommand(
            shell: "exec env \"$1\" \"$0\" chaos run \"$2\" --allow-skipped", family.mark, HoldfastCommand.file("processes.json"))
        let watch = StateWatch(family)
        let outcome = await command.finish()
        let seen = watch.finish()
        #expect(outcome.status == 0, "\(outcome.output)\n\(outcome.errors)")
        // The first process was stopped and did not stay so; each of three restarts made another.
        let first = try #require(seen.min { $0.key < $1.key })
        #expect(first.value.isSuperset(of: ["T", "S"]) && seen.count == 4, "\(seen)")
        for line in ["fault freeze: 1 hit", "fault restart: 3 hits"] { #expect(outcome.output.contains(line), "\(outcome.output)") }
        // In how many periods the kernel held the process back.
        let quota = outcome.output.split(separator: "\n").first { $0.contains("fault quota: ") }.map(String.init) ?? ""
        #expect(quota.contains("skipped") || quota.hasSuffix(" hits") && !quota.hasSuffix(" 0 hits"), "\(quota)")
        #expect(family.alive.isEmpty && Descendants.controlGroups(of: command.processID).isEmpty)
    }

    @Test("Of three replicas one is stopped, another killed; callers do not notice, and all three are there again in the end")
    func replicas() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("holdfast-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let family = Descendants()
        let command = try HoldfastCommand(
            shell: "exec env \"$1\" \"$0\" chaos run \"$2\" --output \"$3\"", family.mark, HoldfastCommand.file("replicas.json"),
            folder.path)
        let watch = StateWatch(family)
        let outcome = await command.finish()
        let seen = watch.finish()
        #expect(outcome.status == 0, "\(outcome.output)\n\(outcome.errors)")
        // Three, and the one that took the killed one's place; one of them was stopped.
        #expect(seen.count == 4 && seen.values.count { $0.contains("T") } == 1, "\(seen)")
        for line in ["fault freeze: 1 hit", "fault kill: 1 hit"] { #expect(outcome.output.contains(line), "\(outcome.output)") }
        let result = try JSONDecoder().decode(Result.self, from: Data(contentsOf: folder.appendingPathComponent("result.json")))
        let replicas = result.variants[0].replicas
        #expect(replicas.map(\.replica) == [0, 1, 2] && replicas.allSatisfy { $0.worked.reduce(0, +) > 50 }, "\(replicas)")
        // The first one had to do what the killed one could not; the stopped one finds what was asked of it when it goes on.
        let sums = replicas.map { $0.worked.reduce(0, +) }
        #expect(sums[0] > sums[2], "\(sums)")
        #expect(family.alive.isEmpty)
    }

    private struct Result: Decodable {
        struct Variant: Decodable {
            var replicas: [Replica]
        }

        struct Replica: Decodable {
            var replica: Int
            var worked: [Int]
        }

        var variants: [Variant]
    }

    @Test("A fault that this machine cannot inject is skipped: exit code 5, and 0 where that is allowed")
    func skipped() async throws {
        // Without the folder of control groups there is none to be made; where that cannot be taken away, nobody may make one anyway.
        let hide = getuid() == 0 ? "umount -l /sys/fs/cgroup/cpu 2>/dev/null; " : ""
        let isolate = getuid() == 0 ? "exec unshare -m " : "exec "
        for (flag, status) in [("--seed=7", Int32(5)), ("--allow-skipped", 0)] {
            let command = try HoldfastCommand(
                shell: "\(isolate)sh -c '\(hide)exec \"$0\" chaos run \"$1\" \"$2\"' \"$0\" \"$1\" \"$2\"",
                HoldfastCommand.file("processes.json"), flag)
            let outcome = await command.finish()
            #expect(outcome.status == status, "\(outcome.output)\n\(outcome.errors)")
            #expect(outcome.output.contains("– fault quota: skipped; "), "\(outcome.output)")
            #expect(outcome.output.contains(status == 5 ? "SKIPPED" : "PASSED"))
        }
    }
}

/// Looks at the services of a run all the time, on a thread of its own: no test can say when it gets its turn.
private final class StateWatch: Sendable {
    private struct State {
        var seen: [Int32: Set<Character>] = [:]
        var isFinished = false
    }

    private let state = Mutex(State())

    init(_ family: Descendants) {
        Thread.detachNewThread { [self] in
            while !state.withLock({ $0.isFinished }) {
                for service in family.services {
                    guard let letter = Descendants.state(of: service) else { continue }
                    state.withLock { _ = $0.seen[service, default: []].insert(letter) }
                }
                Thread.sleep(forTimeInterval: 0.01)
            }
        }
    }

    /// The states in which each service was seen, by its process id.
    func finish() -> [Int32: Set<Character>] {
        state.withLock { state in
            state.isFinished = true
            return state.seen
        }
    }
}
