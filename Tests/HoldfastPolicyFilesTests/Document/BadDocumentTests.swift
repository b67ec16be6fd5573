import HoldfastPolicyFiles
import Testing

@Suite("What is said about bad documents")
struct BadDocumentTests {
    @Test("Each way of being wrong has its message, with the line and a caret", arguments: BadDocument.all)
    func message(document: BadDocument) {
        #expect(document.currentMessage == document.message)
    }

    @Test("There is a file for each theme, and none is empty")
    func themes() {
        #expect(Set(BadDocument.all.map(\.theme)) == Set(BadDocument.themes))
        #expect(BadDocument.all.count >= 80)
    }
}
