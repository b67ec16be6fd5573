import Foundation
import Testing

@Suite("holdfast talk", .timeLimit(.minutes(2)))
struct TalkCommandTests {
    private static let policies = HoldfastCommand.root.appendingPathComponent("Policies/talk.json").path

    @Test("What is delivered at least once arrives, and is carried out once, however much is lost", arguments: ["0.5", "0.9"])
    func deliver(share: String) async throws {
        let outcome = try await HoldfastCommand("talk", "deliver", "--times", "20", "--lose", share, "--policies", Self.policies).finish()
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.output.hasPrefix("sent 20, confirmed 20, carried out 20, of these more than once 0\n"), "\(outcome.output)")
    }

    @Test(
        "What cannot be meant is said so",
        arguments: [
            (["whisper"], "whisper"), (["ask", "--lose", "1"], "--lose 1.0: give 0 to 0.9"), (["ask", "--times", "0"], "--times 0"),
            (["ask", "--policies", "/nowhere.json"], "/nowhere.json"),
        ])
    func mistakes(arguments: [String], message: String) async throws {
        let outcome = try await HoldfastCommand(["talk"] + arguments).finish()
        #expect(outcome.status == 64 && outcome.errors.contains(message), "\(outcome)")
    }
}
