import Foundation

/// Whole lines, written at once, so that they come out in time when piped.
enum Console {
    static func say(_ text: String) {
        write(text, to: .standardOutput)
    }

    static func complain(_ text: String) {
        write("HoldfastBenchmarks: \(text)", to: .standardError)
    }

    private static func write(_ text: String, to handle: FileHandle) {
        try? handle.write(contentsOf: Data((text + "\n").utf8))
    }
}
