/// Prints lines that come from anywhere, on a task that may wait for whoever reads.
final class LineLog: Sendable {
    private let lines: AsyncStream<String>.Continuation
    private let printing: Task<Void, Never>

    /// - Parameter print: prints one line, and says whether more are worth it.
    init(_ print: @escaping @Sendable (String) -> Bool) {
        // What nobody reads in time is left out, rather than kept without end.
        let (stream, continuation) = AsyncStream<String>.makeStream(bufferingPolicy: .bufferingOldest(10_000))
        lines = continuation
        printing = Task.detached {
            for await line in stream where !print(line) { return }
        }
    }

    func note(_ line: String) {
        lines.yield(line)
    }

    /// Returns when all that was noted has been printed.
    func finish() async {
        lines.finish()
        await printing.value
    }
}
