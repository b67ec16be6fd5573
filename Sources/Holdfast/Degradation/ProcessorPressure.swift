#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The share of the processor time that the process may use, over about the last second, or since the reading before if that is
/// longer ago: of its control group's quota, or of the machine's cores without one. It says nothing outside Linux.
public final class ProcessorPressure: PressureSignal {
    private struct Sample {
        let at: Int64
        let used: Int64
    }

    /// Shorter spans are mostly noise: the kernel counts in ticks of some milliseconds.
    private static let span: Int64 = 1_000_000_000
    /// After a longer one than this nobody was asking, and what was used in it says nothing about now. Twice the longest
    /// ``DegradationController/Configuration/sampleEvery``.
    private static let gap: Int64 = 120_000_000_000

    /// Read once for the process, when it is first needed.
    private static let available: Double? = {
        #if os(Linux)
        let online = Double(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1))
        return min(ControlGroup().cores ?? online, online)
        #else
        return nil
        #endif
    }()

    private let samples = Locked<[Sample]>([])
    private let cores: @Sendable () -> Double?

    /// Makes a signal for this process.
    public convenience init() {
        self.init(cores: Self.available)
    }

    /// - Parameter cores: how many cores' worth of time is all of it; nil to say nothing.
    init(cores: @autoclosure @escaping @Sendable () -> Double?) {
        self.cores = cores
    }

    /// The share now; nil at the first reading and at the first after two minutes without one.
    public func reading(at now: Instant) -> Double? {
        var time = timespec()
        guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return nil }
        return share(at: now, used: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }

    /// - Parameter used: the processor time that the process has used so far, in nanoseconds.
    func share(at now: Instant, used: Int64) -> Double? {
        guard let cores = cores() else { return nil }
        let new = Sample(at: now.nanoseconds, used: used)
        let oldest = samples.withLock { samples -> Sample? in
            if let last = samples.last, last.at < new.at.subtractingSaturating(Self.gap) { samples.removeAll() }
            // The oldest is the last from before the span, if there is one, so that the whole span is covered.
            while samples.count > 1, samples[1].at <= new.at.subtractingSaturating(Self.span) { samples.removeFirst() }
            samples.append(new)
            return samples.first
        }
        guard let oldest, oldest.at < new.at else { return nil }
        return Double(new.used - oldest.used) / (Double(new.at - oldest.at) * cores)
    }
}
