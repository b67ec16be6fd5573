import CNGHTTP2

/// What the owner of a session asks it to send. Nothing leaves before the next ``HTTP2Session/writeOutput(to:limit:)``.
extension HTTP2Session {
    /// What came of a request to open a stream.
    enum Opening {
        case opened
        /// The connection has used up its stream numbers, or is going away: take another one.
        case exhausted
        case failed(SessionError)
    }

    /// How many streams the peer lets this side have open at once.
    var remoteConcurrentStreams: Int {
        Int(nghttp2_session_get_remote_settings(handle, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS))
    }

    /// Opens `stream` with a gRPC request whose messages come from its `outbound`.
    /// - Parameter timeout: what is left of the call's time, in nanoseconds.
    func submitRequest(_ stream: SessionStream, authority: String, path: String, timeout: Int64?, metadata: Metadata) -> Opening {
        outbound.removeAll()
        outbound.add(":method", "POST")
        outbound.add(":scheme", scheme)
        outbound.add(":path", path)
        outbound.add(":authority", authority)
        outbound.add("te", "trailers")
        outbound.add("content-type", "application/grpc")
        if let userAgent { outbound.add("user-agent", userAgent) } else { outbound.add("user-agent", UserAgent.product) }
        outbound.add("grpc-accept-encoding", MessageCompression.accepted)
        if let timeout {
            let text = TimeoutHeader.encode(nanoseconds: timeout)
            outbound.add("grpc-timeout", text, isIndexed: text == lastTimeout)
            lastTimeout = text
        }
        if !metadata.isEmpty { outbound.add(metadata) }

        stream.deframer = MessageDeframer(limit: limits.messageLength)
        let reference = Unmanaged.passUnretained(stream).toOpaque()
        var provider = dataProvider
        let result = outbound.withFields { fields, count in
            nghttp2_submit_request(handle, nil, fields, count, &provider, reference)
        }
        guard result > 0 else {
            if result == NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE.rawValue { return .exhausted }
            return .failed(SessionError(code: result))
        }
        stream.id = result
        stream.isOpen = true
        streams[result] = stream
        return .opened
    }

    /// Takes back `stream` if nothing of it has been sent. For a session that has ended: nghttp2 is asked for no output any more.
    /// - Returns: whether that is so, and the peer cannot have seen it.
    func withdraw(_ stream: SessionStream) -> Bool {
        // nghttp2 opens a stream when it writes its headers out.
        guard stream.isOpen, nghttp2_session_find_stream(handle, stream.id) == nil else { return false }
        stream.isOpen = false
        streams[stream.id] = nil
        return true
    }

    /// Sends the response's headers; messages follow from the stream's `outbound`, and `finalStatus` behind them.
    func submitResponse(_ stream: SessionStream, metadata: Metadata) {
        guard stream.isOpen else { return }
        startResponse(stream)
        if !metadata.isEmpty { outbound.add(metadata) }
        var provider = dataProvider
        let result = outbound.withFields { fields, count in
            nghttp2_submit_response(handle, stream.id, fields, count, &provider)
        }
        if result != 0 { reset(stream, .internalError) }
    }

    /// Sends a response that consists of headers and status only.
    func submitStatus(_ stream: SessionStream, metadata: Metadata, status: FinalStatus) {
        guard stream.isOpen else { return }
        startResponse(stream)
        if !metadata.isEmpty { outbound.add(metadata) }
        status.write(to: &outbound)
        submitOutbound(stream)
    }

    /// Answers a request that is no gRPC with a bare HTTP status.
    func submitHTTPStatus(_ stream: SessionStream, _ status: StaticString) {
        guard stream.isOpen else { return }
        outbound.removeAll()
        outbound.add(":status", status)
        submitOutbound(stream)
    }

    private func startResponse(_ stream: SessionStream) {
        outbound.removeAll()
        outbound.add(":status", "200")
        outbound.add("content-type", "application/grpc")
        // Whoever sends an encoding that this side does not know is told what it knows.
        if case .unknown = stream.head.encoding { outbound.add("grpc-accept-encoding", MessageCompression.accepted) }
    }

    private func submitOutbound(_ stream: SessionStream) {
        let result = outbound.withFields { fields, count in
            nghttp2_submit_response(handle, stream.id, fields, count, nil)
        }
        if result != 0 { reset(stream, .internalError) }
    }

    /// Says that `stream` has more to send, or has been finished.
    func resume(_ stream: SessionStream) {
        guard stream.isWaitingForData, stream.isOpen else { return }
        stream.isWaitingForData = false
        nghttp2_session_resume_data(handle, stream.id)
    }

    /// Ends `stream` at once, in both directions.
    func reset(_ stream: SessionStream, _ code: HTTP2ErrorCode) {
        guard stream.isOpen else { return }
        stream.ignoresMessages = true
        nghttp2_submit_rst_stream(handle, 0, stream.id, code.rawValue)
    }

    /// Asks for a sign of life.
    func submitPing() {
        nghttp2_submit_ping(handle, 0, nil)
    }

    /// Says that no new streams are welcome, without yet saying which was the last.
    func submitShutdownNotice() {
        nghttp2_submit_shutdown_notice(handle)
        _ = Self.shutdownPing.withUnsafeBufferPointer { nghttp2_submit_ping(handle, 0, $0.baseAddress) }
    }

    /// What tells that ping from one that keeps the connection alive, whose eight bytes are zero.
    private static let shutdownPing = Array("shutdown".utf8)

    static func isForShutdown(_ ping: nghttp2_ping) -> Bool {
        withUnsafeBytes(of: ping.opaque_data) { $0.elementsEqual(shutdownPing) }
    }

    /// Says that no streams above the last one seen will be served.
    func submitGoAway() {
        nghttp2_submit_goaway(handle, 0, nghttp2_session_get_last_proc_stream_id(handle), HTTP2ErrorCode.noError.rawValue, nil, 0)
    }

    /// Says that the peer's conduct ends the connection, and why.
    func submitGoAway(_ code: HTTP2ErrorCode, because reason: StaticString) {
        let last = nghttp2_session_get_last_proc_stream_id(handle)
        nghttp2_submit_goaway(handle, 0, last, code.rawValue, reason.utf8Start, reason.utf8CodeUnitCount)
    }

    /// Says goodbye; the session is over once that has been sent.
    func terminate(_ code: HTTP2ErrorCode = .noError) {
        nghttp2_session_terminate_session(handle, code.rawValue)
    }

    private var dataProvider: nghttp2_data_provider {
        nghttp2_data_provider(source: nghttp2_data_source(ptr: nil), read_callback: Self.readOutbound)
    }
}
