import Holdfast
import NIOCore

// What becomes of each frame.
extension HTTP2Conversation {
    private typealias Kind = FrameHeader.Kind
    private typealias Flag = FrameHeader.Flag

    func decideUpstream(_ header: FrameHeader, _ frame: inout ByteBuffer) -> FrameFlow.Action {
        switch header.kind {
        case Kind.headers where header.stream % 2 == 1 && header.stream > streams.highest:
            if opens(header.stream) { refuse(header, &frame) }
        case Kind.settings where header.has(Flag.acknowledgement):
            if settings.clientAcknowledged() { return .swallow }
        default: break
        }
        return decide(header, &frame, .upstream)
    }

    func decideDownstream(_ header: FrameHeader, _ frame: inout ByteBuffer) -> FrameFlow.Action {
        switch header.kind {
        case Kind.settings where !header.has(Flag.acknowledgement) && header.length <= FrameFlow.longestControl:
            settings.serverTold(header, frame)
            // After this frame: what is said while a frame is scanned follows it.
            settle()
        case Kind.goaway where header.length >= 8 && header.length <= FrameFlow.longestControl:
            // The last stream may only be lowered, and a service does not know that it was.
            if let last = streams.lastAllowed, let told = frame.getInteger(at: frame.readerIndex + FrameHeader.size, as: UInt32.self) {
                frame.setInteger(min(told & 0x7FFF_FFFF, last), at: frame.readerIndex + FrameHeader.size)
            }
        case Kind.headers:
            if let entry = streams.takeDoom(header.stream), case .rstStream(let code, _) = entry.network {
                end(header, &frame)
                streams.kill(header.stream)
                downstream.say(Frame.rstStream(header.stream, code: code))
                upstream.say(Frame.rstStream(header.stream, code: HTTP2ErrorCode.cancel))
                ledger.hit(
                    entry, connection: number, part: .stream(header.stream), "RST_STREAM \(HTTP2ErrorCode.name(code)) at the response")
            }
        default: break
        }
        return decide(header, &frame, .downstream)
    }

    // MARK: Streams

    /// A client opens a stream.
    /// - Returns: whether it is refused.
    private func opens(_ stream: UInt32) -> Bool {
        let highest = streams.highest
        streams.highest = stream
        // Sent before the client knew that the connection ends: it will be told, or has been, that nothing became of it.
        if let last = streams.lastAllowed, stream > last { return true }
        var isRefused = false
        for entry in faults {
            // Asked of every fault, so that what one counts does not depend on what another did.
            let part = ConnectionPart.stream(stream)
            switch entry.network {
            case .goaway(_, let refuses, _) where entry.unit == .stream:
                guard ledger.chooses(entry, connection: number, part: part), !isRefused else { continue }
                isRefused = refuses
                sayGoaway(entry, lastStream: refuses ? highest : stream, part: part)
            case .rstStream(let code, .request):
                guard ledger.chooses(entry, connection: number, part: part), !isRefused else { continue }
                isRefused = true
                downstream.say(Frame.rstStream(stream, code: code))
                ledger.hit(entry, connection: number, part: part, "RST_STREAM \(HTTP2ErrorCode.name(code)) at the request")
            case .rstStream(_, .response):
                if ledger.chooses(entry, connection: number, part: part), !isRefused { streams.doom(stream, entry) }
            default: break
            }
        }
        return isRefused
    }

    /// The service gets the headers, for the sake of its HPACK table, but no request: the stream does not end, and is cancelled.
    private func refuse(_ header: FrameHeader, _ frame: inout ByteBuffer) {
        end(header, &frame)
        streams.kill(header.stream)
        upstream.say(Frame.rstStream(header.stream, code: HTTP2ErrorCode.cancel))
    }

    /// Takes away that the frame ends its stream, which RST_STREAM is to do.
    private func end(_ header: FrameHeader, _ frame: inout ByteBuffer) {
        frame.setInteger(header.flags & ~Flag.endStream, at: frame.readerIndex + 4)
    }

    // MARK: Frames

    private func decide(_ header: FrameHeader, _ frame: inout ByteBuffer, _ flow: NetworkFault.Flow) -> FrameFlow.Action {
        if !header.isOfHeaderBlock, header.stream != 0, streams.isDead(header.stream) {
            // What the sender takes to be in the connection's window must be given back by somebody.
            if header.kind == Kind.data, header.length > 0 {
                self.flow(flow.opposite).say(Frame.windowUpdate(0, increment: UInt32(header.length)))
            }
            return .swallow
        }
        guard !faults.isEmpty else { return .pass }
        if flow == .downstream, isHeld(header) {
            heldStreams.insert(header.stream)
            return .hold
        }
        switch header.kind {
        case Kind.ping where header.has(Flag.acknowledgement) && header.length == 8:
            if holdsPing(frame, flow) { return .swallow }
        case Kind.windowUpdate where header.length == 4:
            if holdsWindow(header, frame, flow) { return .swallow }
        default: break
        }
        return corruption(header, flow)
    }

