import Holdfast
import NIOCore
import NIOPosix
import Testing

@testable import HoldfastRPC

@Suite("Hosts with several addresses")
struct AddressTests {
    /// A name with two addresses, the first of which is of the family that is tried first.
    private struct TwoAddresses: Resolver, Sendable {
        let eventLoop: any EventLoop
        let (first, second): (String, String)

        func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
            eventLoop.makeCompletedFuture { [try SocketAddress(ipAddress: first, port: port)] }
        }

        func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
            eventLoop.makeCompletedFuture { [try SocketAddress(ipAddress: second, port: port)] }
        }

        func cancelQueries() {}
    }

    private func client(_ first: String, _ second: String, port: Int) throws -> RPCClient {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        var configuration = RPCClient.Configuration()
        configuration.backoff.base = .seconds(3_600)
        configuration.hostResolver = TwoAddresses(eventLoop: eventLoop, first: first, second: second)
        return try RPCClient(
            host: "two.test", port: port, security: .plaintext, configuration: configuration, eventLoopGroup: eventLoop)
    }

    @Test("An address that refuses is passed over, and the call waits for the next", arguments: [true, false])
    func refused(first: Bool) async throws {
        let peer = try ScriptedPeer { connection, _ in
            while let request = connection.request() { connection.answer(request) }
        }
        let (refusing, listening) = ("127.0.0.2", "127.0.0.1")
        let client = first ? try client(refusing, listening, port: peer.port) : try client(listening, refusing, port: peer.port)
        try await withClient(client) { client in
            let answer = try await client.unary(FourKinds.unary, "x").message
            #expect(answer == "X")
        }
    }

    @Test("When all addresses refuse, the call fails and says why")
    func allRefused() async throws {
        let (listener, port) = try LoopbackSocket.listen()
        listener.stop()
        try await withClient(client("127.0.0.2", "127.0.0.3", port: port)) { client in
            let error = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
            #expect(error?.message == "could not connect to two.test:\(port): Connection refused")
            #expect(error?.isUnprocessed == true)
        }
    }
}
