public import Holdfast

/// Keeps the events of policies and pipelines, in order, for a test to look at.
///
/// ```swift
/// let recorder = EventRecorder(pipeline)
/// ...
/// #expect(recorder.decisions(of: .circuitBreaker) == ["closed -> open", "rejected: open, retry after 1.0 seconds"])
/// ```
///
/// It listens from the moment it is made until it goes away.
public final class EventRecorder: Sendable {
    private let heard: PolicyEvents
    private let kept = Locked<[PolicyEvent]>([])

    /// Listens to policies.
    /// - Parameter capacity: how many events may come between two looks; what is more pushes out the oldest, see ``dropped``.
    public init(_ policies: [any Policy], capacity: Int = 100_000) {
        heard = PolicyEvents(policies.map(\.eventSource), capacity: capacity)
    }

    /// Listens to one policy or several.
    public convenience init(_ policies: any Policy...) {
        self.init(policies)
    }

    /// Listens to all policies of a pipeline.
    public convenience init(_ pipeline: Pipeline) {
        self.init(pipeline.stages.map(\.policy))
    }

    /// All events so far, in the order in which they came.
    public var events: [PolicyEvent] {
        kept.withLock { kept in
            kept += heard.takeBuffered()
            return kept
        }
    }

    /// The events of policies of that kind.
    public func events(of kind: PolicyKind) -> [PolicyEvent] {
        events.filter { $0.kind == kind }
    }

    /// The events as lines: when, who, what.
    public var lines: [String] { events.map(\.line) }

    /// What was decided, without when and by whom; by policies of that kind if one is given.
    public func decisions(of kind: PolicyKind? = nil) -> [String] {
        events.filter { kind == nil || $0.kind == kind }.map(\.decision.words)
    }

    /// How many events were lost because nobody looked for too long.
    public var dropped: Int { heard.dropped }

    /// Forgets what came so far.
    public func clear() {
        kept.withLock { kept in
            _ = heard.takeBuffered()
            kept = []
        }
    }
}
