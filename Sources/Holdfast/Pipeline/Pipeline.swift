/// Policies around an operation, outermost first, as they read.
///
/// ```swift
/// let say = try Pipeline("say") {
///     try Timeout(after: .milliseconds(800))
///     CircuitBreaker("say", try .init(failureRate: 0.5))
///     RateLimiter("say", try .perSecond(100, burst: 20))
///     try Timeout("attempt", after: .milliseconds(250))
/// }
/// let greeting = try await say.run { call in
///     try await client.sayHi(name, deadline: call.deadline)
/// } fallback: { failure in
///     lastKnownGreeting
/// }
/// ```
///
/// All of it runs in one frame: gates are synchronous steps before and after the operation, timeouts only move the deadline.
/// The operation may run beside a timer, so it is `@Sendable`, and it runs where no actor isolates it.
public struct Pipeline: Sendable {
    /// Who ends an attempt at its deadline.
    public enum Enforcement: Sendable {
        /// The pipeline runs the operation in a child task and cancels that.
        case byPipeline
        /// The operation ends itself at ``Call/deadline``, as an RPC does; that saves the child task.
        case byOperation
    }

    /// The pipeline's name.
    public let name: String
    /// Its policies, outermost first.
    public let stages: [Stage]
    /// The clock that deadlines are on.
    public let timeSource: TimeSource
    /// Whether failed attempts may be followed by others.
    package let hasRetry: Bool
    /// The same policies for calls on their way.
    let row: StageRow
    /// Where the pipeline divides because a policy runs what is inside it beside something else; nil if it does not.
    @usableFromInline let layers: Layers?
    /// The same for operations that may be left behind.
    @usableFromInline let abandonableLayers: Layers?
    /// What stands around this pipeline if it is the inner part of one that is divided.
    let surroundings: Surroundings

    /// Makes a pipeline of a list.
    /// - Parameter stages: outermost first; may be empty.
    public init(_ name: String, _ stages: [Stage], timeSource: TimeSource = .system) {
        self.init(name, stages, timeSource, Surroundings())
    }

    init(_ name: String, _ stages: [Stage], _ timeSource: TimeSource, _ surroundings: Surroundings) {
        self.name = name
        self.stages = stages
        hasRetry = stages.contains { if case .retry = $0 { true } else { false } }
        row = StageRow(stages)
        self.timeSource = timeSource
        self.surroundings = surroundings
        layers = Layers(name, stages, timeSource, surroundings, abandonable: false)
        abandonableLayers = Layers(name, stages, timeSource, surroundings, abandonable: true)
    }

    /// Makes a pipeline that reads as it works.
    public init(_ name: String, timeSource: TimeSource = .system, @PipelineBuilder _ stages: () throws -> [Stage]) rethrows {
        self.init(name, try stages(), timeSource: timeSource)
    }

    /// The events of all its policies from now on.
    /// - Parameter capacity: how many may wait for the listener before the oldest are dropped.
    public func events(capacity: Int = 1024) -> PolicyEvents {
        PolicyEvents(stages.map(\.policy.eventSource), capacity: capacity)
    }

    /// The policies of that name; several kinds may share one.
    public subscript(policy: String) -> [any Policy] {
        stages.map(\.policy).filter { $0.name == policy }
    }
}
