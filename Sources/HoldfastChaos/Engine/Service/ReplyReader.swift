import Foundation
import Holdfast

/// Reads a process's replies, one JSON object a line; nil once its output has ended.
final class ReplyReader: Sendable {
    private let handle: FileHandle
    private let stream: AsyncStream<ControlReply>

    init(_ handle: FileHandle) {
        self.handle = handle
        let (stream, continuation) = AsyncStream<ControlReply>.makeStream()
        self.stream = stream
        let buffer = Locked(Data())
        handle.readabilityHandler = { handle in
            let chunk = handle.availableData
            guard !chunk.isEmpty else {
                handle.readabilityHandler = nil
                return continuation.finish()
            }
            let lines: [Data] = buffer.withLock { buffer in
                buffer.append(chunk)
                var lines: [Data] = []
                while let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                    lines.append(Data(buffer[..<end]))
                    buffer = Data(buffer[buffer.index(after: end)...])
                }
                return lines
            }
            for line in lines {
                guard let reply = try? JSONDecoder().decode(ControlReply.self, from: line) else { continue }
                continuation.yield(reply)
            }
        }
    }

    /// The next reply; nil when none comes any more or the task is cancelled.
    func next() async -> ControlReply? {
        for await reply in stream { return reply }
        return nil
    }

    func close() {
        handle.readabilityHandler = nil
        try? handle.close()
    }
}

/// Keeps the end of what a process prints, for error messages.
final class OutputTail: Sendable {
    private static let longest = 2_000

    private let handle: FileHandle
    private let tail = Locked(Data())

    init(_ handle: FileHandle) {
        self.handle = handle
        handle.readabilityHandler = { [weak self] handle in
            let chunk = handle.availableData
            guard !chunk.isEmpty else {
                handle.readabilityHandler = nil
                return
            }
            self?.tail.withLock { $0 = ($0 + chunk).suffix(Self.longest) }
        }
    }

    var text: String {
        let data = tail.withLock { Data($0) }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func close() {
        handle.readabilityHandler = nil
        try? handle.close()
    }
}
