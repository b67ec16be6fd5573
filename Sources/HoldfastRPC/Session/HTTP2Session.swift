import CNGHTTP2
import Holdfast
import NIOCore

/// One HTTP/2 connection without its socket: bytes in, events out; calls in, bytes out.
///
/// Wraps one `nghttp2_session`. The C callbacks only append to ``events``; whoever owns the session feeds it with
/// ``receive(_:)``, acts on the events afterwards, and then takes all output with ``writeOutput(to:limit:)``. Two sessions
/// joined in memory therefore speak the whole protocol. Confined to one thread, an event loop's when there is a socket.
///
/// nghttp2's automatic window updates are off: the connection's window is given back as soon as bytes arrive, so that a
/// stream that nobody reads stalls no other, and a stream's as its reader takes messages.
final class HTTP2Session {
    enum Role {
        case client
        case server
    }

    let role: Role
    let limits: SessionLimits
    /// What requests say they travel by; `https` over TLS.
    var scheme: StaticString = "http"
    private(set) var handle: OpaquePointer

    /// What has happened since they were last taken.
    @exclusivity(unchecked) var events: [SessionEvent] = []
    /// Every stream that nghttp2 holds a pointer to.
    @exclusivity(unchecked) var streams: [Int32: SessionStream] = [:]
    /// The stream whose header block is being read.
    @exclusivity(unchecked) var currentStream: SessionStream?
    /// What has been read of it.
    @exclusivity(unchecked) var block = InboundHeaders()
    @exclusivity(unchecked) var recentTexts = RecentTexts()
    /// Streams that have received bytes since windows were last given back.
    @exclusivity(unchecked) var touched: [SessionStream] = []
    @exclusivity(unchecked) var receivedBytes = 0
    /// All that has ever been received, to see whether the peer is silent.
    private(set) var totalReceived: UInt64 = 0
    /// Whether headers or messages have been sent since the owner last looked.
    @exclusivity(unchecked) var hasSpoken = false
    @exclusivity(unchecked) var outbound = OutboundHeaders()
    /// The timeout of the last request.
    @exclusivity(unchecked) var lastTimeout = ""
    /// What nghttp2 last found wrong with the peer.
    var complaint: String?
    @exclusivity(unchecked) var noise: NoiseBudget
    /// Why nothing more is read.
    private var failure: SessionError?
    /// Makes the stream for a request of the peer.
    let makeStream: () -> SessionStream
    /// What requests say who makes them; nil for this library alone.
    var userAgent: String?

    /// Makes a session and queues the first SETTINGS frame.
    init(role: Role, limits: SessionLimits, makeStream: @escaping () -> SessionStream = { SessionStream() }) throws(SessionError) {
        self.role = role
        self.limits = limits
        self.makeStream = makeStream
        noise = NoiseBudget(burst: limits.noise.burst, perSecond: limits.noise.perSecond, now: TimeSource.system.now())

        var callbacks: OpaquePointer?
        var options: OpaquePointer?
        guard nghttp2_session_callbacks_new(&callbacks) == 0, nghttp2_option_new(&options) == 0 else { throw .outOfMemory }
        defer {
            nghttp2_session_callbacks_del(callbacks)
            nghttp2_option_del(options)
        }
        Self.install(on: callbacks)
        nghttp2_option_set_no_auto_window_update(options, 1)
        nghttp2_option_set_no_closed_streams(options, 1)
        nghttp2_option_set_stream_reset_rate_limit(options, limits.resets.burst, limits.resets.perSecond)
        // A server may promise to push until it has read that nobody wants it; each promise is refused.
        nghttp2_option_set_max_reserved_remote_streams(options, 0)
        nghttp2_option_set_max_continuations(options, limits.continuations)

        var handle: OpaquePointer?
        let result =
            role == .client
            ? nghttp2_session_client_new2(&handle, callbacks, nil, options)
            : nghttp2_session_server_new2(&handle, callbacks, nil, options)
        guard result == 0, let handle else { throw .outOfMemory }
        self.handle = handle
        nghttp2_session_set_user_data(handle, Unmanaged.passUnretained(self).toOpaque())
        try submitSettings()
    }

    deinit {
        nghttp2_session_del(handle)
    }

