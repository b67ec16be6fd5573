import ArgumentParser
import HoldfastPolicyFiles

/// Documents that people write.
enum Documents {
    /// Exit code for a file with a mistake in it, as `sysexits.h` has it.
    static let wrongFile = ExitCode(64)

    /// Prints what is wrong with a document, each mistake with the line that it is in, and ends the command with ``wrongFile``.
    static func read<Value>(_ body: () throws(DocumentError) -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            Console.diagnose(error.rendering)
            throw wrongFile
        }
    }
}
