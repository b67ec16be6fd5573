public import Foundation
import Holdfast
import HoldfastPolicyFiles

/// A chaos scenario whose calls are Swift code: any async closure, under the load, the faults, the assertions and the report of a scenario
/// file, inside a test.
///
/// The scenario names what the code depends on as services of the kind `code`, which exist in this process only. Its loads have no
/// `method` and no `request`; its variants need no `policies`.
///
/// ```swift
/// @Test func checkoutSurvivesTheDatabase() async throws {
///     let scenario = try ChaosScenario(path: "Scenarios/database-down.json")
///     let report = try await scenario.run(in: .virtual) { context in
///         let breaker = CircuitBreaker("db", try .init(), timeSource: context.timeSource, random: context.random)
///         context.observe(breaker)
///         return { call in
///             try await breaker.run {
///                 try await call.attempt(of: "db") { try await checkout(call.index) }
///             }
///         }
///     }
///     #expect(report.passed, "\(report)")
/// }
/// ```
///
/// What stands in ``ChaosCall/attempt(of:_:)`` is what the service's faults hit: errors, hangs, latency, lost capacity, and `proc.kill`,
/// which refuses attempts until it is over. In virtual time a run of a minute takes a moment, and the same seed gives the same run; the
/// code must then take its time from ``ChaosContext/timeSource``.
public struct ChaosScenario: Sendable {
    /// The clock that a run lives by.
    public enum Time: Sendable {
        /// The machine's.
        case real
        /// One that jumps to what happens next; see `VirtualTime`.
        case virtual
    }

    private let scenario: Scenario

    /// Reads a scenario file.
    /// - Parameters:
    ///   - path: the file.
    ///   - parameters: what `${NAME}` stands for in it.
    /// - Throws: `DocumentError` with all that is wrong, each with its line and what would be right.
    public init(path: String, parameters: [String: String] = [:]) throws {
        scenario = try Scenario.load(path: path, parameters: parameters)
    }

    /// Reads a scenario.
    /// - Parameters:
    ///   - json: the document.
    ///   - parameters: what `${NAME}` stands for in it.
    /// - Throws: `DocumentError` with all that is wrong, each with its line and what would be right.
    public init(json: String, parameters: [String: String] = [:]) throws {
        scenario = try Scenario.read(file: "scenario", bytes: Array(json.utf8), parameters: parameters)
    }

    /// Runs every variant, one after the other.
    /// - Parameters:
    ///   - time: the clock; the scenario's `time` must allow it.
    ///   - seed: replaces the scenario's own; nil to keep it.
    ///   - output: the folder for `journal.ndjson`, `result.json` and `report.html`; nil for none.
    ///   - setUp: makes what is under test, anew for each variant, and returns the operation that a call makes.
    /// - Returns: what was found, whether it passed or not.
    /// - Throws: what `setUp` throws; an error that says so when the scenario has services that are no code, or does not allow that clock;
    ///   `CancellationError`.
    public func run(
        in time: Time = .virtual, seed: UInt64? = nil, output: URL? = nil,
        _ setUp: @escaping @Sendable (ChaosContext) async throws -> ChaosOperation
    ) async throws -> ChaosReport {
        var scenario = scenario
        if let seed { scenario.seed = seed }
        if let service = scenario.services.first(where: { $0.kind != .code }) {
            throw HarnessError(
                "the service \"\(service.name)\" is of the kind \"\(service.kind)\"; a scenario in Swift has services of the kind \"code\"")
        }
        guard time == .virtual ? scenario.engines.includeVirtual : scenario.engines.includeReal else {
            throw HarnessError("the scenario has \"time\": \"\(scenario.engines)\"; write \"both\", or run it in that time")
        }
        let environment = RunEnvironment(
            executable: URL(filePath: "/nowhere"), methods: [], policyMethods: [], setUp: setUp)
        let run = ScenarioRun(
            scenario, environment, isVirtual: time == .virtual, output: output, replayCommand: "seed \(scenario.seed)"
        ) { _ in }
        let result = try await run.run()
        try Task.checkCancellation()
        return ChaosReport(result)
    }
}

/// Makes one call of a load; it has failed when it throws.
public typealias ChaosOperation = @Sendable (ChaosCall) async throws -> Void
