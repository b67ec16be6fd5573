import Foundation
import HoldfastAdmin
import Testing

/// An open debug port, and somebody at it.
struct AdminBench {
    static let token = try! AdminToken("a-token-of-16-or-more")

    let admin: PolicyAdmin
    let client: AdminClient

    static func with(_ sources: [PolicySource], _ body: (AdminBench) async throws -> Void) async throws {
        let admin = try await PolicyAdmin.start(port: 0, service: "say", token: token, showing: sources)
        do {
            try await body(AdminBench(admin))
        } catch {
            await admin.close()
            throw error
        }
        await admin.close()
    }

    private init(_ admin: PolicyAdmin) throws {
        self.admin = admin
        client = AdminClient(try TCPAddress(loopback: admin.port), of: "the debug port", token: Self.token.text)
    }

    /// Gives a command; the members of the policy afterwards, or of the refusal.
    func control(_ command: String) async throws -> (status: Int, body: JSON) {
        let answer = try await client.send(.POST, "/v1/control", Array(command.utf8))
        return (answer.status, try JSON(answer.body))
    }

    func list() async throws -> JSON {
        let answer = try await client.send(.GET, "/v1/policies")
        #expect(answer.status == 200)
        return try JSON(answer.body)
    }
}

/// JSON to look into; what is not there is null.
struct JSON {
    private let value: Any?

    init(_ bytes: [UInt8]) throws {
        value = try JSONSerialization.jsonObject(with: Data(bytes))
    }

    private init(_ value: Any?) {
        self.value = value
    }

    subscript(key: String) -> JSON { JSON((value as? [String: Any])?[key]) }
    subscript(index: Int) -> JSON {
        let array = value as? [Any] ?? []
        return JSON(array.indices.contains(index) ? array[index] : nil)
    }

    var text: String? { value as? String }
    var number: Double? { (value as? NSNumber)?.doubleValue }
    var flag: Bool? { value as? Bool }
    var count: Int { (value as? [Any])?.count ?? 0 }
}
