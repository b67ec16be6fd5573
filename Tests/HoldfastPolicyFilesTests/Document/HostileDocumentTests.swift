import Holdfast
import HoldfastPolicyFiles
import Testing

/// Whatever the bytes, reading ends in a document or in errors; a trap would end the test process.
@Suite struct HostileDocumentTests {
    private let valid: [UInt8]

    init() throws {
        valid = try DocumentReader.load(path: shippedPolicy("say"))
    }

    @Test("Every truncation of a valid document is an error with a position")
    func truncations() {
        let length = valid.lastIndex(of: UInt8(ascii: "}"))!
        for end in 0...length {
            let error = #expect(throws: DocumentError.self) { try PolicyDocument(file: "f", bytes: Array(valid[..<end])) }
            #expect(error?.diagnostics.allSatisfy { $0.line > 0 && $0.column > 0 } == true)
        }
    }

    @Test("A document with bytes changed at random is read or refused, never more", arguments: 0..<20 as Range<UInt64>)
    func mutations(seed: UInt64) {
        let random = RandomSource(seed: seed)
        for _ in 0..<100 {
            var bytes = valid
            for _ in 0..<(1 + Int(random.uniform() * 4)) {
                let position = Int(random.uniform() * Double(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[position] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: position)
                default: bytes.insert(valid[Int(random.uniform() * Double(valid.count))], at: position)
                }
            }
            do {
                _ = try PolicyDocument(file: "f", bytes: bytes)
            } catch {
                #expect(!error.diagnostics.isEmpty)
            }
        }
    }

    @Test("Thousands of policies and of routes that miss them do not take long or print much")
    func many() {
        let policies = (0..<20_000).map { "\"p\($0)\":{}" }.joined(separator: ",")
        let routes = (0..<20_000).map { "\"a.B/m\($0)\":\"q\($0)\"" }.joined(separator: ",")
        let error = #expect(throws: DocumentError.self) {
            try PolicyDocument(file: "f", bytes: Array("{\"version\":1,\"policies\":{\(policies)},\"routes\":{\(routes)}}".utf8))
        }
        #expect(error?.diagnostics.count == 1000)
        #expect(error?.diagnostics[0].message.hasSuffix(#""p19" or 19980 more"#) == true)
    }

    @Test("A policy that many extend does not fill the memory")
    func inheritance() {
        let elements = (0..<200).map { "{\"timeout\":{\"after\":\"1s\",\"name\":\"t\($0)\"}}" }.joined(separator: ",")
        let heirs = (0..<1000).map { ",\"p\($0)\":{\"extends\":\"base\"}" }.joined()
        let json = "{\"version\":1,\"policies\":{\"base\":{\"pipeline\":[\(elements)]}\(heirs)}}"
        let error = #expect(throws: DocumentError.self) { try PolicyDocument(file: "f", bytes: Array(json.utf8)) }
        #expect(error?.diagnostics.first?.message == "the policies take over more than 100000 elements in all")
    }
}
