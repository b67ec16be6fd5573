import NIOCore

/// Both ways of a connection that may speak HTTP/2: finds out whether it does, and then does to its frames what the faults in force say.
///
/// HPACK's tables are never touched: no header block is dropped, made or moved before another.
final class HTTP2Conversation {
    private enum Phase {
        /// The state until the client has said its preface, or something else.
        case undecided
        case http2
        /// The state of everything else, TLS included: bytes pass as they are.
        case other
    }

    private static let preface = [UInt8]("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    let number: Int
    let ledger: FaultLedger
    private var phase = Phase.undecided
    private var prefaceLength = 0
    private let emit: (ByteBuffer, NetworkFault.Flow) -> Void
    private(set) var upstream: FrameFlow!
    private(set) var downstream: FrameFlow!
    /// Those of this connection, in the order of the plan.
    private(set) var faults: [FaultPlan.Entry] = []

    var streams = StreamFates()
    var settings = SettingsStory()
    /// GOAWAYs that wait for the server's first words.
    private var waitingGoaways: [FaultPlan.Entry] = []
    var heldPings: [NetworkFault.Flow: [ByteBuffer]] = [:]
    /// Sums of updates of windows that are kept back, by stream.
    var heldWindows: [NetworkFault.Flow: [UInt32: UInt32]] = [:]
    /// Streams of which frames are kept back.
    var heldStreams: Set<UInt32> = []
    var corruptions = CorruptedFrameCount()

    /// - Parameter emit: sends bytes on; the last argument says whether they are the proxy's own.
    init(number: Int, ledger: FaultLedger, emit: @escaping (ByteBuffer, NetworkFault.Flow, Bool) -> Void) {
        self.number = number
        self.ledger = ledger
        self.emit = { emit($0, $1, false) }
        upstream = FrameFlow(
            emit: { emit($0, .upstream, false) }, emitOwn: { emit($0, .upstream, true) },
            decide: { [unowned self] in decideUpstream($0, &$1) })
        downstream = FrameFlow(
            emit: { emit($0, .downstream, false) }, emitOwn: { emit($0, .downstream, true) },
            decide: { [unowned self] in decideDownstream($0, &$1) })
    }

    func flow(_ flow: NetworkFault.Flow) -> FrameFlow { flow == .upstream ? upstream : downstream }

    /// What the connection speaks, as far as it is known.
    var spoken: String {
        switch phase {
        case .undecided: "unknown"
        case .http2: "HTTP/2"
        case .other: "bytes"
        }
    }

    /// Bytes that faults keep back.
    func heldBytes(_ flow: NetworkFault.Flow) -> Int {
        self.flow(flow).heldBytes + (heldPings[flow]?.count ?? 0) * 17
    }

    // MARK: What comes

    func receive(_ bytes: ByteBuffer, _ flow: NetworkFault.Flow) {
        switch (phase, flow) {
        case (.other, _): emit(bytes, flow)
        case (.http2, _): self.flow(flow).scan(bytes)
        case (.undecided, .upstream): receivePreface(bytes)
        case (.undecided, .downstream):
            if settings.beginsLikeHTTP2(bytes) {
                downstream.scan(bytes)
            } else {
                giveUp()
                emit(bytes, .downstream)
            }
        }
    }

    /// One way has ended.
    func end(_ flow: NetworkFault.Flow) {
        self.flow(flow).end()
    }

    private func receivePreface(_ bytes: ByteBuffer) {
        let expected = Self.preface[prefaceLength...].prefix(bytes.readableBytes)
        guard bytes.readableBytesView.prefix(expected.count).elementsEqual(expected) else {
            giveUp()
            return emit(bytes, .upstream)
        }
        prefaceLength += expected.count
        guard prefaceLength == Self.preface.count else { return emit(bytes, .upstream) }
        phase = .http2
        var rest = bytes
        // The preface and what follows it stay together, as they came.
        if rest.readableBytes == expected.count {
            emit(bytes, .upstream)
        } else if let first = rest.readSlice(length: expected.count) {
            emit(first, .upstream)
            upstream.scan(rest)
        }
        settle()
    }

    private func giveUp() {
        phase = .other
        upstream.end()
        downstream.end()
    }

    /// Whether frames of the proxy's own may be said to the client: a server's first is its settings.
    private var isReady: Bool { phase == .http2 && settings.hasServers }

    // MARK: Faults

    /// Puts faults into force, in place of all others.
    func apply(_ entries: [FaultPlan.Entry], kept: Set<String>) {
        faults = entries
        streams.forgetChoices(except: kept)
        corruptions.forget(except: kept)
        waitingGoaways.removeAll { waiting in !entries.contains { $0.withoutAge == waiting.withoutAge } }
        if !entries.contains(where: { $0.network?.holds(.trailers, .downstream) == true }) {
            heldStreams = []
            downstream.release()
        }
        for flow in NetworkFault.Flow.allCases {
            if !entries.contains(where: { $0.network?.holds(.pingAcks, flow) == true }) {
                for ping in heldPings.removeValue(forKey: flow) ?? [] { self.flow(flow).say(ping) }
            }
            if !entries.contains(where: { $0.network?.stallsWindows(flow) == true }) {
                for (stream, sum) in (heldWindows.removeValue(forKey: flow) ?? [:]).sorted(by: { $0.key < $1.key }) {
                    self.flow(flow).say(Frame.windowUpdate(stream, increment: sum))
                }
            }
        }
        tellSettings()
    }

    /// Tells the client that the connection ends, now or as soon as the server has said its first word.
    func goaway(_ entry: FaultPlan.Entry) {
        waitingGoaways.append(entry)
        settle()
    }

    /// Says what could not be said before the connection was known to be one of HTTP/2.
    func settle() {
        guard isReady else { return }
        for entry in waitingGoaways { sayGoaway(entry, lastStream: streams.highest, part: nil) }
        waitingGoaways = []
        tellSettings()
    }

    func sayGoaway(_ entry: FaultPlan.Entry, lastStream: UInt32, part: ConnectionPart?) {
        guard case .goaway(let code, _, _) = entry.network else { return }
        // It may only be lowered (RFC 9113, 6.8).
        let last = min(lastStream, streams.lastAllowed ?? lastStream)
        streams.lastAllowed = last
        downstream.say(Frame.goaway(lastStream: last, code: code))
        ledger.hit(entry, connection: number, part: part, "GOAWAY \(HTTP2ErrorCode.name(code)), last stream \(last)")
    }

    private func tellSettings() {
        guard isReady else { return }
        var wanted = HTTP2Settings()
        for entry in faults {
            guard case .settings(let values) = entry.network else { continue }
            for key in HTTP2Settings.all where wanted[keyPath: key.path] == nil { wanted[keyPath: key.path] = values[keyPath: key.path] }
        }
        guard let frame = settings.tell(wanted) else { return }
        downstream.say(frame)
        for entry in faults {
            guard case .settings = entry.network else { continue }
            ledger.hit(entry, connection: number, "SETTINGS told to the client")
        }
    }
}

extension NetworkFault {
    func holds(_ frames: HeldFrames, _ flow: Flow) -> Bool {
        guard case .hold(frames, let direction) = self else { return false }
        return direction.covers(flow)
    }

    func stallsWindows(_ flow: Flow) -> Bool {
        guard case .windowStall(let direction) = self else { return false }
        return direction.covers(flow)
    }
}
