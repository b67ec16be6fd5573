import Foundation
import Holdfast

/// Reads a process's replies, one JSON object a line.
final class ReplyReader: Sendable {
    private let replies: AsyncStream<ControlReply>
    private let continuation: AsyncStream<ControlReply>.Continuation

    init(_ handle: FileHandle) {
        (replies, continuation) = AsyncStream<ControlReply>.makeStream()
        let rest = Locked(Data())
        ChildOutput.read(handle) { [continuation] chunk in
            let lines = rest.withLock { rest in
                let parts = (rest + chunk).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                rest = Data(parts.last ?? Data())
                return parts.dropLast().map { Data($0) }
            }
            // What is no reply (a library's own print, say) is none of the runner's business.
            for line in lines {
                if let reply = try? JSONDecoder().decode(ControlReply.self, from: line) { continuation.yield(reply) }
            }
        } atEnd: { [continuation] in
            continuation.finish()
        }
    }

    /// The next reply; nil when none comes any more. One task at a time may ask.
    func next() async -> ControlReply? {
        for await reply in replies { return reply }
        return nil
    }

    /// Gives up on a process that does not answer: nothing comes any more.
    func close() {
        continuation.finish()
    }
}
