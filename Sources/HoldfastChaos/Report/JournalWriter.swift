package import Foundation

/// Writes the journal of a run: one JSON object a line, in the order of the events, each line on disk before the next.
package struct JournalWriter: ~Copyable {
    private let file: FileHandle
    private let encoder: JSONEncoder

    /// Begins a new journal at `url`, in place of one that stands there.
    ///
    /// - Throws: What the file system says, when the file cannot be made.
    package init(url: URL) throws {
        try Data().write(to: url)
        file = try FileHandle(forWritingTo: url)
        encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    }

    /// Appends an event.
    package func write(_ event: JournalEvent) throws {
        try file.write(contentsOf: encoder.encode(event) + Data("\n".utf8))
    }

    deinit {
        try? file.close()
    }
}
