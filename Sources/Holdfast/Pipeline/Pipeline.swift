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

    /// A policy in its place.
    public enum Stage: Sendable {
        /// Decides whether an attempt may start.
        case gate(any Gate)
        /// Limits how long all that is further in may take.
        case timeout(Timeout)

        /// The policy itself.
        public var policy: any Policy {
            switch self {
            case .gate(let gate): gate
            case .timeout(let timeout): timeout
            }
        }
    }

    /// The pipeline's name.
    public let name: String
    /// Its policies, outermost first.
    public let stages: [Stage]
    /// The clock that deadlines are on.
    public let timeSource: TimeSource

    /// Makes a pipeline of a list.
    /// - Parameter stages: outermost first; may be empty.
    public init(_ name: String, _ stages: [Stage], timeSource: TimeSource = .system) {
        self.name = name
        self.stages = stages
        self.timeSource = timeSource
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

    /// Runs `operation` under the policies.
    /// - Parameters:
    ///   - deadline: the caller's own; nil for none. An enclosing pipeline's deadline is found by itself.
    ///   - enforcement: who ends the operation at its deadline.
    ///   - operation: the work; it is told its deadline.
    /// - Throws: ``Rejection`` when a policy refuses, ``TimeoutError`` when a limit ran out, else what `operation` throws.
    @inlinable
    public func run<Value: Sendable>(
        deadline: Instant? = nil, enforcement: Enforcement = .byPipeline,
        _ operation: @Sendable (Call) async throws -> Value
    ) async throws -> Value {
        var frame = PipelineFrame(self, deadline: deadline)
        try await frame.enter()
        let call = frame.call
        do {
            let value: Value
            if call.deadline == nil {
                // Nothing to tell a nested pipeline that it does not find further out.
                value = try await operation(call)
            } else if enforcement == .byOperation {
                value = try await Call.$current.withValue(call) { try await operation(call) }
            } else {
                value = try await Call.$current.withValue(call) {
                    try await TimedOperation.run(until: call.deadline, timeSource) { try await operation(call) }.get()
                }
            }
            frame.succeed()
            return value
        } catch {
            throw frame.fail(error)
        }
    }

    /// Runs `operation` under the policies; `fallback` answers when that fails.
    ///
    /// It does not answer cancellations, errors that the caller is to blame for, or calls whose deadline has passed; those
    /// errors are thrown. It runs outside the pipeline's timeouts but inside the caller's deadline.
    @inlinable
    public func run<Value: Sendable>(
        deadline: Instant? = nil, enforcement: Enforcement = .byPipeline,
        _ operation: @Sendable (Call) async throws -> Value,
        fallback: @Sendable (any Error) async throws -> Value
    ) async throws -> Value {
        do {
            return try await run(deadline: deadline, enforcement: enforcement, operation)
        } catch {
            switch Classification.standard.outcome(of: error) {
            case .failure, .ignored:
                try Task.checkCancellation()
                let limit = PipelineFrame.nearest(deadline, Call.current?.deadline)
                if let limit, limit <= timeSource.now() { throw error }
                switch await TimedOperation.run(until: limit, timeSource, { try await fallback(error) }) {
                case .success(let value): return value
                case .failure(is CancellationError) where !Task.isCancelled:
                    // Cut off by the caller's deadline: what the caller is told is why the fallback was needed.
                    throw error
                case .failure(let fallbackError): throw fallbackError
                }
            case .success, .cancelled: throw error
            }
        }
    }

    /// Runs `operation` under the policies, and `fallback` outside all of them; the answer says which of the two gave it.
    /// - Parameter key: what the call asks for; an earlier answer serves again only for the same key.
    /// - Throws: what ``run(deadline:enforcement:_:)`` throws when no fallback step can answer; see ``Fallback/answer(to:key:deadline:)``.
    @inlinable
    public func run<Key: Hashable & Sendable, Value: Sendable>(
        key: Key, fallback: Fallback<Key, Value>, deadline: Instant? = nil, enforcement: Enforcement = .byPipeline,
        _ operation: @Sendable (Call) async throws -> Value
    ) async throws -> Answer<Value> {
        do {
            let value = try await run(deadline: deadline, enforcement: enforcement, operation)
            fallback.remember(value, for: key)
            return Answer(value, from: .main)
        } catch {
            return try await fallback.answer(to: error, key: key, deadline: PipelineFrame.nearest(deadline, Call.current?.deadline))
        }
    }
}
