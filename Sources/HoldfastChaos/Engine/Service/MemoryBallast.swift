import Holdfast

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Memory that a process holds for no purpose: pages of its own, written to, so that they count as resident.
///
/// Mapped piece by piece, not allocated: what is given back is the system's again at once.
final class MemoryBallast: Sendable {
    private static let piece = 1 << 20

    private let wanted: @Sendable () -> (mebibytes: Int, changes: Bool)
    private let pieces = Locked<[UInt]>([])
    private let timer = Locked<TimerHandle?>(nil)

    /// - Parameter wanted: how much is to be held, in MiB, and whether that changes with time.
    init(_ wanted: @escaping @Sendable () -> (mebibytes: Int, changes: Bool)) {
        self.wanted = wanted
    }

    deinit {
        pieces.withLock { for piece in $0 { Self.unmap(piece) } }
    }

    /// Holds as much as is wanted, ten times a second as long as that changes.
    /// - Returns: whether the system has given it.
    @discardableResult
    func adjust() -> Bool {
        let (mebibytes, changes) = wanted()
        let next = changes ? TimeSource.system.schedule(at: TimeSource.system.now() + .milliseconds(100)) { self.adjust() } : nil
        timer.withLock { timer in
            timer?.cancel()
            timer = next
        }
        return pieces.withLock { pieces in
            while pieces.count > mebibytes { Self.unmap(pieces.removeLast()) }
            while pieces.count < mebibytes {
                guard let piece = Self.map() else { return false }
                pieces.append(piece)
            }
            return true
        }
    }

    private static func map() -> UInt? {
        guard let memory = mmap(nil, piece, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), memory != MAP_FAILED else {
            return nil
        }
        // A page that nobody has written to takes no memory.
        memset(memory, 0xA5, piece)
        return UInt(bitPattern: memory)
    }

    private static func unmap(_ address: UInt) {
        munmap(UnsafeMutableRawPointer(bitPattern: address), piece)
    }
}
