import Synchronization

/// Decides which calls are given up when resources run short: the least critical first, and back in the reverse order (S34).
///
/// One controller can serve many shedders, each in its own pipeline. A call that is given up is refused at once by its
/// ``LoadShedder``, so that its fallback answers without trying the main path.
///
/// ```swift
/// let pressure = DegradationController("process", try .init(cpu: .init(enter: 0.9, leave: 0.7)))
/// let say = try Pipeline("say") {
///     LoadShedder("say", pressure)
///     CircuitBreaker("say", try .init(failureRate: 0.5))
/// }
/// ```
///
/// The signals are read by a timer, never on the path of a call, and only while calls come or some are given up: a controller
/// that nobody uses sleeps.
public final class DegradationController: Sendable {
    private struct Core {
        var machine: DegradationStateMachine
        var gauges: [ObjectIdentifier: CallGauge] = [:]
        /// Calls that had begun at the last reading, of all shedders there ever were.
        var seenTotal = 0
        /// Calls of shedders that are gone.
        var goneTotal = 0
        var pending: [PolicyEvent] = []
        var timer: TimerHandle?
    }

    /// What events call it.
    public let name: String
    /// The clock it reads.
    public let timeSource: TimeSource
    /// Where its events come out.
    public let eventSource = EventSource()

    private let core: Locked<Core>
    /// How many criticalities are given up, for the call path.
    private let shedCount = Atomic(0)
    /// When the level may fall, in nanoseconds; `Int64.max` when that is not known.
    private let leavesAt = Atomic(Int64.max)
    /// Nanoseconds that each level is held.
    private let hold: Atomic<Int64>
    private let isAwake = Atomic(false)
    private let wasAsked = Atomic(false)
    private let signals: [Pressure: any PressureSignal]
    private let queueTime = ReportedPressure()
    private let lag: LagProbe

    /// Makes a controller that gives no call up.
    /// - Parameters:
    ///   - name: what events call it.
    ///   - configuration: its settings, already checked.
    ///   - signals: replaces what measures a pressure. Processor and memory are measured by ``ProcessorPressure`` and
    ///     ``MemoryPressure``, unless the clock is a virtual one: the real machine is no part of a virtual world.
    ///   - timeSource: its clock.
    public init(
        _ name: String = "shed", _ configuration: Configuration, signals: [Pressure: any PressureSignal] = [:],
        timeSource: TimeSource = .system
    ) {
        self.name = name
        self.timeSource = timeSource
        lag = LagProbe(timeSource)
        var measured: [Pressure: any PressureSignal] = [.queueTime: queueTime, .eventLoopLag: lag]
        if !timeSource.isVirtual {
            measured[.cpu] = ProcessorPressure()
            measured[.memory] = MemoryPressure()
        }
        self.signals = measured.merging(signals) { $1 }
        core = Locked(Core(machine: DegradationStateMachine(configuration, now: timeSource.now())))
        hold = Atomic(configuration.hold.nanoseconds)
    }

    deinit {
        core.withLock { $0.timer }?.cancel()
    }

    // MARK: Reading

    /// The settings in force.
    public var configuration: Configuration { core.withLock { $0.machine.configuration } }

    /// The most critical calls that are given up now; nil for none.
    public var level: Criticality? {
        let count = shedCount.load(ordering: .relaxed)
        return count > 0 ? Criticality.allCases[count - 1] : nil
    }

    /// Whether the level is held by hand; see ``hold(at:)``.
    public var isHeld: Bool { core.withLock { $0.machine.isHeld } }

    /// Whether calls of that criticality are given up now. Asking keeps the controller awake.
    public func sheds(_ criticality: Criticality) -> Bool {
        keepAwake()
        return isShed(criticality)
    }

    /// Says in a sentence why the level is what it is.
    public func explain() -> String {
        let now = timeSource.now()
        return core.withLock { $0.machine.explain(now) }
    }

    /// The controller's events from now on.
    /// - Parameter capacity: how many may wait for the listener before the oldest are dropped.
    public func events(capacity: Int = 1024) -> PolicyEvents {
        PolicyEvents([eventSource], capacity: capacity)
    }

    /// What measures a pressure; nil for calls in flight, which are counted.
    package func signal(_ pressure: Pressure) -> (any PressureSignal)? { signals[pressure] }

    // MARK: Reports

    /// Reports how long a call waited in a queue; the longest since the last reading counts.
    public func report(queueTime: Duration) {
        self.queueTime.report(queueTime)
        keepAwake()
    }

    /// Reports how late an event loop came to run something; the longest since the last reading counts.
    public func report(eventLoopLag: Duration) {
        lag.report(eventLoopLag)
        keepAwake()
    }

    // MARK: Control

    /// Gives up calls up to that criticality, whatever the signals say, until ``release()``; nil to give none up.
    public func hold(at level: Criticality?) {
        decide { machine, now in machine.hold(at: level, now) }
    }

    /// Gives control back to the signals. A held level falls step by step, each held for its time.
    public func release() {
        decide { machine, now in machine.release(now) }
        keepAwake()
    }

