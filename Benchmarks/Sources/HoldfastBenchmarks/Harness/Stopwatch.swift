import Holdfast

/// The time since it was started, on the clock that the policies read.
struct Stopwatch {
    private let start = TimeSource.system.now().nanoseconds

    var nanoseconds: Int64 { TimeSource.system.now().nanoseconds - start }
    var seconds: Double { Double(nanoseconds) / 1e9 }
}
