#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Shows the progress of a run on standard output: redrawn in place on a terminal, line by line elsewhere.
package struct ProgressWriter: ~Copyable {
    private let isTerminal: Bool
    private var drawnLines = 0
    /// The variant and the second that the last plain line was about.
    private var lastLine: (variant: String, second: Int64)?

    /// Looks whether standard output is a terminal that can move its cursor.
    package init() {
        let name = getenv("TERM").map { String(cString: $0) }
        isTerminal = isatty(STDOUT_FILENO) == 1 && name != nil && name != "dumb"
    }

    /// The style for what else is printed.
    package var style: TerminalStyle { isTerminal ? .ansi : .plain }

    /// Shows the present state: the whole view on a terminal, a line for the second elsewhere.
    package mutating func show(_ snapshot: ProgressSnapshot) {
        guard isTerminal else {
            let second = snapshot.now / 1_000_000_000
            if let lastLine, lastLine == (snapshot.variant, second) { return }
            lastLine = (snapshot.variant, second)
            return write(ProgressLine.second(snapshot) + "\n")
        }
        let lines = TerminalView(style: .ansi, columns: columns).lines(snapshot)
        // Up to the first line of what was drawn, then each line with the rest of its row cleared, then all that is below. Lines
        // too long for the terminal are cut, not wrapped, or the next redraw would not go up far enough.
        let up = drawnLines > 0 ? "\u{1B}[\(drawnLines)A" : ""
        write("\u{1B}[?7l" + up + lines.map { "\r\($0)\u{1B}[K\n" }.joined() + "\u{1B}[J\u{1B}[?7h")
        drawnLines = lines.count
    }

    /// Prints an event where there is no live view that shows it anyway.
    package mutating func note(_ event: JournalEvent) {
        guard !isTerminal, let line = ProgressLine.event(event) else { return }
        write(line + "\n")
    }

    /// Prints lines that stay, below the live view, which then starts anew under them.
    package mutating func leave(_ lines: [String]) {
        drawnLines = 0
        write(lines.map { $0 + "\n" }.joined())
    }

    private var columns: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    private func write(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Self.system(STDOUT_FILENO, $0.baseAddress, $0.count) }
            // A closed pipe must not end a run before its faults are undone: what nobody reads is not shown.
            if count > 0 { bytes = bytes.dropFirst(count) } else if errno != EINTR { return }
        }
    }

    #if canImport(Glibc)
    private static let system = Glibc.write
    #else
    private static let system = Darwin.write
    #endif
}
