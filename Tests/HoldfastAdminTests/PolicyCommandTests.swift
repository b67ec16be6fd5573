import Holdfast
import HoldfastPolicyFiles
import Testing

@testable import HoldfastAdmin

@Suite("Commands of operators")
struct PolicyCommandTests {
    @Test(
        "What can be said",
        arguments: [
            (#"{"kind":"breaker","name":"say","action":"isolate"}"#, .breaker(.isolate)),
            (#"{"kind":"breaker","name":"say","action":"probe"}"#, .breaker(.probe)),
            (#"{"kind":"shed","name":"say","action":"hold","level":"sheddablePlus"}"#, .hold(.sheddablePlus)),
            (#"{"kind":"shed","name":"say","action":"hold","level":"none"}"#, .hold(nil)),
            (#"{"kind":"shed","name":"say","action":"release"}"#, .releaseLevel),
            (#"{"kind":"limiter","name":"say","action":"reset"}"#, .resetLimiter),
            (#"{"kind":"chaos","name":"say","action":"enable"}"#, .chaos(isEnabled: true)),
        ] as [(String, PolicyCommand.Action)])
    func good(text: String, action: PolicyCommand.Action) throws {
        let command = try PolicyCommand.read(Array(text.utf8))
        #expect(command.action == action && command.name == "say" && command.source == nil)
    }

    @Test(
        "What is wrong with one is said, with what would be right",
        arguments: [
            ("", "the document is empty"), ("[]", "expected an object with kind, name and action"), ("\u{0}", "expected a value"),
            (#"{"kind":"braker","name":"say","action":"isolate"}"#, #"did you mean "breaker"?"#),
            (#"{"kind":"breaker","name":"say","action":"isolat"}"#, #"did you mean "isolate"?"#),
            (#"{"kind":"breaker","name":"say","action":"hold"}"#, #"expected "isolate""#),
            (#"{"kind":"breaker","name":"","action":"isolate"}"#, "name"), (#"{"kind":"breaker","name":3,"action":"isolate"}"#, "name"),
            (#"{"kind":"breaker","action":"isolate"}"#, #"missing key "name""#),
            (#"{"kind":"shed","name":"say","action":"hold"}"#, #"missing key "level""#),
            (#"{"kind":"shed","name":"say","action":"hold","level":"low"}"#, #"expected "none", "sheddable""#),
            (#"{"kind":"shed","name":"say","action":"release","level":"none"}"#, "level: unknown key"),
            (#"{"kind":"breaker","name":"say","action":"isolate","nmae":"x"}"#, "unknown key"),
            (String(repeating: "[", count: 60_000), "nested deeper"),
        ])
    func bad(text: String, message: String) {
        let error = #expect(throws: DocumentError.self) { try PolicyCommand.read(Array(text.utf8)) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }
}
