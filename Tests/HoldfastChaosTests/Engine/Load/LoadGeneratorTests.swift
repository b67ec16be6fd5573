import Holdfast
import HoldfastRPC
import HoldfastVirtualTime
import Testing

@testable import HoldfastChaos

@Suite("What became of a call")
struct LoadGeneratorTests {
    /// Never answers in time; sends one call of two.
    private struct Silent: LoadTarget {
        nonisolated(nonsending) func call(_ index: Int, _ options: CallOptions) async throws -> LoadAnswer {
            if index.isMultiple(of: 2) { options.attempts?.add() }
            throw TimeoutError(policy: nil, scope: .deadline, after: .seconds(1))
        }
    }

    @Test("Of a write that ran out of time nobody knows the end, unless it was never sent", arguments: [true, false])
    func indeterminate(isWrite: Bool) throws {
        let load = try ScenarioText.scenario().load[0]
        let world = VirtualTime()
        let outcomes = Locked<[CallOutcome]>([])
        try world.run {
            let generator = LoadGenerator(load, Silent(), seed: 1, start: world.now(), world.timeSource, isWrite: { isWrite }) { call in
                outcomes.withLock { $0.append(call.outcome) }
            }
            _ = try await generator.offer(until: .seconds(1))
            await generator.drain()
        }
        let ends = outcomes.withLock { $0 }
        #expect(ends.count == 100)
        #expect(ends.count { $0 == .timeout } == (isWrite ? 50 : 100))
        #expect(ends.count { $0 == .indeterminate } == (isWrite ? 50 : 0))
    }

    @Test("A deadline that the connection keeps is a timeout, as one that a policy keeps; what the server says is an error")
    func deadlines() {
        #expect(CallOutcome(of: RPCError(code: .deadlineExceeded, message: "", origin: .local)) == .timeout)
        #expect(CallOutcome(of: RPCError(.deadlineExceeded, "")) == .error(.deadlineExceeded))
        #expect(CallOutcome(of: RPCError(code: .internalError, message: "", origin: .local)) == .error(.internalError))
    }
}
