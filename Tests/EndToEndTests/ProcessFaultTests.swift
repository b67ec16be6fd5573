import Foundation
import Testing

@Suite("Faults of processes, seen from outside", .serialized, .timeLimit(.minutes(5)))
struct ProcessFaultTests {
    @Test("A process is held back, stopped and continued, and started anew, as the scenario says")
    func faults() async throws {
        let family = Descendants()
        let command = try HoldfastCommand(
            shell: "exec env \"$1\" \"$0\" chaos run \"$2\" --allow-skipped", family.mark, HoldfastCommand.file("processes.json"))
        _ = try #require(await command.line(containing: "fault quota"))
        _ = try #require(await command.line(containing: "fault freeze in force"))
        let first = try #require(family.services.first)
        #expect(Descendants.state(of: first) == "T")
        _ = try #require(await command.line(containing: "fault freeze undone, 1 hit"))
        #expect(family.services == [first] && Descendants.state(of: first) != "T")
        _ = try #require(await command.line(containing: "fault restart undone, 3 hits"))
        #expect(family.services.count == 1 && family.services != [first])
        let outcome = await command.finish()
        #expect(outcome.status == 0, "\(outcome.output)\n\(outcome.errors)")
        // In how many periods the kernel held the process back.
        let quota = outcome.output.split(separator: "\n").first { $0.contains("fault quota: ") }.map(String.init) ?? ""
        #expect(quota.contains("skipped") || quota.hasSuffix(" hits") && !quota.hasSuffix(" 0 hits"), "\(quota)")
        #expect(family.alive.isEmpty && Descendants.controlGroups(of: command.processID).isEmpty)
    }

    @Test("A fault that this machine cannot inject is skipped: exit code 5, and 0 where that is allowed")
    func skipped() async throws {
        // Without the folder of control groups there is none to be made; where that cannot be taken away, nobody may make one anyway.
        let hide = getuid() == 0 ? "umount -l /sys/fs/cgroup/cpu && " : ""
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
