import Dispatch
import Foundation

/// Signals as something to wait for.
enum Signals {
    /// Takes signals from now on: one that comes after this has returned is an element of the stream, one that came before had its usual
    /// effect, and none is lost in between.
    /// - Returns: a stream that ends with the first of the signals. From then on, and when nobody reads it any more, they have their usual
    ///   effect again: a second one ends the process.
    static func take(_ signals: [Int32]) async -> AsyncStream<Int32> {
        let (stream, continuation) = AsyncStream<Int32>.makeStream()
        let sources = signals.map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                continuation.yield(number)
                continuation.finish()
            }
            return source
        }
        let watch = Watch(sources)
        continuation.onTermination = { _ in
            for number in signals { signal(number, SIG_DFL) }
            watch.end()
        }
        // Each is watched before it is ignored: what comes to a process that ignores it and does not watch yet is lost.
        for source in sources {
            await withCheckedContinuation { registered in
                source.setRegistrationHandler { registered.resume() }
                source.activate()
            }
        }
        for number in signals { signal(number, SIG_IGN) }
        return stream
    }

    /// Sendable without a check, since a source may be cancelled from any thread (`dispatch_source_cancel`), and nothing else is done to it.
    private final class Watch: @unchecked Sendable {
        private let sources: [any DispatchSourceSignal]

        init(_ sources: [any DispatchSourceSignal]) {
            self.sources = sources
        }

        func end() {
            for source in sources { source.cancel() }
        }
    }
}
