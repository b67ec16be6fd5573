import Foundation

/// Words for the person at the terminal.
enum Console {
    /// Prints to standard error.
    static func complain(_ text: String) {
        FileHandle.standardError.write(Data("holdfast: \(text)\n".utf8))
    }

    /// Prints to standard error as it stands; for diagnostics that editors and CI systems read.
    static func diagnose(_ text: String) {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }
}
