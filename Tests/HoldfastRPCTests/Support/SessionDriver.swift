import Holdfast
import NIOCore

@testable import HoldfastRPC

/// Drives one session with a script, and stops the program when the session breaks its word.
///
/// The script is any bytes: what the fuzzer mutates, and what the kept corpus is made of. The first byte says which side the
/// session is and whether the peer begins as it should. Then follow steps of two bytes, what to do and how much: the peer's
/// bytes stand behind the step that feeds them.
struct SessionDriver {
    /// What a step does.
    enum Step: UInt8, CaseIterable {
        /// Feeds the next `amount` bytes of the script, as one read.
        case feed
        /// Feeds the next 16 x `amount` bytes.
        case feedMore
        case open
        case send
        case finish
        case reset
        case status
        case returnWindow
        /// Takes at most 16 x `amount` bytes of output.
        case write
        case goAway
        case notice
        case terminate
    }

    /// A stream whose reader takes messages only when the script says so.
    private final class Reader: SessionStream, @unchecked Sendable {
        var events: [String] = []
        var mayTake = false
        var received = 0

        override func takeReturnableBytes() -> Int {
            guard mayTake else { return 0 }
            mayTake = false
            return super.takeReturnableBytes()
        }
    }

    private let session: HTTP2Session
    private let isServer: Bool
    private var readers: [Reader] = []
    private var isBroken = false

    private init(isServer: Bool) throws {
        var limits = SessionLimits()
        limits.messageLength = 1_000
        limits.headerListSize = 500
        limits.concurrentStreams = 10
        // No time enters, so that a script always ends in the same way.
        limits.noise = (burst: 50, perSecond: 0)
        self.isServer = isServer
        session = try HTTP2Session(role: isServer ? .server : .client, limits: limits) { Reader() }
    }

    /// Runs a script to its end.
    static func run(_ script: UnsafeRawBufferPointer) {
        guard let mode = script.first, var driver = try? SessionDriver(isServer: mode & 1 == 0) else { return }
        if mode & 2 == 0 { driver.feed((driver.isServer ? RawFrames.preface : []) + RawFrames.settings) }
        if !driver.isServer { driver.open(3) }
        driver.write(limit: .max)
        var rest = script.dropFirst()
        while rest.count >= 2 {
            let (step, amount) = (rest.removeFirst(), Int(rest.removeFirst()))
            switch Step(rawValue: step % UInt8(Step.allCases.count))! {
            case .feed: driver.feed(Self.take(amount, &rest))
            case .feedMore: driver.feed(Self.take(16 * amount, &rest))
            case .open: driver.open(amount)
            case .send: driver.withReader(amount) { $0.send(amount, on: $1) }
            case .finish: driver.withReader(amount) { $0.finish($1) }
            case .reset: driver.withReader(amount) { $0.session.reset($1, .cancel) }
            case .status: driver.withReader(amount) { $0.status($1) }
            case .returnWindow:
                driver.withReader(amount) {
                    $1.mayTake = true
                    $0.session.returnWindow(of: $1)
                }
            case .write: driver.write(limit: 16 * amount)
            case .goAway: driver.session.submitGoAway()
            case .notice: driver.session.submitShutdownNotice()
            case .terminate: driver.session.terminate()
            }
            driver.check()
        }
        driver.write(limit: .max)
        driver.end()
    }

    private static func take(_ count: Int, _ rest: inout Slice<UnsafeRawBufferPointer>) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    private mutating func feed(_ bytes: [UInt8]) {
        do {
            try bytes.withUnsafeBytes { try session.receive($0) }
            precondition(!isBroken, "a session that has failed takes bytes again")
        } catch {
            isBroken = true
        }
        check()
    }

    private mutating func write(limit: Int) {
        var buffer = ByteBuffer()
        _ = try? session.writeOutput(to: &buffer, limit: limit)
        check()
    }

    private mutating func open(_ amount: Int) {
        guard !isServer, readers.count < 20 else { return }
        let reader = Reader()
        reader.outbound.append(WireMessage(Array(repeating: 1, count: amount)))
        reader.outbound.isFinished = amount & 1 == 0
        let opening = session.submitRequest(
            reader, authority: "test", path: "/a.B/C", timeout: amount & 2 == 0 ? nil : 1_000, metadata: [:])
        if case .opened = opening { readers.append(reader) }
    }

    private mutating func withReader(_ number: Int, _ body: (inout SessionDriver, Reader) -> Void) {
        guard !readers.isEmpty else { return }
        let reader = readers[number % readers.count]
        if reader.isOpen { body(&self, reader) }
    }

    private mutating func send(_ amount: Int, on reader: Reader) {
        guard !reader.outbound.isFinished else { return }
        reader.outbound.append(WireMessage(Array(repeating: 2, count: 16 * amount)))
        resume(reader)
    }

    private mutating func finish(_ reader: Reader) {
        guard !reader.outbound.isFinished else { return }
        reader.outbound.isFinished = true
        if isServer { reader.finalStatus = FinalStatus() }
        resume(reader)
    }

    private mutating func resume(_ reader: Reader) {
        // On the server the first thing to be sent is the head.
        if isServer, !reader.events.contains("responded") {
            reader.events.append("responded")
            session.submitResponse(reader, metadata: ["k": "v"])
        } else {
            session.resume(reader)
        }
    }

    private mutating func status(_ reader: Reader) {
        guard isServer, !reader.events.contains("responded") else { return }
        reader.events.append("responded")
        reader.outbound.isFinished = true
        session.submitStatus(reader, metadata: [:], status: FinalStatus(RPCError(.notFound, "nothing here")))
    }

    /// Holds each event to what came before it on its stream.
    private mutating func check() {
        let events = session.events
        session.events = []
        for event in events {
            switch event {
            case .head(let stream):
                let reader = note("head", stream)
                if isServer { readers.append(reader) }
                precondition(reader.head.metadata.count * 32 <= session.limits.headerListSize)
            case .message(let stream, let message):
                let reader = self.reader(stream)
                reader.received += 1
                precondition(reader.events.contains("head") && !reader.events.contains("ended"))
                precondition(message.count <= session.limits.messageLength)
            case .malformed(let stream, _): note("malformed", stream)
            case .ended(let stream): note("ended", stream)
            case .sentLast(let stream): note("sentLast", stream)
            case .drained(let stream): stream.drainedBytes = 0
            case .closed(let stream, _):
                note("closed", stream)
                precondition(!stream.isOpen && session.streams[stream.id] == nil)
            default: break
            }
        }
        session.returnWindows()
        for (id, stream) in session.streams { precondition(stream.isOpen && stream.id == id) }
        if isServer { precondition(session.streams.count <= session.limits.concurrentStreams + 1) }
    }

    private func reader(_ stream: SessionStream) -> Reader {
        unsafeDowncast(stream, to: Reader.self)
    }

    @discardableResult
    private func note(_ event: String, _ stream: SessionStream) -> Reader {
        let reader = reader(stream)
        precondition(!reader.events.contains(event), "\(event) twice")
        precondition(!reader.events.contains("closed"), "\(event) on a stream that is gone")
        reader.events.append(event)
        return reader
    }

    /// Every stream has ended by itself, or is let go of with the connection.
    private func end() {
        for reader in readers where !reader.isOpen { precondition(reader.events.contains("closed")) }
        session.forgetStreams()
        for reader in readers { precondition(!reader.isOpen) }
    }
}
