import DequeModule
import Holdfast
import NIOCore

/// One way of a connection: reads from one end, does to the bytes what the faults say, and writes to the other end.
///
/// It reads on only while the other end takes what there is, so that it keeps at most ``longestLine`` bytes, beside one read and what the
/// system had received when an end said that nothing more comes.
final class Relay {
    static let longestLine = 1 << 20

    let flow: NetworkFault.Flow
    private unowned let connection: ProxyConnection
    private let ledger: FaultLedger
    var source: ProxyEnd?
    var sink: ProxyEnd?

    private var rules = RelayRules()
    /// Bytes that may still pass, by fault.
    private var allowances: [String: Int] = [:]
    /// Faults that have been counted for this way of this connection.
    private var counted: Set<String> = []

    private var line: Deque<Parcel> = []
    private var lineLength = 0
    private var reads = 0
    private var lastDue = NIODeadline.uptimeNanoseconds(0)
    /// When the rate lets the next byte pass.
    private var nextByte = NIODeadline.uptimeNanoseconds(0)
    private var timer: (due: NIODeadline, task: Scheduled<Void>)?
    private var isReading = false
    private var isPumping = false
    /// What comes is thrown away: this way has ended before its source did.
    private var isDiscarding = false
    private(set) var passedBytes = 0
    /// The source has said that nothing more comes.
    private(set) var hasEnd = false
    /// The sink has been told so.
    private(set) var isFinished = false
    /// Nothing passes.
    private(set) var isBlocked = false

    init(_ flow: NetworkFault.Flow, _ connection: ProxyConnection, _ ledger: FaultLedger) {
        self.flow = flow
        self.connection = connection
        self.ledger = ledger
    }

    // MARK: Faults

    func apply(_ rules: RelayRules, kept: Set<String>) {
        let goesOn = !rules.rates.isEmpty && rules.rates.allSatisfy { kept.contains($0.entry.id) && counted.contains($0.entry.id) }
        self.rules = rules
        counted.formIntersection(kept)
        let limited = rules.limits.map(\.id)
        allowances = allowances.filter { kept.contains($0.key) && limited.contains($0.key) }
        for entry in rules.limits where allowances[entry.id] == nil {
            if case .limitBytes(let bytes, _, _) = entry.network { allowances[entry.id] = bytes }
        }
        if !goesOn { nextByte = .now() }
        let closesSlowly = !rules.slowCloses.isEmpty
        if !rules.delays || !closesSlowly { hasten(bytes: !rules.delays, end: !closesSlowly) }
    }

    /// Takes back that what waits is passed on later.
    private func hasten(bytes: Bool, end: Bool) {
        let now = NIODeadline.now()
        lastDue = min(lastDue, now)
        for index in line.indices {
            switch line[index].content {
            case .bytes where bytes:
                line[index].due = min(line[index].due, now)
                line[index].slices = nil
            case .cut where bytes: line[index].due = min(line[index].due, now)
            case .end where end: line[index].due = min(line[index].due, now)
            default: break
            }
            lastDue = max(lastDue, line[index].due)
        }
        timer?.task.cancel()
        timer = nil
    }

    func setBlocked(_ blocked: Bool) {
        isBlocked = blocked
    }

    /// Ends this way before its source does.
    func endEarly() {
        guard !isDiscarding else { return }
        isDiscarding = true
        append(Parcel(content: .end, due: max(lastDue, .now())))
        pump()
    }

    /// Throws away what waits and what comes: the connection ends.
    func stop() {
        isDiscarding = true
        isBlocked = false
        line = []
        lineLength = 0
        timer?.task.cancel()
        timer = nil
        readOn()
    }

    // MARK: What comes

    func receive(_ bytes: ByteBuffer) {
        guard !isDiscarding, bytes.readableBytes > 0 else { return }
        connection.http2.receive(bytes, flow)
    }

