import CNGHTTP2

/// The C callbacks. They append events and move bytes between nghttp2 and a stream's buffers, and nothing else: no code of
/// a user runs in them, and they never call back into `mem_recv` or `mem_send`.
extension HTTP2Session {
    static func install(on callbacks: OpaquePointer?) {
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, context in
            HTTP2Session.with(context) { $0.beginHeaders(frame!.pointee) }
            return 0
        }
        nghttp2_session_callbacks_set_on_header_callback(callbacks) { _, _, name, nameLength, value, valueLength, _, context in
            HTTP2Session.with(context) {
                $0.header(
                    UnsafeBufferPointer(start: name, count: nameLength), UnsafeBufferPointer(start: value, count: valueLength))
            }
        }
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, context in
            HTTP2Session.with(context) { $0.frameReceived(frame!.pointee) }
            return 0
        }
        nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks) { _, _, error, context in
            // A stream above the limit costs no more than one below it, and a hasty client may not know the limit yet.
            guard error != NGHTTP2_ERR_REFUSED_STREAM.rawValue else { return 0 }
            // It takes back what the headers of its stream have earned, and one more: a stream that is opened to be reset is noise.
            HTTP2Session.with(context) { $0.noise.spend(2) }
            return 0
        }
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, streamID, bytes, count, context in
            HTTP2Session.with(context) { $0.dataReceived(streamID, UnsafeBufferPointer(start: bytes, count: count)) }
            return 0
        }
        nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, context in
            HTTP2Session.with(context) { $0.frameSent(frame!.pointee.hd) }
            return 0
        }
        nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks) { _, frame, error, context in
            // Who waits for it must not do so for ever.
            guard error == NGHTTP2_ERR_FRAME_SIZE_ERROR.rawValue else { return 0 }
            HTTP2Session.with(context) { $0.frameNotSent(frame!.pointee.hd) }
            return 0
        }
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, streamID, code, context in
            HTTP2Session.with(context) { $0.streamClosed(streamID, code) }
            return 0
        }
        nghttp2_session_callbacks_set_error_callback2(callbacks) { _, _, text, count, context in
            let bytes = UnsafeRawBufferPointer(start: text, count: count)
            HTTP2Session.with(context) { $0.complaint = String(decoding: bytes, as: UTF8.self) }
            return 0
        }
    }

    /// The session that a callback is for. It called nghttp2, and so outlives the callback: no reference is counted, some fifteen
    /// times a call.
    @inline(__always)
    private static func with<Result>(_ context: UnsafeMutableRawPointer?, _ body: (HTTP2Session) -> Result) -> Result {
        Unmanaged<HTTP2Session>.fromOpaque(context!)._withUnsafeGuaranteedRef(body)
    }

    private func stream(_ id: Int32) -> SessionStream? {
        guard let reference = nghttp2_session_get_stream_user_data(handle, id) else { return nil }
        return Unmanaged<SessionStream>.fromOpaque(reference).takeUnretainedValue()
    }

    private func beginHeaders(_ frame: nghttp2_frame) {
        // Of a block that was broken off.
        if block.size > 0 { block = InboundHeaders() }
        // A promise names the stream of the call that it is made on, and is none of the call's answer.
        guard frame.hd.type == NGHTTP2_HEADERS.rawValue else {
            currentStream = nil
            return
        }
        guard role == .server, frame.headers.cat == NGHTTP2_HCAT_REQUEST else {
            currentStream = stream(frame.hd.stream_id)
            return
        }
        let stream = makeStream()
        stream.id = frame.hd.stream_id
        stream.isOpen = true
        stream.deframer = MessageDeframer(limit: limits.messageLength)
        streams[stream.id] = stream
        nghttp2_session_set_stream_user_data(handle, stream.id, Unmanaged.passUnretained(stream).toOpaque())
        currentStream = stream
    }

    private func header(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> CInt {
        guard currentStream != nil else { return 0 }
        block.add(name: name, value: value, limit: limits.headerListSize, texts: &recentTexts)
        guard block.size > limits.headerListCutoff, let stream = currentStream.take() else { return 0 }
        // As though the block ended here; nghttp2 unpacks the rest, shows it to nobody, and resets the stream.
        headersReceived(stream)
        if stream.trailers != nil { events.append(.ended(stream)) }
        stream.ignoresMessages = true
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
    }

    private func frameReceived(_ frame: nghttp2_frame) {
        switch UInt32(frame.hd.type) {
        case NGHTTP2_HEADERS.rawValue:
            noise.earn()
            guard let stream = currentStream.take() else { return }
            headersReceived(stream)
            if frame.hd.endsStream { ended(stream) }
        case NGHTTP2_DATA.rawValue:
            // The length of the padding includes the byte that tells it.
            if frame.hd.length > frame.data.padlen { noise.earn() } else if !frame.hd.endsStream { noise.spend() }
            if frame.hd.endsStream, let stream = stream(frame.hd.stream_id) { ended(stream) }
        case NGHTTP2_SETTINGS.rawValue:
            noise.spend()
            if UInt32(frame.hd.flags) & NGHTTP2_FLAG_ACK.rawValue == 0 { events.append(.settings) }
        case NGHTTP2_PING.rawValue:
            noise.spend()
            let isAnswer = UInt32(frame.hd.flags) & NGHTTP2_FLAG_ACK.rawValue != 0
            events.append(isAnswer ? .pong(isForShutdown: Self.isForShutdown(frame.ping)) : .ping)
        case NGHTTP2_GOAWAY.rawValue:
            noise.spend()
            events.append(.goAway(isForPings: HTTP2Session.isTooManyPings(frame.goaway)))
        case NGHTTP2_PRIORITY.rawValue:
            noise.spend()
        default:
            // A WINDOW_UPDATE costs less to apply than to read, and RST_STREAM frames have a budget of their own.
            break
        }
    }

    /// Whether a server goes away since it was pinged too often (gRFC A8).
    private static func isTooManyPings(_ frame: nghttp2_goaway) -> Bool {
        frame.error_code == HTTP2ErrorCode.enhanceYourCalm.rawValue
            && UnsafeBufferPointer(start: frame.opaque_data, count: frame.opaque_data_len).equals("too_many_pings")
    }

    private func headersReceived(_ stream: SessionStream) {
        var received = InboundHeaders()
        swap(&received, &block)
        if stream.hasHead {
            stream.trailers = received
            return
        }
        if role == .client, (100..<200).contains(received.httpStatus) {
            // An interim response: the real one follows. It takes back what its frame has earned, and one more.
            return noise.spend(2)
        }
        stream.head = received
        stream.hasHead = true
        stream.deframer.acceptsCompressed = stream.head.encoding == .gzip
        events.append(.head(stream))
    }

    private func ended(_ stream: SessionStream) {
        if stream.deframer.isInsideMessage, !stream.ignoresMessages {
            stream.ignoresMessages = true
            events.append(.malformed(stream, .truncated))
        }
        events.append(.ended(stream))
    }

    private func dataReceived(_ streamID: Int32, _ bytes: UnsafeBufferPointer<UInt8>) {
        receivedBytes += bytes.count
        guard let stream = stream(streamID) else { return }
        stream.unreturned += bytes.count
        if !stream.isTouched {
            stream.isTouched = true
            touched.append(stream)
        }
        guard !stream.ignoresMessages else { return }
        do throws(FramingError) {
            try stream.deframer.receive(bytes) { events.append(.message(stream, $0)) }
        } catch {
            stream.ignoresMessages = true
            events.append(.malformed(stream, error))
        }
    }

    private func frameSent(_ header: nghttp2_frame_hd) {
        switch UInt32(header.type) {
        case NGHTTP2_DATA.rawValue:
            hasSpoken = true
            if header.length > 0 { noise.earn() }
        case NGHTTP2_HEADERS.rawValue: hasSpoken = true
        default: break
        }
        guard role == .server, header.endsStream, let stream = stream(header.stream_id) else { return }
        if nghttp2_session_get_stream_remote_close(handle, header.stream_id) == 0 { events.append(.sentLast(stream)) }
    }

    private func frameNotSent(_ header: nghttp2_frame_hd) {
        guard role == .server, let stream = stream(header.stream_id) else { return }
        reset(stream, .internalError)
    }

    private func streamClosed(_ id: Int32, _ code: UInt32) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        stream.isOpen = false
        stream.outbound.removeAll()
        nghttp2_session_set_stream_user_data(handle, id, nil)
        events.append(.closed(stream, code: code))
    }

    /// Gives nghttp2 the next bytes of a stream's messages, and behind the last one the server's trailers.
    static let readOutbound: nghttp2_data_source_read_callback = { _, streamID, buffer, length, flags, _, context in
        HTTP2Session.with(context) {
            $0.read(streamID, into: UnsafeMutableBufferPointer(start: buffer, count: length), flags!)
        }
    }

    private func read(_ streamID: Int32, into buffer: UnsafeMutableBufferPointer<UInt8>, _ flags: UnsafeMutablePointer<UInt32>) -> Int {
        guard let stream = stream(streamID) else { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
        let (count, progress) = stream.outbound.read(into: buffer)
        if count > 0 { stream.hasMoved = true }
        if count > 0, stream.reportsDrained {
            if stream.drainedBytes == 0 { events.append(.drained(stream)) }
            stream.drainedBytes += count
        }
        switch progress {
        case .more:
            break
        case .empty:
            if count == 0 {
                stream.isWaitingForData = true
                return Int(NGHTTP2_ERR_DEFERRED.rawValue)
            }
        case .finished:
            flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
            guard let status = stream.finalStatus else { break }
            flags.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
            outbound.removeAll()
            status.write(to: &outbound)
            let result = outbound.withFields { nghttp2_submit_trailer(handle, streamID, $0, $1) }
            if result != 0 { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
        }
        return count
    }
}

extension nghttp2_frame_hd {
    fileprivate var endsStream: Bool { UInt32(flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0 }
}
