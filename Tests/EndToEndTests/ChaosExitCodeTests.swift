import Foundation
import Testing

@Suite("The exit codes of holdfast chaos run", .serialized, .timeLimit(.minutes(5)))
struct ChaosExitCodeTests {
    @Test(
        "Each ending has its code, and says why",
        arguments: [
            (["--virtual"], 0, "PASSED"),
            (["--virtual", "--set", "P=1"], 1, "FAILED"),
            (["--virtual", "--set", "WORK=600ms"], 2, "NOT STARTED"),
            (["--virtual", "--set", "THINK=0ms", "--max-time", "1ms"], 3, "ABORTED: it took longer than 1ms; raise --max-time"),
            (["--seeds", "1..100000", "--max-time", "1ms"], 3, "ABORTED: it took longer than 1ms; raise --max-time, after "),
            (["--max-time", "1900ms"], 3, "ABORTED: it takes 2s, and a run may take 1900ms; raise --max-time"),
            (["--max-rate", "50"], 3, "ABORTED: it made more than 50 calls in a second; raise --max-rate"),
            (["--virtual", "--output", "/dev/null/no"], 4, "holdfast: cannot write to /dev/null/no: "),
            (["--seeds", "1..100000", "--output", "/dev/null/no"], 4, "holdfast: cannot write to /dev/null/no: "),
            (["--virtual", "--output", ""], 64, "--output is empty"),
            (["--virtual", "--set", "P=2"], 64, "expected a rate from 0 to 1"),
            (["--virtual", "--max-time", "soon"], 64, "--max-time"),
        ])
    func codes(arguments: [String], status: Int32, word: String) async throws {
        let family = Descendants()
        let outcome = try await HoldfastCommand(
            ["chaos", "run", HoldfastCommand.file("codes.json")] + arguments, environment: family.mark
        ).finish()
        #expect(outcome.status == status, "\(outcome.output)\n\(outcome.errors)")
        #expect((outcome.output + outcome.errors).contains(word), "\(outcome.output)\n\(outcome.errors)")
        #expect(family.alive.isEmpty)
        guard status != 64, status != 4 || !arguments.contains("--seeds") else { return }
        let last = outcome.output.split(separator: "\n").last ?? ""
        #expect(last.contains(" chaos run ") && last.contains(" --seed "), "the last line is the command that runs it again: \(last)")
    }
}
