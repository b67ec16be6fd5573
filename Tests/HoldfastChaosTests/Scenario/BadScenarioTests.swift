import HoldfastPolicyFiles
import Testing

@Suite("What is said about bad scenarios")
struct BadScenarioTests {
    @Test("Each way of being wrong has its message, with the line and a caret", arguments: BadScenario.all)
    func message(scenario: BadScenario) {
        #expect(scenario.currentMessage == scenario.message)
    }

    @Test("There is a file for each theme, and none is empty")
    func themes() {
        #expect(Set(BadScenario.all.map(\.theme)) == Set(BadScenario.themes))
        #expect(BadScenario.all.count >= 60)
    }
}