    func readIsComplete() {
        isReading = false
        pump()
        // The proxy may have had something of its own to say to whom this came from.
        connection.relay(flow.opposite).pumpWaiting()
    }

    func receiveEnd() {
        guard !hasEnd else { return }
        hasEnd = true
        if !isDiscarding {
            connection.http2.end(flow)
            var due = max(lastDue, NIODeadline.now())
            if let (entry, delay) = rules.slowClose(ledger) {
                due = max(due, .now() + TimeAmount(delay))
                ledger.hit(entry, connection: connection.number, "\(flow.rawValue) end passed on later")
            }
            append(Parcel(content: .end, due: due))
            // What faults let go later has nowhere to go.
            isDiscarding = true
            pump()
        }
        connection.endIfFinished()
    }

    /// Puts bytes in line, after what the faults do to them.
    ///
    /// - Parameter isOwn: whether they are the proxy's and not the peer's, so that only the order of the line holds for them.
    func emit(_ bytes: ByteBuffer, isOwn: Bool) {
        guard !isDiscarding else { return }
        var parcel = Parcel(content: .bytes(bytes), due: max(lastDue, .now()))
        if isOwn {
            lineLength += bytes.readableBytes
            return append(parcel)
        }
        reads += 1
        var bytes = bytes
        for entry in rules.perRead { act(entry, &bytes, &parcel) }
        let ending = spend(&bytes)
        parcel.content = .bytes(bytes)
        lineLength += bytes.readableBytes
        append(parcel)
        guard let ending else { return }
        isDiscarding = true
        append(Parcel(content: .cut(ending), due: parcel.due))
    }

    private func act(_ entry: FaultPlan.Entry, _ bytes: inout ByteBuffer, _ parcel: inout Parcel) {
        let part = ConnectionPart.chunk(flow, reads)
        if entry.unit == .chunk, !ledger.chooses(entry, connection: connection.number, part: part) { return }
        let random = ledger.random(entry, connection: connection.number, part: part).sequence
        let level = ledger.magnitude(entry)
        switch entry.network {
        case .latency(let time, _):
            let delay = time.sample(using: random).scaled(to: level)
            parcel.due = max(parcel.due, .now() + TimeAmount(delay))
            ledger.hit(entry, connection: connection.number, part: part, "passed on \(Figure.time(delay.seconds)) later")
        case .slice(let size, let variation, let delay, _):
            parcel.slices = Parcel.Slices(size: size, variation: variation, pause: TimeAmount(delay.scaled(to: level)), random: random)
            ledger.hit(entry, connection: connection.number, part: part, "\(bytes.readableBytes) bytes cut into pieces")
        case .corrupt(let most, _):
            let bits = Int((Double(most) * level).rounded())
            guard bits > 0 else { return }
            for _ in 0..<bits {
                let index = bytes.readerIndex + min(Int(random.uniform() * Double(bytes.readableBytes)), bytes.readableBytes - 1)
                guard let byte = bytes.getInteger(at: index, as: UInt8.self) else { continue }
                bytes.setInteger(byte ^ 1 << UInt8(min(random.uniform() * 8, 7)), at: index)
            }
            ledger.hit(entry, connection: connection.number, part: part, "\(Figure.count(bits, "bit")) flipped")
        default: break
        }
    }

    /// Takes bytes off the allowances.
    /// - Returns: how the connection ends behind them, if one is used up.
    private func spend(_ bytes: inout ByteBuffer) -> NetworkFault.Ending? {
        let length = bytes.readableBytes
        guard let tightest = rules.limits.min(by: { allowances[$0.id, default: 0] < allowances[$1.id, default: 0] }) else { return nil }
        let allowance = allowances[tightest.id, default: 0]
        for entry in rules.limits { allowances[entry.id, default: 0] -= length }
        guard length >= allowance, case .limitBytes(_, _, let ending) = tightest.network else { return nil }
        bytes = bytes.getSlice(at: bytes.readerIndex, length: max(allowance, 0)) ?? ByteBuffer()
        ledger.hit(tightest, connection: connection.number, "\(flow.rawValue) ended after its bytes")
        return ending
    }

