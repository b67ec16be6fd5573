/// The ways to run an operation under the policies.
extension Pipeline {
    /// Runs `operation` under the policies.
    /// - Parameters:
    ///   - deadline: the caller's own; nil for none. An enclosing pipeline's deadline is found by itself.
    ///   - attributes: what policies that treat calls differently are to know.
    ///   - enforcement: who ends the operation at its deadline.
    ///   - isUnacceptable: says which values will not do; they count as failures of the service. Nil for none.
    ///   - operation: the work; it is told its deadline. With a retry or a hedge in the pipeline it may run several times.
    /// - Throws: ``Rejection`` when a policy refuses, ``TimeoutError`` when a limit ran out, ``UnacceptableValue``, else what
    ///   `operation` throws.
    @inlinable
    public nonisolated(nonsending) func run<Value: Sendable>(
        deadline: Instant? = nil, attributes: CallAttributes = CallAttributes(), enforcement: Enforcement = .byPipeline,
        unacceptable isUnacceptable: (@Sendable (Value) -> Bool)? = nil,
        _ operation: nonisolated(nonsending) @Sendable (Call) async throws -> Value
    ) async throws -> Value {
        try await run(deadline, attributes, enforcement, isUnacceptable, hedged: nil, operation)
    }

    /// Runs `operation` under the policies; `fallback` answers when that fails.
    ///
    /// It does not answer cancellations, errors that the caller is to blame for, or calls whose deadline has passed; those
    /// errors are thrown. It runs outside the pipeline's timeouts but inside the caller's deadline.
    @inlinable
    public nonisolated(nonsending) func run<Value: Sendable>(
        deadline: Instant? = nil, attributes: CallAttributes = CallAttributes(), enforcement: Enforcement = .byPipeline,
        unacceptable isUnacceptable: (@Sendable (Value) -> Bool)? = nil,
        _ operation: nonisolated(nonsending) @Sendable (Call) async throws -> Value,
        fallback: @Sendable (any Error) async throws -> Value
    ) async throws -> Value {
        do {
            return try await run(deadline, attributes, enforcement, isUnacceptable, hedged: nil, operation)
        } catch {
            switch Classification.standard.outcome(of: error) {
            case .failure, .ignored:
                try Task.checkCancellation()
                let limit = PipelineFrame.nearest(deadline, Call.enclosing.deadline)
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
    /// - Throws: what ``run(deadline:attributes:enforcement:unacceptable:_:)`` throws when no fallback step can answer; see
    ///   ``Fallback/answer(to:key:deadline:)``.
    @inlinable
    public nonisolated(nonsending) func run<Key: Hashable & Sendable, Value: Sendable>(
        key: Key, fallback: Fallback<Key, Value>, deadline: Instant? = nil, attributes: CallAttributes = CallAttributes(),
        enforcement: Enforcement = .byPipeline, unacceptable isUnacceptable: (@Sendable (Value) -> Bool)? = nil,
        _ operation: nonisolated(nonsending) @Sendable (Call) async throws -> Value
    ) async throws -> Answer<Value> {
        do {
            let value = try await run(deadline, attributes, enforcement, isUnacceptable, hedged: nil, operation)
            fallback.remember(value, for: key)
            return Answer(value, from: .main)
        } catch {
            return try await fallback.answer(
                to: error, key: key, deadline: PipelineFrame.nearest(deadline, Call.enclosing.deadline))
        }
    }

    /// Runs an operation that a timeout may leave behind: see ``Timeout/Configuration/Expiry/abandon``.
    ///
    /// The gates inside such a timeout get their permits back when the operation really ends, not when its caller stopped waiting.
    /// - Throws: as ``run(deadline:attributes:enforcement:unacceptable:_:)``.
    public nonisolated(nonsending) func runAbandonable<Value: Sendable>(
        deadline: Instant? = nil, attributes: CallAttributes = CallAttributes(), enforcement: Enforcement = .byPipeline,
        unacceptable isUnacceptable: (@Sendable (Value) -> Bool)? = nil,
        _ operation: nonisolated(nonsending) @escaping @Sendable (Call) async throws -> Value
    ) async throws -> Value {
        try await runAbandonable(deadline, attributes, enforcement, isUnacceptable, nil, operation)
    }

    private nonisolated(nonsending) func runAbandonable<Value: Sendable>(
        _ deadline: Instant?, _ attributes: CallAttributes, _ enforcement: Enforcement, _ isUnacceptable: (@Sendable (Value) -> Bool)?,
        _ hedged: HedgeAttempt?, _ operation: nonisolated(nonsending) @escaping @Sendable (Call) async throws -> Value
    ) async throws -> Value {
        guard let layers = abandonableLayers else {
            return try await run(deadline, attributes, enforcement, isUnacceptable, hedged: hedged, operation)
        }
        return try await layers.outer.run(deadline, attributes, .byOperation, nil, hedged: hedged) { call in
            switch layers.kind {
            case .hedge(let hedge, let isAccounted):
                let attempt = Attempt(timeSource, deadline: call.deadline, attributes: attributes)
                return try await hedge.run(attempt, isAccounted: isAccounted) { attempt in
                    try await layers.inner.runAbandonable(
                        call.deadline, attributes, enforcement, isUnacceptable, attempt, operation)
                }
            case .abandoning(let timeout, let scope):
                return try await timeout.leavingBehind(deadline: call.deadline, scope: scope) { deadline in
                    try await layers.inner.runAbandonable(deadline, attributes, enforcement, isUnacceptable, hedged, operation)
                }
            }
        }
    }

    /// Runs a call that is one frame; what else there may be is left to others, so that this stays small where it is inlined.
    @inlinable
    @inline(__always)
    nonisolated(nonsending) func run<Value: Sendable>(
        _ deadline: Instant?, _ attributes: CallAttributes, _ enforcement: Enforcement, _ isUnacceptable: (@Sendable (Value) -> Bool)?,
        hedged: HedgeAttempt?, _ operation: nonisolated(nonsending) @Sendable (Call) async throws -> Value
    ) async throws -> Value {
        if let layers { return try await runHedged(layers, deadline, attributes, enforcement, isUnacceptable, operation) }
        var frame = PipelineFrame(self, deadline: deadline, attributes: attributes, hedged: hedged)
        var step = frame.enter(self)
        while true {
            switch step {
            case .run:
                do {
                    let call = frame.call(self)
                    let value: Value
                    if !frame.hasScope {
                        value = try await operation(call)
                    } else if enforcement == .byPipeline, let deadline = call.deadline {
                        value = try await TimedOperation.run(call, within: frame.scope(self), until: deadline, timeSource, operation).get()
                    } else {
                        value = try await Call.$enclosing.withValue(frame.scope(self)) { try await operation(call) }
                    }
                    if let isUnacceptable, isUnacceptable(value) { throw UnacceptableValue(value) }
                    frame.succeed(self)
                    return value
                } catch {
                    step = frame.fail(error, self)
                }
            case .answer(let substitute):
                guard let value = substitute as? Value else {
                    step = frame.leaveAlone(self)
                    continue
                }
                frame.substitute(self)
                if let isUnacceptable, isUnacceptable(value) {
                    step = frame.fail(UnacceptableValue(value), self)
                    continue
                }
                frame.succeed(self)
                return value
            case .proceed:
                step = await frame.proceed(self)
            case .stop(let error):
                throw error
            }
        }
    }

    /// Runs a call whose hedge starts further attempts of all that is inside it.
    @inlinable
    @inline(never)
    nonisolated(nonsending) func runHedged<Value: Sendable>(
        _ layers: Layers, _ deadline: Instant?, _ attributes: CallAttributes, _ enforcement: Enforcement,
        _ isUnacceptable: (@Sendable (Value) -> Bool)?, _ operation: nonisolated(nonsending) @Sendable (Call) async throws -> Value
    ) async throws -> Value {
        guard case .hedge(let hedge, let isAccounted) = layers.kind else { preconditionFailure("only a hedge divides such a pipeline") }
        return try await layers.outer.run(deadline, attributes, .byOperation, nil, hedged: nil) { call in
            let attempt = Attempt(timeSource, deadline: call.deadline, attributes: attributes)
            return try await hedge.run(attempt, isAccounted: isAccounted) { attempt in
                try await layers.inner.run(call.deadline, attributes, enforcement, isUnacceptable, hedged: attempt, operation)
            }
        }
    }
}
