#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension DocumentReader {
    /// Reads a regular file of at most `maximumSize` bytes; never waits for a peer, as a FIFO would make it.
    ///
    /// - Parameter kind: what the file should be, to end the sentence "expected a ... file".
    /// - Throws: one diagnostic about the file as a whole if it is missing, unreadable, no regular file or too large.
    package static func load(path: String, kind: String = "JSON") throws(DocumentError) -> [UInt8] {
        func failure(_ message: String) -> DocumentError { DocumentError([Diagnostic(file: path, message: message)]) }

        // O_NONBLOCK: opening a FIFO must not wait for a writer. It changes nothing for a regular file.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot open the file: \(reason(errno))") }
        defer { close(descriptor) }

        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("cannot examine the file: \(reason(errno))") }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw failure("this is a directory; expected a \(kind) file")
        case S_IFIFO: throw failure("this is a pipe; expected a regular \(kind) file")
        default: throw failure("this is a device or socket; expected a regular \(kind) file")
        }
        guard status.st_size <= maximumSize else { throw failure(tooLarge) }

        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= maximumSize {
            let count = readSome(descriptor, into: &buffer)
            if count == 0 { return bytes }
            if count > 0 {
                bytes += buffer[..<count]
            } else if errno != EINTR {
                throw failure("cannot read the file: \(reason(errno))")
            }
        }
        throw failure(tooLarge)  // it grew while it was read
    }

    static func reason(_ code: Int32) -> String {
        switch code {
        case ENOENT: "there is no such file"
        case EACCES: "permission denied"
        default: String(cString: strerror(code))
        }
    }
}

/// `read(2)`; a free function, because within `DocumentReader` that name means its own `read`.
private func readSome(_ descriptor: Int32, into buffer: inout [UInt8]) -> Int {
    buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
}
