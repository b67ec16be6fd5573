import ArgumentParser
import Foundation

/// Words for the person at the terminal.
enum Console {
    /// Exit code for an output that could not be written, as `sysexits.h` has it.
    static let unwritable = ExitCode(74)

    /// Prints to standard output at once, even into a pipe: whoever started this process waits for the line.
    ///
    /// - Throws: ``unwritable`` after a word on standard error: whoever asked for the output must not take its absence for an answer.
    static func say(_ text: String, terminator: String = "\n") throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data("\(text)\(terminator)".utf8))
        } catch {
            complain("cannot write to standard output: \(error.localizedDescription)")
            throw unwritable
        }
    }

    /// Prints to standard error.
    static func complain(_ text: String) {
        diagnose("holdfast: \(text)")
    }

    /// Prints to standard error as it stands; for diagnostics that editors and CI systems read.
    static func diagnose(_ text: String) {
        // What cannot be said there can be said nowhere, and is no reason to end a server.
        try? FileHandle.standardError.write(contentsOf: Data("\(text)\n".utf8))
    }
}
