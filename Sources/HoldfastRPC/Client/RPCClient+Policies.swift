import Holdfast

/// Where the policies of a call's route stand around it.
extension RPCClient {
    /// Makes a call with one message in each direction, under the policies of its route.
    /// - Throws: `Rejection`, `TimeoutError`, ``RPCError``, or `CancellationError` when the task was cancelled.
    package nonisolated(nonsending) func unary(
        path: String, _ message: [UInt8], options: CallOptions
    ) async throws -> RPCResponse<[UInt8]> {
        guard let route = routes.policy(for: path) else {
            return try await send(path, message, options, deadline: options.deadline)
        }
        let options = tracked(options)
        do {
            let response = try await route.pipeline.run(
                deadline: options.deadline, attributes: route.attributes(path, options), enforcement: .byOperation
            ) { [self] call in
                try await send(path, message, options, deadline: call.deadline)
            }
            route.fallback?.remember(response.message, for: .init(path: path, request: message))
            return response
        } catch {
            guard let fallback = route.fallback else { throw error }
            let key = RoutePolicy.FallbackKey(path: path, request: message)
            let deadline = PipelineFrame.nearest(options.deadline, Call.enclosing.deadline)
            let answer = try await fallback.answer(to: error, key: key, deadline: deadline)
            return RPCResponse(message: answer.value, source: answer.source)
        }
    }

    /// Opens a call with several messages under the policies of its route, and ends it when `body` returns or throws.
    ///
    /// The gates hear of the first message and of the end (S8). What `body` throws of its own says nothing about the service. `body`
    /// cannot be done over, so a stream is not retried or hedged, and no fallback answers it: part of the main answer may have been
    /// read already.
    package nonisolated(nonsending) func withStream<Result>(
        path: String, options: CallOptions, _ body: nonisolated(nonsending) (any ClientStream) async throws -> Result
    ) async throws -> Result {
        guard let route = routes.policy(for: path) else {
            return try await openStream(path, options, deadline: options.deadline, body)
        }
        var frame = PipelineFrame(
            route.pipeline, deadline: options.deadline, attributes: route.attributes(path, options), isRepeatable: false)
        var step = frame.enter(route.pipeline)
        passing: while true {
            switch step {
            case .run: break passing
            // A value in place of a stream means nothing.
            case .answer: step = frame.leaveAlone(route.pipeline)
            case .proceed: step = await frame.proceed(route.pipeline)
            case .stop(let error): throw error
            }
        }
        let deadline = frame.call(route.pipeline).deadline
        let scope = frame.scope(route.pipeline)
        let observer = StreamObserver(frame, route.pipeline)
        do {
            let result = try await openStream(path, options, deadline: deadline) { stream in
                observer.watchIdle { stream.cancel() }
                defer { observer.stopWatching() }
                return try await Call.$enclosing.withValue(scope) { try await body(ObservedStream(stream, observer)) }
            }
            observer.succeeded()
            return result
        } catch {
            throw observer.ended(with: error)
        }
    }
}
