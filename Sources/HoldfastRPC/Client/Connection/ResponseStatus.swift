import Holdfast

/// What a server's header blocks mean for a call.
enum ResponseStatus {
    /// Why a response's headers are no gRPC response; nil when they are.
    static func complaint(about head: InboundHeaders, limits: SessionLimits) -> RPCError? {
        if head.isTooLarge { return tooLarge("headers", limits) }
        guard head.httpStatus == 200 else {
            // A status that the server itself gave counts for more than HTTP's.
            if head.contentType == .grpc, head.grpcStatus != nil { return nil }
            var error = RPCError(
                code: StatusMapping.code(httpStatus: head.httpStatus),
                message: "the server answered with HTTP status \(head.httpStatus)", metadata: head.metadata, origin: .server)
            if head.metadata[RPCError.pushbackKey] == nil { error.metadata[RPCError.pushbackKey] = retryAfter(head) }
            return error
        }
        switch head.contentType {
        case .grpc: break
        case .missing: return .local(.unknown, "the server's answer has no content-type; application/grpc was expected")
        case .other(let type):
            return .local(.unknown, "the server answered with content-type \"\(type)\"; application/grpc was expected")
        }
        if case .unknown(let encoding) = head.encoding {
            return .local(.internalError, "the server compresses with \"\(encoding)\", which was not offered to it")
        }
        return nil
    }

    /// HTTP's own way of saying when to come back, as far as it is a number of seconds (RFC 9110, 10.2.3), in milliseconds.
    private static func retryAfter(_ head: InboundHeaders) -> String? {
        guard let text = head.metadata["retry-after"], let seconds = UInt32(text) else { return nil }
        return String(UInt64(seconds) * 1_000)
    }

    /// The end of a call, from the last header block.
    static func outcome(head: InboundHeaders, trailers: InboundHeaders?, limits: SessionLimits) -> Result<Metadata, any Error> {
        let last = trailers ?? head
        if last.isTooLarge { return .failure(tooLarge("trailers", limits)) }
        guard let number = last.grpcStatus else {
            return .failure(RPCError.local(.unknown, "the server ended the call without a grpc-status"))
        }
        if number == 0 { return .success(last.metadata) }
        return .failure(
            RPCError(
                code: StatusCode(rawValue: number) ?? .unknown, message: last.grpcMessage, metadata: last.metadata,
                origin: .server))
    }

    private static func tooLarge(_ block: String, _ limits: SessionLimits) -> RPCError {
        .local(
            .resourceExhausted,
            "the server's \(block) are longer than this client accepts: \(limits.headerListSize) bytes, its maximumHeaderListSize")
    }

    /// The end of a call whose stream was closed before a status came.
    static func error(reset code: UInt32) -> RPCError {
        RPCError(
            code: StatusMapping.code(reset: code),
            message: "the server reset the stream with \(HTTP2ErrorCode(rawValue: code)) before it sent a status", origin: .server)
    }
}
