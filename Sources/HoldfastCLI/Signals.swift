import Foundation

/// Signals as something to wait for.
enum Signals {
    /// A pipe into which the handler writes. Not a dispatch source: on Linux that needs the signal to be ignored while it is set up, and
    /// one that comes then is lost.
    private static let pipe: (reading: Int32, writing: Int32) = {
        let pipe = Pipe()
        let ends = (dup(pipe.fileHandleForReading.fileDescriptor), dup(pipe.fileHandleForWriting.fileDescriptor))
        for end in [ends.0, ends.1] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return ends
    }()

    /// Takes signals from now on: one that comes before had its usual effect, one that comes after is an element of the stream, and
    /// none is lost in between. To be called once in a process.
    /// - Returns: a stream that ends with the first of the signals. From then on, and when nobody reads it any more, they have their usual
    ///   effect again: a second one ends the process.
    static func take(_ signals: [Int32]) -> AsyncStream<Int32> {
        let (stream, continuation) = AsyncStream<Int32>.makeStream()
        continuation.onTermination = { _ in
            for number in signals { signal(number, SIG_DFL) }
        }
        let reading = pipe.reading
        Thread.detachNewThread {
            var number: UInt8 = 0
            while read(reading, &number, 1) < 0, errno == EINTR {}
            continuation.yield(Int32(number))
            continuation.finish()
        }
        for number in signals {
            signal(number) { number in
                // Nothing that a handler may not do; the pipe was made above.
                let kept = errno
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(Signals.pipe.writing, &byte, 1)
                errno = kept
            }
        }
        return stream
    }
}
