import NIOCore

/// One way of an HTTP/2 connection: cuts what comes into frames, and passes, changes, keeps back or swallows each as it is told.
///
/// Frames are relayed piece by piece, however long they say they are; only short frames that steer the connection are looked into
/// as a whole. So what it keeps is bounded by ``longestControl``, beside what a fault keeps back.
final class FrameFlow {
    enum Action: Equatable {
        case pass
        case swallow
        /// Kept back until ``release()``.
        case hold
        /// Passed with these bits of the payload's byte at `offset` flipped.
        case corrupt(offset: Int, mask: UInt8)

        fileprivate var emits: Bool { self != .swallow && self != .hold }
    }

    /// Longer ones are against the protocol unless a peer allowed them, and pass as they are.
    static let longestControl = 16_384

    private let emit: (ByteBuffer) -> Void
    private let emitOwn: (ByteBuffer) -> Void
    /// What becomes of the frame at the reader index. It may change the frame's bytes.
    private let decide: (FrameHeader, inout ByteBuffer) -> Action

    /// The beginning of a frame, too short to be decided on.
    private var rest = ByteBuffer()
    /// Bytes to come of the current frame.
    private var left = 0
    private var length = 0
    private var action = Action.pass
    /// What becomes of the rest of a header block that has not ended.
    private var block: Action?
    /// Frames of the proxy's own, until they do not fall into another.
    private var own: [ByteBuffer] = []
    private var held = ByteBuffer()
    private var mayRelease = false
    private var isScanning = false

    init(
        emit: @escaping (ByteBuffer) -> Void, emitOwn: @escaping (ByteBuffer) -> Void,
        decide: @escaping (FrameHeader, inout ByteBuffer) -> Action
    ) {
        self.emit = emit
        self.emitOwn = emitOwn
        self.decide = decide
    }

    /// Bytes that are kept back.
    var heldBytes: Int { held.readableBytes }

    /// Takes what was read.
    func scan(_ bytes: ByteBuffer) {
        isScanning = true
        defer { isScanning = false }
        var input = bytes
        if rest.readableBytes > 0 {
            rest.writeImmutableBuffer(bytes)
            swap(&input, &rest)
            rest = ByteBuffer()
        }
        // Where that begins which was decided to pass and has not been emitted.
        var run = input.readerIndex
        while true {
            if left == 0 {
                guard let header = nextHeader(input) else { break }
                begin(header, &input, &run)
            } else {
                guard input.readableBytes > 0 else { break }
                goOn(&input, &run)
            }
            if left == 0, !isOpen, !own.isEmpty || mayRelease {
                emitRun(input, &run)
                sayOwn()
            }
        }
        emitRun(input, &run)
        if input.readableBytes > 0 { rest = ByteBuffer(buffer: input) }
    }

    /// Says a frame of the proxy's own as soon as it does not fall into another.
    func say(_ frame: ByteBuffer) {
        own.append(frame)
        if !isScanning, !isOpen { sayOwn() }
    }

    /// Lets go what was kept back.
    func release() {
        guard held.readableBytes > 0 || action == .hold || block == .hold else { return }
        mayRelease = true
        if !isScanning, !isOpen { sayOwn() }
    }

    /// Passes what is left: what was kept back, and the beginning of what will never be a whole frame.
    func end() {
        release()
        if rest.readableBytes > 0 { emit(rest) }
        rest = ByteBuffer()
    }

    /// The header of the frame at the reader index, once there is enough of the frame to decide on it.
    private func nextHeader(_ input: ByteBuffer) -> FrameHeader? {
        guard input.readableBytes >= FrameHeader.size, let header = FrameHeader(input, at: input.readerIndex) else { return nil }
        switch header.kind {
        case FrameHeader.Kind.data, FrameHeader.Kind.headers, FrameHeader.Kind.continuation, FrameHeader.Kind.pushPromise: return header
        default:
            guard header.length <= Self.longestControl else { return header }
            return input.readableBytes >= FrameHeader.size + header.length ? header : nil
        }
    }

    private func begin(_ header: FrameHeader, _ input: inout ByteBuffer, _ run: inout Int) {
        if header.kind == FrameHeader.Kind.continuation, let block {
            action = block
        } else {
            // A peer that does not end a header block breaks the protocol, and must not silence the proxy.
            block = nil
            action = decide(header, &input)
        }
        if header.isOfHeaderBlock { block = header.has(FrameHeader.Flag.endHeaders) ? nil : action.afterBeginning }
        length = header.length
        left = header.length
        take(FrameHeader.size, &input, &run)
    }

    private func goOn(_ input: inout ByteBuffer, _ run: inout Int) {
        let count = min(left, input.readableBytes)
        if case .corrupt(let offset, let mask) = action, case let index = offset - (length - left), (0..<count).contains(index),
            let byte = input.getInteger(at: input.readerIndex + index, as: UInt8.self)
        {
            input.setInteger(byte ^ mask, at: input.readerIndex + index)
        }
        take(count, &input, &run)
        left -= count
    }

    private func take(_ count: Int, _ input: inout ByteBuffer, _ run: inout Int) {
        if action.emits {
            input.moveReaderIndex(forwardBy: count)
            return
        }
        emitRun(input, &run)
        if action == .hold, let part = input.getSlice(at: input.readerIndex, length: count) { held.writeImmutableBuffer(part) }
        input.moveReaderIndex(forwardBy: count)
        run = input.readerIndex
    }

    private func emitRun(_ input: ByteBuffer, _ run: inout Int) {
        guard input.readerIndex > run else { return }
        var part = input
        part.moveReaderIndex(to: run)
        part.moveWriterIndex(to: input.readerIndex)
        emit(part)
        run = input.readerIndex
    }

    /// Whether the receiver has only a part of a frame or of a header block.
    private var isOpen: Bool { left > 0 && action.emits || block?.emits == true }

    private func sayOwn() {
        if mayRelease {
            mayRelease = false
            if held.readableBytes > 0 { emit(held) }
            held = ByteBuffer()
            // The rest of a frame of which a part was held follows that part.
            if action == .hold { action = .pass }
            if block == .hold { block = .pass }
            if isOpen { return }
        }
        for frame in own { emitOwn(frame) }
        own = []
    }
}

extension FrameFlow.Action {
    /// What becomes of the frames that go on with a header block whose first was dealt with so.
    fileprivate var afterBeginning: FrameFlow.Action {
        if case .corrupt = self { .pass } else { self }
    }
}
