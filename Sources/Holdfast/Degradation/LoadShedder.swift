/// Refuses the least critical calls first when resources run short, so that their fallbacks answer at once (S34).
///
/// How much a call matters is said by its ``CallAttributes/criticality``. What is given up is decided by a ``DegradationController``,
/// the shedder's own or one that it shares. On the path of a call that costs one atomic load, and one atomic step for the count of
/// calls in flight.
public final class LoadShedder: Gate {
    /// The settings of the shedder's controller.
    public typealias Configuration = DegradationController.Configuration

    /// The name that rejections and events carry.
    public let name: String
    /// ``PolicyKind/shed``.
    public var kind: PolicyKind { .shed }
    /// The clock the shedder reads.
    public var timeSource: TimeSource { controller.timeSource }
    /// Where its events come out; those of a controller of its own too.
    public let eventSource: EventSource
    /// What decides which calls are given up.
    public let controller: DegradationController

    private let gauge = CallGauge()
    private let rejected = Counter()

    /// Makes a shedder with a controller of its own.
    /// - Parameters:
    ///   - name: what rejections and events call it.
    ///   - configuration: its settings, already checked.
    ///   - timeSource: its clock.
    public convenience init(_ name: String = "shed", _ configuration: Configuration, timeSource: TimeSource = .system) {
        let controller = DegradationController(name, configuration, timeSource: timeSource)
        self.init(name, controller, eventSource: controller.eventSource)
    }

    /// Makes a shedder that shares a controller; the calls in flight of all its shedders count together. Listen to the controller's
    /// events at the controller.
    public convenience init(_ name: String = "shed", _ controller: DegradationController) {
        self.init(name, controller, eventSource: EventSource())
    }

    private init(_ name: String, _ controller: DegradationController, eventSource: EventSource) {
        self.name = name
        self.controller = controller
        self.eventSource = eventSource
        controller.add(gauge)
    }

    deinit {
        controller.remove(gauge)
    }

    /// Calls that run now.
    public var inFlight: Int { gauge.inFlight }

    /// How many attempts were let through and refused.
    public var counters: PolicyCounters {
        var counters = PolicyCounters()
        counters.admitted = gauge.total
        counters.rejected = rejected.value
        return counters
    }

    /// What it does, with its settings in force; see ``Policy``.
    public var summary: String {
        let configuration = controller.configuration
        let signals = Pressure.allCases.compactMap { pressure in
            configuration.threshold(pressure).map { pressure.describe($0.enter) }
        }
        return
            "gives up the least critical calls first when \(Words.list(signals, "or")); holds a level for \(Words.time(configuration.hold))"
    }

    /// Puts new settings in force, for all shedders of the controller; the level stays and goes on from there.
    public func reconfigure(_ configuration: Configuration) {
        controller.reconfigure(configuration)
    }

    /// Says in a sentence why calls are refused or let through.
    public func explain() -> String {
        controller.explain()
    }

    // MARK: Gate

    /// Decides about one attempt; see ``Gate``.
    public func admit(_ attempt: inout Attempt) -> Admission {
        let criticality = attempt.attributes.criticality
        guard !controller.isShed(criticality) else {
            rejected.add()
            let retryAfter = controller.shedsAtLeast(criticality, attempt.now())
            emit(.rejected(.shed, retryAfter: retryAfter))
            return .rejected(Rejection(policy: name, kind: kind, reason: .shed, retryAfter: retryAfter))
        }
        gauge.enter()
        controller.wakeIfAsleep()
        return .admitted(Ticket())
    }

    /// Counts the call as ended, however it did; see ``Gate``.
    public func settle(_ ticket: Ticket, _ completion: Completion, _ attempt: inout Attempt) {
        gauge.leave()
    }
}
