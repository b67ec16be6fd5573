import Foundation
import Synchronization

/// Collects what a process prints, and lets a test wait for a line of it.
final class OutputReader: Sendable {
    private struct State {
        var text = ""
        var ended = false
    }

    private let state = Mutex(State())
    private let changed = DispatchSemaphore(value: 0)

    init(_ handle: FileHandle) {
        // Blocking reads on a thread of its own; they end when the process does.
        Thread.detachNewThread { [self] in
            var chunk: Data
            repeat {
                chunk = handle.availableData
                state.withLock { state in
                    state.text += String(decoding: chunk, as: UTF8.self)
                    state.ended = chunk.isEmpty
                }
                changed.signal()
            } while !chunk.isEmpty
        }
    }

    func line(containing text: String) -> String? {
        while true {
            let (found, ended) = state.withLock { state in
                let complete = state.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                return (complete.first { $0.contains(text) }.map(String.init), state.ended)
            }
            if found != nil || ended { return found }
            changed.wait()
        }
    }

    func all() -> String {
        while !state.withLock({ $0.ended }) { changed.wait() }
        return state.withLock { $0.text }
    }
}