    /// Takes the peer's next bytes.
    /// - Throws: when they are no HTTP/2, or a flood of it, and the connection must be closed; and always from then on.
    func receive(_ bytes: UnsafeRawBufferPointer) throws(SessionError) {
        if let failure { throw failure }
        guard let start = bytes.baseAddress else { return }
        totalReceived &+= UInt64(bytes.count)
        let result = nghttp2_session_mem_recv(handle, start.assumingMemoryBound(to: UInt8.self), bytes.count)
        guard result >= 0 else { throw fail(SessionError(code: CInt(result))) }
        if receivedBytes > 0 {
            nghttp2_session_consume_connection(handle, receivedBytes)
            receivedBytes = 0
        }
        if noise.isOverdrawn {
            noise.refill(now: TimeSource.system.now())
            if noise.isOverdrawn { throw calm("the peer floods the connection with frames that carry nothing") }
        }
        if role == .server, nghttp2_session_get_outbound_queue_size(handle) > limits.queuedFrames {
            throw calm("the client does not read what it is sent")
        }
    }

    /// Ends the connection with ENHANCE_YOUR_CALM.
    private func calm(_ description: String) -> SessionError {
        nghttp2_session_terminate_session(handle, HTTP2ErrorCode.enhanceYourCalm.rawValue)
        return fail(SessionError(description: description))
    }

    private func fail(_ error: SessionError) -> SessionError {
        failure = error
        return error
    }

    /// Appends what there is to send, until nothing is left or `buffer` holds `limit` bytes.
    /// - Returns: whether all has been written.
    func writeOutput(to buffer: inout ByteBuffer, limit: Int) throws(SessionError) -> Bool {
        while buffer.readableBytes < limit {
            var bytes: UnsafePointer<UInt8>?
            let count = nghttp2_session_mem_send(handle, &bytes)
            guard count >= 0 else { throw SessionError(code: CInt(count)) }
            guard count > 0 else { return true }
            buffer.writeBytes(UnsafeRawBufferPointer(start: bytes, count: count))
        }
        return false
    }

    /// Gives streams' windows back, as far as their messages were taken.
    func returnWindows() {
        guard !touched.isEmpty else { return }
        for stream in touched {
            stream.isTouched = false
            returnWindow(of: stream)
        }
        touched.removeAll(keepingCapacity: true)
    }

    /// Gives one stream's window back, as far as its messages were taken.
    func returnWindow(of stream: SessionStream) {
        let count = stream.takeReturnableBytes()
        if count > 0, stream.isOpen { nghttp2_session_consume_stream(handle, stream.id, count) }
    }

    /// Whether the connection has nothing more to say or to hear, and shall be closed.
    var isOver: Bool {
        nghttp2_session_want_read(handle) == 0 && nghttp2_session_want_write(handle) == 0
    }

    /// Lets go of all streams. The session must not be fed or asked for output any more: nghttp2 still points to them.
    func forgetStreams() {
        for stream in streams.values { stream.isOpen = false }
        streams = [:]
        touched = []
        currentStream = nil
    }

    private func submitSettings() throws(SessionError) {
        var settings = [
            nghttp2_settings_entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.streamWindow),
            nghttp2_settings_entry(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.headerListSize),
        ]
        if role == .client {
            settings.append(nghttp2_settings_entry(NGHTTP2_SETTINGS_ENABLE_PUSH, 0))
        } else {
            settings.append(nghttp2_settings_entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.concurrentStreams))
        }
        var result = nghttp2_submit_settings(handle, 0, settings, settings.count)
        guard result == 0 else { throw SessionError(code: result) }
        result = nghttp2_session_set_local_window_size(handle, 0, 0, Int32(clamping: limits.connectionWindow))
        guard result == 0 else { throw SessionError(code: result) }
    }
}

extension nghttp2_settings_entry {
    fileprivate init(_ id: nghttp2_settings_id, _ value: Int) {
        self.init(settings_id: Int32(bitPattern: id.rawValue), value: UInt32(clamping: value))
    }
}

extension SessionError {
    static let outOfMemory = SessionError(description: "out of memory")

    init(code: CInt) {
        self.init(description: String(cString: nghttp2_strerror(code)))
    }
}
