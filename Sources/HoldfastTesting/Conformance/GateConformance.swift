public import Holdfast
import HoldfastVirtualTime

/// Checks that a gate of your own does what pipelines rely on.
///
/// It depends on no testing library: every check returns, or throws a ``ConformanceFailure`` that reads as a sentence. In
/// Swift Testing:
///
/// ```swift
/// static let gate = GateConformance(capacity: .running(4...4), queue: 2) { MyBulkhead(4, queue: 2, timeSource: $0) }
///
/// @Test(arguments: GateConformance.Check.allCases)
/// func conforms(check: GateConformance.Check) async throws { try await Self.gate.check(check) }
/// ```
///
/// and in XCTest `let failures = await gate.failures(); XCTAssert(failures.isEmpty, "\(failures)")`. Nothing waits in real
/// time: the gates are made on clocks that the checks move.
public struct GateConformance: Sendable {
    /// How many attempts the gates let through, as they are made.
    public enum Capacity: Sendable {
        /// All of them, while attempts succeed or are cancelled.
        case unlimited
        /// At once; a range if the gate moves its limit. `0...0` for a gate that refuses everything.
        case running(ClosedRange<Int>)
        /// Exactly so many if time stands still, and as many again whenever `recoversIn` has passed.
        case started(Int, recoversIn: Duration)
    }

    let capacity: Capacity
    let queue: Int
    let seed: UInt64
    let make: @Sendable (TimeSource) throws -> any Gate

    /// Makes a suite.
    /// - Parameters:
    ///   - capacity: how many attempts the gates let through.
    ///   - queue: how many calls can wait at once; 0 for gates that never say ``Admission/mustWait``. All of them must be able to
    ///     wait, for at least a second of the gate's clock, before a gate gives up on them.
    ///   - seed: what random choices are drawn from.
    ///   - make: makes a new gate that reads the given clock only.
    public init(
        capacity: Capacity, queue: Int = 0, seed: UInt64 = 1, _ make: @escaping @Sendable (TimeSource) throws -> any Gate
    ) {
        self.capacity = capacity
        self.queue = max(queue, 0)
        self.seed = seed
        self.make = make
    }

    /// The same suite with another seed.
    public func with(seed: UInt64) -> GateConformance {
        GateConformance(capacity: capacity, queue: queue, seed: seed, make)
    }

    /// Runs one check on gates of its own.
    /// - Throws: ``ConformanceFailure``, or what making a gate throws.
    public func check(_ check: Check) async throws {
        switch check {
        case .settlesInAnyOrder: try settlesInAnyOrder()
        case .capacityReturns: try capacityReturns()
        case .droppedPermitReturns: try droppedPermitReturns()
        case .waitAfterMustWait: try waitAfterMustWait()
        case .waitersAreServed: try waitersAreServed()
        case .cancelledWaiterLeaves: try cancelledWaiterLeaves()
        case .cancelledAtTheGrant: try cancelledAtTheGrant()
        case .waiterLeavesAtItsDeadline: try waiterLeavesAtItsDeadline()
        case .pastDeadlineNeverWaits: try pastDeadlineNeverWaits()
        case .clockRunsBackwards: try clockRunsBackwards()
        case .clockAtItsEnds: try clockAtItsEnds()
        case .rejectionsSayWho: try rejectionsSayWho()
        case .eventsTellDecisions: try eventsTellDecisions()
        case .countersTellDecisions: try countersTellDecisions()
        case .manyTasks: try manyTasks()
        case .manyThreads: try await manyThreads()
        }
    }

    /// Runs all checks.
    /// - Returns: what is wrong; empty if the gate conforms.
    public func failures() async -> [any Error] {
        var failures: [any Error] = []
        for check in Check.allCases {
            do { try await self.check(check) } catch { failures.append(error) }
        }
        return failures
    }

    func probe(_ check: Check, _ world: VirtualTime = VirtualTime()) throws -> GateProbe {
        try GateProbe(self, check, world)
    }
}
