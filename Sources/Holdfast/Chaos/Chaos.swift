import Synchronization

/// Breaks calls on purpose, at a rate: to see what the policies around it do.
///
/// It injects waits, side effects, errors and answers into calls that pass it, each drawn by itself. Off unless told otherwise,
/// and then it costs one atomic load. Where it stands in a pipeline decides who sees what it does: innermost, everybody.
/// After Polly's chaos strategies (Simmy).
///
/// ```swift
/// let chaos = Chaos("say", .init(fault: try .init(rate: 0.1, error: ChaosFault(code: .unavailable))))
/// chaos.enable()
/// ```
public final class Chaos: Policy {
    private struct Core {
        var configuration: Configuration
        var machine: ChaosStateMachine
        var random: RandomSource
    }

    /// The name that events carry.
    public let name: String
    /// ``PolicyKind/chaos``.
    public var kind: PolicyKind { .chaos }
    /// The clock of injected waits.
    public let timeSource: TimeSource
    /// Where its events come out.
    public let eventSource = EventSource()

    private let enabled: Atomic<Bool>
    private let core: Locked<Core>
    private let injected = Counter()

    /// Makes a chaos policy.
    /// - Parameters:
    ///   - name: what events call it.
    ///   - configuration: what it injects and how often.
    ///   - timeSource: the clock of injected waits.
    ///   - random: what decides; with a seed, and calls in one order, every run injects the same.
    public init(
        _ name: String = "chaos", _ configuration: Configuration, timeSource: TimeSource = .system, random: RandomSource = .system
    ) {
        self.name = name
        self.timeSource = timeSource
        enabled = Atomic(configuration.isEnabled)
        core = Locked(Core(configuration: configuration, machine: Self.machine(configuration), random: random))
    }

    /// Whether it injects anything.
    public var isEnabled: Bool { enabled.load(ordering: .relaxed) }

    /// Starts to inject.
    public func enable() {
        enabled.store(true, ordering: .relaxed)
    }

    /// Leaves calls alone; waits already injected go on.
    public func disable() {
        enabled.store(false, ordering: .relaxed)
    }

    /// The settings in force; ``isEnabled`` says whether they act.
    public var configuration: Configuration { core.withLock { $0.configuration } }

    /// What it does, with its settings in force; see ``Policy``.
    public var summary: String {
        guard let injections = configuration.injections else { return "injects nothing" }
        return isEnabled ? "injects \(injections)" : "off; would inject \(injections)"
    }

    /// How many waits, side effects, errors and answers it injected.
    public var counters: PolicyCounters {
        var counters = PolicyCounters()
        counters.injected = injected.value
        return counters
    }

    /// Puts new settings in force, and enables or disables the policy as they say. The sequence of draws goes on.
    public func reconfigure(_ configuration: Configuration) {
        core.withLock { core in
            core.configuration = configuration
            core.machine = Self.machine(configuration)
            enabled.store(configuration.isEnabled, ordering: .relaxed)
        }
        emit(.reconfigured)
    }

    /// Runs `operation`, or what is injected in its place.
    /// - Throws: what is injected or what `operation` throws; `CancellationError` when the caller goes away during an injected wait.
    @inlinable
    public nonisolated(nonsending) func run<Value>(
        _ operation: nonisolated(nonsending) () async throws -> Value
    ) async throws -> Value {
        if isEnabled, let value = try await inject(as: Value.self) { return value }
        return try await operation()
    }

    /// Does to a call what is drawn for it, short of answering: waits, acts, throws.
    /// - Returns: the answer to give in place of the operation's; nil when the operation is to run.
    @usableFromInline
    package nonisolated(nonsending) func inject<Value>(as type: Value.Type) async throws -> Value? {
        let injections = draw(as: type)
        if let latency = injections.latency { try await timeSource.sleep(for: latency) }
        if let behavior = injections.behavior { try await behavior() }
        if let fault = injections.fault { throw fault }
        // Unwrapped first: a missing outcome can be cast to any optional type.
        guard let outcome = injections.outcome.flatMap({ $0 as? Value }) else { return nil }
        noteOutcome()
        return outcome
    }

    /// Draws what the next call gets injected, and counts and reports it; an outcome when it is given, with ``noteOutcome()``.
    package func draw() -> Injections {
        draw(as: Any.self)
    }

    private func draw<Value>(as type: Value.Type) -> Injections {
        guard isEnabled else { return Injections() }
        var (drawn, configuration) = core.withLock { core in (core.machine.draw(&core.random), core.configuration) }
        if let outcome = configuration.outcome, !(outcome.value is Value) { drawn.remove(.outcome) }
        var injections = Injections()
        if drawn.contains(.latency) { injections.latency = note("latency", configuration.latency?.delay) }
        if drawn.contains(.behavior) { injections.behavior = note("behavior", configuration.behavior?.action) }
        if drawn.contains(.fault) { injections.fault = note("fault", configuration.fault?.error) }
        if drawn.contains(.outcome) { injections.outcome = configuration.outcome?.value }
        return injections
    }

    /// Counts and reports that a drawn outcome was given in place of the operation's.
    func noteOutcome() {
        injected.add()
        emit(.injected("outcome"))
    }

    private func note<Injection>(_ what: String, _ injection: Injection?) -> Injection? {
        guard let injection else { return nil }
        injected.add()
        emit(.injected(what))
        return injection
    }

    private static func machine(_ configuration: Configuration) -> ChaosStateMachine {
        ChaosStateMachine(
            latency: configuration.latency?.rate ?? 0, behavior: configuration.behavior?.rate ?? 0,
            fault: configuration.fault?.rate ?? 0, outcome: configuration.outcome?.rate ?? 0)
    }
}
