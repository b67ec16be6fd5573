import Foundation
import Holdfast

/// Keeps the end of what a process prints, for error messages.
final class OutputTail: Sendable {
    private static let longest = 2_000

    private let tail = Locked(Data())
    private let ended = OneShot()

    init(_ handle: FileHandle) {
        ChildOutput.read(handle) { [self] chunk in
            tail.withLock { $0 = ($0 + chunk).suffix(Self.longest) }
        } atEnd: { [self] in
            ended.finish(.success(()))
        }
    }

    /// All of it, once the process has ended. One task may ask.
    func text() async -> String {
        try? await ended.value()
        let data = tail.withLock { Data($0) }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
