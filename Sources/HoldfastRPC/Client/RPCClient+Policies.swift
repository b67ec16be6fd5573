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
        do {
            var frame = PipelineFrame(route.pipeline, deadline: options.deadline)
            try await frame.enter()
            do {
                let response = try await send(path, message, options, deadline: frame.call.deadline)
                frame.succeed()
                route.fallback?.remember(response.message, for: .init(path: path, request: message))
                return response
            } catch {
                throw frame.fail(error)
            }
        } catch {
            guard let fallback = route.fallback else { throw error }
            let key = RoutePolicy.FallbackKey(path: path, request: message)
            let deadline = PipelineFrame.nearest(options.deadline, Call.current?.deadline)
            let answer = try await fallback.answer(to: error, key: key, deadline: deadline)
            return RPCResponse(message: answer.value, source: answer.source)
        }
    }

    /// Opens a call with several messages under the policies of its route, and ends it when `body` returns or throws.
    ///
    /// The gates hear of the first message and of the end (S8). What `body` throws of its own says nothing about the service. A
    /// fallback does not answer streams: part of the main answer may have been read already.
    package nonisolated(nonsending) func withStream<Result>(
        path: String, options: CallOptions, _ body: nonisolated(nonsending) (any ClientStream) async throws -> Result
    ) async throws -> Result {
        guard let route = routes.policy(for: path) else {
            return try await openStream(path, options, deadline: options.deadline, body)
        }
        var frame = PipelineFrame(route.pipeline, deadline: options.deadline)
        try await frame.enter()
        let observer = StreamObserver(frame)
        do {
            let result = try await openStream(path, options, deadline: frame.call.deadline) { stream in
                try await body(ObservedStream(stream, observer))
            }
            frame = observer.frame
            frame.succeed()
            return result
        } catch {
            frame = observer.frame
            if observer.hasFailed || error is CancellationError { throw frame.fail(error) }
            frame.settle(.judged(.ignored))
            throw error
        }
    }
}
