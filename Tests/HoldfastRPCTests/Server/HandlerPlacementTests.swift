import Holdfast
import NIOCore
import NIOPosix
import Testing

@testable import HoldfastRPC

@Suite("Where handlers begin")
struct HandlerPlacementTests {
    private static let slow = HandlerPlacement.quick + 1

    /// Begins `count` handlers of which each takes that long.
    /// - Returns: how many began on the loop.
    private func begin(_ count: Int, taking nanoseconds: Int64, _ placement: HandlerPlacement) -> Int {
        var onLoop = 0
        for _ in 0..<count where placement.takesLoop() {
            onLoop += 1
            placement.ran(for: nanoseconds)
        }
        return onLoop
    }

    @Test("Quick handlers stay on the loop, and one that was interrupted sends none away")
    func quick() {
        let placement = HandlerPlacement()
        for _ in 0..<10 {
            #expect(begin(HandlerPlacement.strikeWeight, taking: HandlerPlacement.quick, placement) == HandlerPlacement.strikeWeight)
            #expect(begin(1, taking: Self.slow, placement) == 1)
        }
    }

    @Test("Two slow ones send the method to the pool; one is tried after a while, and decides alone")
    func slow() {
        let placement = HandlerPlacement()
        #expect(begin(2, taking: Self.slow, placement) == 2)
        for _ in 0..<3 {
            #expect(begin(HandlerPlacement.poolCalls - 1, taking: Self.slow, placement) == 0)
            #expect(begin(1, taking: Self.slow, placement) == 1)
        }
        #expect(begin(HandlerPlacement.poolCalls - 1, taking: 0, placement) == 0)
        #expect(begin(1_000, taking: 0, placement) == 1_000)
    }

    /// Answers whether its handler runs on an event loop, before and after it has waited.
    private struct Placed: RPCService {
        static let method = RPCMethod<Fourkinds_Text, Fourkinds_Text>(service: "test.Placed", name: "Where", kind: .unary)

        func register(on router: inout RPCRouter) {
            router.unary(Self.method) { _, _ in
                let loop = MultiThreadedEventLoopGroup.currentEventLoop
                // The loop's own next job: it cannot come before this one has left the thread.
                let other = loop ?? MultiThreadedEventLoopGroup.singleton.any()
                await withCheckedContinuation { waiting in other.execute { waiting.resume() } }
                return Fourkinds_Text("\(loop != nil) \(MultiThreadedEventLoopGroup.currentEventLoop != nil)")
            }
        }
    }

    @Test("A handler begins on the event loop if that was asked for, and goes on elsewhere", arguments: [false, true])
    func thread(_ isAskedFor: Bool) async throws {
        var configuration = RPCServer.Configuration()
        configuration.beginsHandlersOnEventLoop = isAskedFor
        try await serving([Placed()], configuration: configuration) { server in
            let answer = try await calling(server) { try await $0.unary(Placed.method, "").message.text }
            #expect(answer == "\(isAskedFor) false")
        }
    }

    @Test("All kinds of calls end as they should when their handlers begin on the event loop")
    func kinds() async throws {
        var configuration = RPCServer.Configuration()
        configuration.beginsHandlersOnEventLoop = true
        try await serving([FourKindsService()], configuration: configuration) { server in
            try await calling(server) { client in
                for number in 0..<50 {
                    let answer = try await client.unary(FourKinds.unary, Fourkinds_Text("\(number)"))
                    #expect(answer.message.text == "\(number)")
                }
                let error = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "fail:NOT_FOUND:x") }
                #expect(error?.code == .notFound && error?.message == "x")
                let echoed = try await client.bidirectional(FourKinds.bidirectional) { requests, responses in
                    for number in 0..<50 { try await requests.write(Fourkinds_Text("\(number)")) }
                    requests.finish()
                    return try await responses.reduce(into: 0) { count, _ in count += 1 }
                }
                #expect(echoed == 50)
            }
        }
    }
}