    /// Puts new settings in force; the level stays and goes on from there.
    public func reconfigure(_ configuration: Configuration) {
        hold.store(configuration.hold.nanoseconds, ordering: .relaxed)
        decide { machine, now in machine.reconfigure(configuration, now) }
    }

    // MARK: Shedders

    func add(_ gauge: CallGauge) {
        core.withLock { $0.gauges[ObjectIdentifier(gauge)] = gauge }
    }

    func remove(_ gauge: CallGauge) {
        core.withLock { core in
            if core.gauges.removeValue(forKey: ObjectIdentifier(gauge)) != nil { core.goneTotal += gauge.total }
        }
    }

    func isShed(_ criticality: Criticality) -> Bool {
        criticality.rank < shedCount.load(ordering: .relaxed)
    }

    /// How long calls of that criticality are given up at least; nil when that is not known.
    func shedsAtLeast(_ criticality: Criticality, _ now: Instant) -> Duration? {
        let leaves = leavesAt.load(ordering: .relaxed)
        guard leaves < .max else { return nil }
        let levels = Int64(shedCount.load(ordering: .relaxed) - criticality.rank - 1)
        let (more, overflow) = hold.load(ordering: .relaxed).multipliedReportingOverflow(by: max(levels, 0))
        let first = max(leaves.subtractingSaturating(now.nanoseconds), 0)
        return .nanoseconds(overflow ? .max : first.addingSaturating(more))
    }

    /// Starts reading the signals unless that is going on.
    ///
    /// A call counts itself before it looks here, and the controller says that it sleeps before it looks at the counts, all in one
    /// order for all threads: either the call sees the sleep and ends it, or the controller sees the call and stays awake.
    func wakeIfAsleep() {
        guard !isAwake.load(ordering: .sequentiallyConsistent) else { return }
        wake()
    }

    // MARK: Shell

    private func keepAwake() {
        wasAsked.store(true, ordering: .sequentiallyConsistent)
        wakeIfAsleep()
    }

    private func wake() {
        guard !isAwake.exchange(true, ordering: .sequentiallyConsistent) else { return }
        schedule()
    }

    private func schedule() {
        let due = timeSource.now() + core.withLock { $0.machine.configuration.sampleEvery }
        let timer = timeSource.schedule(at: due) { [weak self] in self?.sample(due) }
        core.withLock { $0.timer = timer }
    }

    /// Reads every signal that counts, lets the machine decide, and goes on or goes to sleep.
    private func sample(_ due: Instant) {
        let now = timeSource.now()
        lag.report(due.duration(to: now))
        let (configuration, gauges) = core.withLock { ($0.machine.configuration, Array($0.gauges.values)) }
        let inFlight = gauges.reduce(0) { $0 + $1.inFlight }
        var readings: [Pressure: Double] = [:]
        for pressure in Pressure.allCases where configuration.threshold(pressure) != nil {
            if let signal = signals[pressure] {
                readings[pressure] = signal.reading(at: now)
            } else if pressure == .inFlight {
                readings[pressure] = Double(inFlight)
            }
        }
        decide { machine, now in machine.observe(readings, now) }
        guard mayRest(inFlight) else { return schedule() }
        isAwake.store(false, ordering: .sequentiallyConsistent)
        // A call that began meanwhile may have seen a controller that was awake.
        if !mayRest(0) { wake() }
    }

    /// Whether nobody has used the controller since the last reading, nobody is using it, and nothing is given up.
    private func mayRest(_ inFlight: Int) -> Bool {
        let isUsed = wasAsked.exchange(false, ordering: .sequentiallyConsistent)
        return core.withLock { core in
            let total = core.gauges.values.reduce(core.goneTotal) { $0 + $1.total }
            let isNew = total != core.seenTotal
            core.seenTotal = total
            return !isUsed && !isNew && inFlight == 0 && (core.machine.level == nil || core.machine.isHeld)
        }
    }

    private func decide(_ body: (inout DegradationStateMachine, Instant) -> Void) {
        let now = timeSource.now()
        let mustDeliver = core.withLock { core in
            body(&core.machine, now)
            shedCount.store(core.machine.level.shedCount, ordering: .relaxed)
            leavesAt.store(core.machine.leavesEarliest?.nanoseconds ?? .max, ordering: .relaxed)
            let events = core.machine.events
            if !events.isEmpty { core.machine.events.removeAll() }
            guard eventSource.hasSubscribers, !events.isEmpty else { return false }
            core.pending += events.map { PolicyEvent(policy: name, kind: .shed, at: $0, decision: $1.decision) }
            return true
        }
        guard mustDeliver else { return }
        eventSource.deliver {
            core.withLock { core in
                let events = core.pending
                core.pending.removeAll()
                return events
            }
        }
    }
}

extension DegradationStateMachine.Event {
    fileprivate var decision: PolicyEvent.Decision {
        switch self {
        case .levelChanged(let from, let to, let because): .levelChanged(from: from, to: to, because: because)
        case .reconfigured: .reconfigured
        }
    }
}
