import Dispatch
import Foundation

/// Signals as something to wait for.
enum Signals {
    /// Returns when the first of the signals comes. From then on they have their usual effect again: a second one ends the process.
    static func wait(for signals: [Int32]) async {
        let sources = signals.map { number in
            signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: .global())
        }
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        for source in sources {
            source.setEventHandler { continuation.yield() }
            source.resume()
        }
        for await _ in stream { break }
        for number in signals { signal(number, SIG_DFL) }
        for source in sources { source.cancel() }
    }
}
