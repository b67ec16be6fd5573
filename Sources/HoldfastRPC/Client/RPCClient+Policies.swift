import Holdfast

/// Where the interceptors and the policies of a call's route stand around it.
extension RPCClient {
    /// Makes a call with one message in each direction, under the policies of its route.
    /// - Throws: `Rejection`, `TimeoutError`, ``RPCError``, or `CancellationError` when the task was cancelled.
    package nonisolated(nonsending) func unary(
        path: String, _ message: [UInt8], options: CallOptions
    ) async throws -> RPCResponse<[UInt8]> {
        try await unary(path: path, message, options: options) { bytes throws(RPCError) in bytes }
    }

    /// The same with an answer that `decode` makes of the response's bytes.
    package nonisolated(nonsending) func unary<Response: Sendable>(
        path: String, _ message: [UInt8], options: CallOptions, decode: @Sendable ([UInt8]) throws(RPCError) -> Response
    ) async throws -> RPCResponse<Response> {
        if interceptors.isEmpty { return try await guardedUnary(path, message, options, decode) }
        return try await intercepting(path, options) { try await guardedUnary(path, message, $0, decode) }
    }

    /// Opens a call with several messages under the policies of its route, and ends it when `body` returns or throws.
    ///
    /// The gates hear of the first message and of the end (S8). What `body` throws of its own says nothing about the service. `body`
    /// runs once: a retry repeats underneath it what it has written, as long as the server's headers have not come, which is when gRFC
    /// A6 commits a call; its first message, where S8 commits it at the latest, follows them. A hedge sends what is written to further
    /// attempts until the first message of one of them (see ``HedgedStream``). No fallback answers a stream: part of the main answer may
    /// have been read already.
    package nonisolated(nonsending) func withStream<Result>(
        path: String, options: CallOptions, _ body: nonisolated(nonsending) (any ClientStream) async throws -> Result
    ) async throws -> Result {
        if interceptors.isEmpty { return try await guardedStream(path, options, body) }
        return try await intercepting(path, options) { try await guardedStream(path, $0, body) }
    }

    private nonisolated(nonsending) func guardedUnary<Response: Sendable>(
        _ path: String, _ message: [UInt8], _ options: CallOptions, _ decode: @Sendable ([UInt8]) throws(RPCError) -> Response
    ) async throws -> RPCResponse<Response> {
        try check(options)
        guard let route = policies.policy(for: path) else {
            let enclosing = Call.enclosing
            let deadline = PipelineFrame.nearest(options.deadline, enclosing.deadline)
            return try await send(path, message, options, deadline: deadline, attempt: enclosing.attempt).decoded(decode)
        }
        let options = tracked(options, route.pipeline)
        // Without a retry of its own it is an attempt of whatever stands around it.
        let enclosingAttempt = route.pipeline.hasRetry ? 0 : Call.enclosing.attempt
        do {
            let answer = try await route.pipeline.run(
                deadline: options.deadline, attributes: route.attributes(path, options), enforcement: .byOperation
            ) { [self] call in
                let response = try await send(
                    path, message, options, deadline: call.deadline, attempt: max(call.attempt, enclosingAttempt), hedge: call.hedge,
                    isCutShort: call.isCutShort)
                // Inside the policies: what cannot be read is no good answer, and another is better.
                return DecodedAnswer(response, try response.decoded(decode))
            }
            if let fallback = route.fallback {
                fallback.remember(answer.message, for: route.fallbackKey(path, message, options.metadata))
            }
            return answer.decoded()
        } catch {
            guard let fallback = route.fallback else { throw error }
            let key = route.fallbackKey(path, message, options.metadata)
            let deadline = PipelineFrame.nearest(options.deadline, Call.enclosing.deadline)
            let answer = try await fallback.answer(to: error, key: key, deadline: deadline)
            return RPCResponse(message: try decode(answer.value), source: answer.source)
        }
    }

    private nonisolated(nonsending) func guardedStream<Result>(
        _ path: String, _ options: CallOptions, _ body: nonisolated(nonsending) (any ClientStream) async throws -> Result
    ) async throws -> Result {
        try check(options)
        guard let route = policies.policy(for: path) else {
            try Task.checkCancellation()
            let enclosing = Call.enclosing
            let deadline = PipelineFrame.nearest(options.deadline, enclosing.deadline)
            let stream = open(path, options, deadline: deadline, attempt: enclosing.attempt)
            return try await ending(stream) { try await body(stream) }
        }
        let options = tracked(options, route.pipeline)
        let layers = StreamLayers(client: self, path: path, options: options, attributes: route.attributes(path, options))
        let (stream, observer) = try await layers.enter(route.pipeline, deadline: options.deadline)
        do {
            let result = try await ending(stream) {
                try Task.checkCancellation()
                observer.watchIdle { stream.cancel() }
                defer { observer.stopWatching() }
                return try await Call.$enclosing.withValue(observer.bodyScope) { try await body(stream) }
            }
            await observer.attemptsEnded()
            observer.succeeded()
            return result
        } catch {
            await observer.attemptsEnded()
            throw observer.ended(with: error)
        }
    }

    /// Refuses what cannot be sent, before any policy hears of it: the service has not answered, and is not to be praised for it (S3).
    private func check(_ options: CallOptions) throws(RPCError) {
        if let complaint = options.metadata.complaint { throw .local(.invalidArgument, complaint).unprocessed }
    }

    /// Ends `stream` when `body` returns or throws, and when the task is cancelled.
    private nonisolated(nonsending) func ending<Result>(
        _ stream: any ClientStream, _ body: nonisolated(nonsending) () async throws -> Result
    ) async throws -> Result {
        defer { stream.cancel() }
        return try await withTaskCancellationHandler {
            try await body()
        } onCancel: {
            stream.cancel()
        }
    }
}
