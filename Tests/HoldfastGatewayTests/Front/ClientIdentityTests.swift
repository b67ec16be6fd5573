import NIOCore
import NIOHTTP1
import Testing

@testable import HoldfastGateway

@Suite("Who a client is to the limits")
struct ClientIdentityTests {
    @Test(
        "An address of IPv6 counts with its whole network, one of IPv4 for itself",
        arguments: [
            ("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
            ("::ffff:192.0.2.7", "192.0.2.7"), ("::1", "0:0:0:0::/64"),
        ])
    func place(address: String, expected: String) throws {
        #expect(ClientIdentity.place(of: try SocketAddress(ipAddress: address, port: 4711)) == expected)
    }

    @Test("A known key is the client, an unknown one is refused, and without keys the header says nothing")
    func key() throws {
        let address = try SocketAddress(ipAddress: "192.0.2.7", port: 4711)
        let keyed = ClientIdentity(apiKeys: ["secret"])
        #expect(try keyed.key(["X-API-Key": "secret"], address) == "key secret")
        #expect(try keyed.key([:], address) == "192.0.2.7")
        let refusal = #expect(throws: HTTPRefusal.self) { try keyed.key(["X-API-Key": "guess"], address) }
        #expect(refusal?.status == .unauthorized)
        #expect(try ClientIdentity(apiKeys: []).key(["X-API-Key": "anything"], address) == "192.0.2.7")
    }
}