    private func append(_ parcel: Parcel) {
        lastDue = max(lastDue, parcel.due)
        line.append(parcel)
    }

    // MARK: What goes

    /// Passes on what is due, and reads on when there is room.
    func pump() {
        guard !isPumping, !isBlocked, let sink else { return }
        isPumping = true
        // A flush may make room at once.
        while passDue(to: sink), !line.isEmpty, sink.isWritable {}
        isPumping = false
        readOn()
        connection.endIfFinished()
    }

    /// Passes on what is due, as far as there is room for it.
    /// - Returns: whether bytes were flushed.
    private func passDue(to sink: ProxyEnd) -> Bool {
        var isUnflushed = false
        while !line.isEmpty, sink.isWritable || !line[0].isOfBytes, let now = isDue() {
            switch line[0].content {
            case .bytes:
                let (hasMore, isSliced) = writePiece(now, to: sink)
                // Before the flush, which may end the connection and with it the line.
                if !hasMore { line.removeFirst() }
                // A flush for each slice, so that each travels by itself.
                if isSliced { sink.flush() }
                isUnflushed = !isSliced
            case .end:
                line.removeFirst()
                if isUnflushed { sink.flush() }
                isUnflushed = false
                isFinished = true
                sink.finish()
            case .cut(let ending):
                line.removeFirst()
                if isUnflushed { sink.flush() }
                isUnflushed = false
                connection.end(ending)
            }
        }
        if isUnflushed { sink.flush() }
        return isUnflushed
    }

    /// The same, if anything waits.
    private func pumpWaiting() {
        if !line.isEmpty { pump() }
    }

    /// The time, if the first in line may pass; otherwise sees to it that it is looked at again.
    private func isDue() -> NIODeadline? {
        let now = NIODeadline.now()
        var due = line[0].due
        if rules.rate(ledger) != nil, line[0].isOfBytes { due = max(due, nextByte) }
        guard due > now else { return now }
        guard timer?.due != due else { return nil }
        timer?.task.cancel()
        let task = connection.eventLoop.assumeIsolated().scheduleTask(deadline: due) { [weak self] in
            self?.timer = nil
            self?.pump()
        }
        timer = (due, task)
        return nil
    }

    private func writePiece(_ now: NIODeadline, to sink: ProxyEnd) -> (hasMore: Bool, isSliced: Bool) {
        // About fifty pieces a second, however fast.
        let rate = rules.rate(ledger)
        let most = rate.map { max(1, Int(min($0.bytesPerSecond / 50, 1e9))) } ?? .max
        guard let piece = line[0].takePiece(most: most) else { return (false, false) }
        let length = piece.readableBytes
        lineLength -= length
        passedBytes += length
        sink.write(piece)
        if let (entry, bytesPerSecond) = rate {
            nextByte = max(nextByte, now) + .nanoseconds(Int64(saturating: Double(length) / bytesPerSecond * 1e9))
            if counted.insert(entry.id).inserted {
                ledger.hit(
                    entry, connection: connection.number, "\(flow.rawValue) slowed to \(Int(min(bytesPerSecond, 1e15))) bytes a second")
            }
        }
        let isSliced = line[0].slices != nil
        guard !line[0].isEmpty else { return (false, isSliced) }
        if let pause = line[0].slices?.pause { line[0].due = now + pause }
        return (true, isSliced)
    }

    private func readOn() {
        guard let source, !isReading, !hasEnd, !isBlocked else { return }
        if !isDiscarding {
            guard let sink, sink.isWritable, lineLength + connection.http2.heldBytes(flow) < Self.longestLine else { return }
        }
        isReading = true
        source.read()
    }
}

extension Parcel {
    fileprivate var isOfBytes: Bool {
        if case .bytes = content { true } else { false }
    }
}
