import Foundation

/// Words for the person at the terminal.
enum Console {
    /// Prints to standard output at once, even into a pipe: whoever started this process waits for the line.
    static func say(_ text: String) {
        FileHandle.standardOutput.write(Data("\(text)\n".utf8))
    }

    /// Prints to standard error.
    static func complain(_ text: String) {
        FileHandle.standardError.write(Data("holdfast: \(text)\n".utf8))
    }

    /// Prints to standard error as it stands; for diagnostics that editors and CI systems read.
    static func diagnose(_ text: String) {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }
}
