import Holdfast

extension TraceResult {
    /// Reads how an attempt ended: an `outcome`, or a status `code` with what else its error says; success if neither is there.
    static func read(_ object: ObjectReader) -> TraceResult? {
        let outcome = object.optional("outcome")
        let code = object.optional("code")
        let judged = outcome.map { reader in
            reader.oneOf([
                "success": TraceResult.judged(.success), "failure": .judged(.failure), "ignored": .judged(.ignored),
                "cancelled": .judged(.cancelled), "superseded": .superseded,
                "timeout": .failed(TraceFailure(code: .deadlineExceeded, isTimeout: true)),
            ])
        }
        let status = code.map { $0.statusCode() }
        var failure = TraceFailure(code: .unknown)
        failure.retryAfter = object.optional("retryAfter")?.duration()
        failure.forbidsRetry = object.optional("forbidsRetry")?.bool() ?? false
        failure.isConnectionError = object.optional("connection")?.bool() ?? false
        failure.isUnprocessed = object.optional("unprocessed")?.bool() ?? false
        if let code, outcome != nil {
            code.fail("stands beside \"outcome\"; give only one of \"outcome\" and \"code\"")
            return nil
        }
        guard let status else {
            if failure != TraceFailure(code: .unknown) {
                object.reader.fail("what an error says needs its \"code\"")
                return nil
            }
            return judged ?? .judged(.success)
        }
        guard let status else { return nil }
        failure.code = status
        return status == .ok ? .judged(.success) : .failed(failure)
    }
}

extension TraceCall {
    /// Reads what a caller says about a call.
    static func read(_ object: ObjectReader) -> TraceCall {
        var call = TraceCall()
        call.name = object.optional("name")?.string("the name of a call")
        call.deadline = object.optional("deadline")?.duration()
        call.times = object.optional("times")?.integer(in: 1...100_000) ?? 1
        var metadata: [String: String] = [:]
        for member in object.optional("metadata")?.object("texts by name")?.members ?? [] {
            metadata[member.key] = member.value.string("a text")
        }
        call.attributes = CallAttributes(
            criticality: object.optional("criticality")?.criticality() ?? .critical,
            weight: object.optional("permits")?.integer(in: 1...1_000_000_000) ?? 1,
            isIdempotent: object.optional("idempotent")?.bool() ?? true, method: object.optional("method")?.string("a method"),
            peer: object.optional("peer")?.string("a peer"), metadata: metadata)
        return call
    }
}
