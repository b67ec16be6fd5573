import HoldfastAdmin
import Testing

@Suite("Addresses of TCP")
struct TCPAddressTests {
    @Test(
        "An address is known for one that a listener of this machine has, and no other is",
        arguments: [
            ("127.0.0.1:80", "127.0.0.1:80", true), ("localhost:80", "127.0.0.1:80", true), ("0.0.0.0:80", "127.0.0.1:80", true),
            ("[::1]:80", "[::1]:80", true), ("127.0.0.2:80", "0.0.0.0:80", true), ("0.0.0.0:80", "0.0.0.0:80", true),
            ("127.0.0.1:80", "[::]:80", true), ("[::]:80", "[::]:80", true),
            ("127.0.0.1:81", "127.0.0.1:80", false), ("127.0.0.2:80", "127.0.0.1:80", false), ("[::1]:80", "127.0.0.1:80", false),
            ("[::1]:80", "0.0.0.0:80", false), ("10.0.0.1:80", "0.0.0.0:80", false), ("127.0.0.1:0", "127.0.0.1:0", false),
        ])
    func reached(address: String, listener: String, isReached: Bool) throws {
        #expect(try TCPAddress(address).isReached(through: TCPAddress(listener)) == isReached)
    }
}
