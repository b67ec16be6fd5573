import Foundation

/// Reads what a child process prints.
///
/// On a thread of its own with plain blocking reads, which end when the child does: Foundation's `readabilityHandler` closes
/// descriptors some time after it was told to, and by then the number may belong to the next child's pipe.
enum ChildOutput {
    static func read(
        _ handle: FileHandle, _ body: @escaping @Sendable (Data) -> Void, atEnd: @escaping @Sendable () -> Void
    ) {
        Thread.detachNewThread {
            while case let chunk = handle.availableData, !chunk.isEmpty { body(chunk) }
            try? handle.close()
            atEnd()
        }
    }
}
