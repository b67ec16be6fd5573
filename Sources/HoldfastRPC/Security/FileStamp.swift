#if TLS
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What tells one state of a file from another without reading it. Symbolic links are followed.
struct FileStamp: Equatable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let modified: (seconds: Int, nanoseconds: Int)

    /// The file's present state; nil when it cannot be reached.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt64(truncatingIfNeeded: status.st_dev)
        inode = UInt64(truncatingIfNeeded: status.st_ino)
        size = Int64(status.st_size)
        #if canImport(Darwin)
        modified = (status.st_mtimespec.tv_sec, status.st_mtimespec.tv_nsec)
        #else
        modified = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
        #endif
    }

    static func == (one: FileStamp, other: FileStamp) -> Bool {
        one.device == other.device && one.inode == other.inode && one.size == other.size && one.modified == other.modified
    }
}
#endif