    /// Whether a frame to the client waits: the trailers of a chosen response, and, so that HPACK's order stays, all header blocks
    /// after them and what belongs to their streams.
    private func isHeld(_ header: FrameHeader) -> Bool {
        if !heldStreams.isEmpty {
            if header.kind == Kind.headers || header.kind == Kind.pushPromise { return true }
            if header.stream != 0, heldStreams.contains(header.stream) { return true }
        }
        guard header.kind == Kind.headers, header.has(Flag.endStream) else { return false }
        for entry in faults where entry.network?.holds(.trailers, .downstream) == true && chooses(entry, header.stream) {
            ledger.hit(entry, connection: number, part: .stream(header.stream), "trailers held")
            return true
        }
        return false
    }

    private func holdsPing(_ frame: ByteBuffer, _ flow: NetworkFault.Flow) -> Bool {
        for entry in faults where entry.network?.holds(.pingAcks, flow) == true && entry.unit == .connection {
            guard heldPings[flow, default: []].count < 1_000,
                let ping = frame.getSlice(at: frame.readerIndex, length: FrameHeader.size + 8)
            else { continue }
            heldPings[flow, default: []].append(ByteBuffer(buffer: ping))
            ledger.hit(entry, connection: number, "ping's answer held")
            return true
        }
        return false
    }

    private func holdsWindow(_ header: FrameHeader, _ frame: ByteBuffer, _ flow: NetworkFault.Flow) -> Bool {
        guard let increment = frame.getInteger(at: frame.readerIndex + FrameHeader.size, as: UInt32.self) else { return false }
        for entry in faults where entry.network?.stallsWindows(flow) == true && chooses(entry, header.stream) {
            let sum = UInt64(heldWindows[flow]?[header.stream] ?? 0) + UInt64(increment & 0x7FFF_FFFF)
            // More could not be said in one frame, and more streams than that are nobody's that means well.
            guard sum > 0, sum <= 0x7FFF_FFFF, heldWindows[flow, default: [:]].count < 10_000 else { continue }
            heldWindows[flow, default: [:]][header.stream] = UInt32(sum)
            ledger.hit(
                entry, connection: number, part: header.stream == 0 ? nil : .stream(header.stream), "WINDOW_UPDATE \(increment) held")
            return true
        }
        return false
    }

    private func corruption(_ header: FrameHeader, _ flow: NetworkFault.Flow) -> FrameFlow.Action {
        for entry in faults {
            guard case .corruptFrames(let kind, let direction) = entry.network, direction.covers(flow), kind.covers(header),
                header.length > 0
            else { continue }
            let part = ConnectionPart.chunk(flow, corruptions.next(flow))
            switch entry.unit {
            case .chunk: guard ledger.chooses(entry, connection: number, part: part) else { continue }
            case .stream:
                guard chooses(entry, header.stream), corruptions.first(entry, stream: header.stream) else { continue }
            default: guard corruptions.first(entry, stream: nil) else { continue }
            }
            let random = ledger.random(entry, connection: number, part: part).sequence
            let offset = min(Int(random.uniform() * Double(header.length)), header.length - 1)
            ledger.hit(
                entry, connection: number, part: header.stream == 0 ? part : .stream(header.stream), "a bit of byte \(offset) flipped")
            return .corrupt(offset: offset, mask: 1 << UInt8(min(random.uniform() * 8, 7)))
        }
        return .pass
    }

    /// Whether a fault that works on streams or on whole connections works on this stream; the connection was chosen before.
    private func chooses(_ entry: FaultPlan.Entry, _ stream: UInt32) -> Bool {
        guard entry.unit == .stream else { return true }
        guard stream != 0 else { return false }
        return streams.choice(entry, stream) { ledger.chooses(entry, connection: number, part: .stream(stream)) }
    }
}

extension NetworkFault.CorruptedFrames {
    fileprivate func covers(_ header: FrameHeader) -> Bool {
        switch self {
        case .data: header.kind == FrameHeader.Kind.data
        case .headers: header.kind == FrameHeader.Kind.headers
        case .any: true
        }
    }
}
