import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Degradation: signals")
struct PressureSignalTests {
    private static func group(_ files: [String: String]) -> ControlGroup {
        ControlGroup { files[$0] }
    }

    @Test("Version 2: the least limit of the group and of those above it counts, and `max` is none")
    func unified() {
        let files = [
            "/proc/self/cgroup": "0::/kube/pod/container\n",
            "/sys/fs/cgroup/kube/pod/container/cpu.max": "max 100000\n",
            "/sys/fs/cgroup/kube/pod/cpu.max": "150000 100000\n",
            "/sys/fs/cgroup/kube/cpu.max": "400000 100000\n",
            "/sys/fs/cgroup/kube/pod/container/memory.max": "1073741824\n",
            "/sys/fs/cgroup/kube/pod/memory.max": "max\n",
        ]
        #expect(Self.group(files).cores == 1.5)
        #expect(Self.group(files).memory == 1_073_741_824)
    }

    @Test("Version 1: quota over period, and a number near 2 to the 63 is no limit; the mount itself is the group inside a container")
    func legacy() {
        let files = [
            "/proc/self/cgroup": "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n0::/docker/abc\n",
            "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "50000\n",
            "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        ]
        #expect(Self.group(files).cores == 0.5)
        #expect(Self.group(files).memory == nil)
        #expect(Self.group(files.merging(["/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1"]) { $1 }).cores == nil)
    }

    @Test("Without control groups, or with files that make no sense, there is no limit", arguments: ["", "0::", "nonsense", "a:b:c\n::\n"])
    func nothing(_ text: String) {
        let group = Self.group(["/proc/self/cgroup": text, "/sys/fs/cgroup/cpu.max": "x y z", "/sys/fs/cgroup/memory.max": "-5"])
        #expect(group.cores == nil && group.memory == nil)
    }

    @Test("S34: a processor that is read seldom is read all the same", arguments: [1, 2, 60] as [Int64])
    func processorReadSeldom(seconds: Int64) {
        let signal = ProcessorPressure(cores: 2)
        let used = 1_500_000_000 * seconds
        #expect(signal.share(at: Instant(nanoseconds: 0), used: 0) == nil)
        #expect(signal.share(at: Instant(nanoseconds: seconds * 1_000_000_000), used: used) == 0.75)
        #expect(signal.share(at: Instant(nanoseconds: 2 * seconds * 1_000_000_000), used: 2 * used) == 0.75)
    }

    @Test("The processor's share is that of the last second, and begins anew after a gap")
    func processor() {
        func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }
        let signal = ProcessorPressure(cores: 2)
        #expect(signal.share(at: at(0), used: 0) == nil)
        // One core of two is busy, then both.
        for time in stride(from: 100, through: 1000, by: 100) as StrideThrough<Int64> {
            #expect(signal.share(at: at(time), used: time * 1_000_000) == 0.5)
        }
        var last: Double?
        for time in stride(from: 100, through: 1000, by: 100) as StrideThrough<Int64> {
            last = signal.share(at: at(1000 + time), used: 1_000_000_000 + 2 * time * 1_000_000)
        }
        #expect(last == 1)
        #expect(signal.share(at: at(180_000), used: 3_000_000_000) == nil)
        #expect(signal.share(at: at(180_100), used: 3_100_000_000) == 0.5)
        #expect(ProcessorPressure(cores: nil).share(at: at(0), used: 0) == nil)
    }

    @Test("Memory is the resident set's share of the group's limit, or of the machine's")
    func memory() {
        let machine = [
            "/proc/self/statm": "765 422 394 5 0 123 0\n", "/proc/meminfo": "MemTotal:       8440 kB\nMemFree:  1 kB\n",
            "/proc/self/cgroup": "0::/\n",
        ]
        let container = machine.merging(["/sys/fs/cgroup/memory.max": "3457024\n"]) { $1 }
        for (files, share) in [(machine, 0.2), (container, 0.5), ([:], nil)] as [([String: String], Double?)] {
            let signal = MemoryPressure(pageSize: 4096, limit: MemoryPressure.limit { files[$0] }) { files[$0] }
            #expect(signal.reading(at: .distantFuture) == share)
        }
    }

    #if os(Linux)
    @Test("This process has a processor and memory, and uses some of both")
    func real() throws {
        let processor = ProcessorPressure()
        // The clock is the test's own, so that a slow machine makes no gap.
        let start = Instant(nanoseconds: 0)
        #expect(processor.reading(at: start) == nil)
        var sum: UInt64 = 0
        for number in 0..<200_000 as Range<UInt64> { sum = sum &* 31 &+ number }
        #expect(sum != 0)
        let share = try #require(processor.reading(at: start + .milliseconds(100)))
        #expect(share > 0)
        let memory = try #require(MemoryPressure().reading(at: start))
        #expect(memory > 0 && memory < 1)
    }
    #endif

    @Test("Reports: the longest since the last reading, and then none")
    func reports() {
        let signal = ReportedPressure()
        for milliseconds in [5, 20, 10] { signal.report(.milliseconds(milliseconds)) }
        signal.report(.seconds(-1))
        #expect(signal.reading(at: .distantFuture) == 0.02)
        #expect(signal.reading(at: .distantFuture) == 0)
    }

    @Test("A probe that finds no thread counts by how long it has waited; one that ran says how long that took")
    func lag() throws {
        let world = VirtualTime()
        let probe = LagProbe(world.timeSource)
        #expect(probe.reading(at: world.now()) == 0)
        // Nobody runs the world's tasks while its clock is moved by hand.
        world.advance(by: .milliseconds(70))
        #expect(probe.reading(at: world.now()) == 0.07)
        world.advance(by: .milliseconds(30))
        try world.run { await Task.yield() }
        #expect(probe.reading(at: world.now()) == 0.1)
        try world.run { await Task.yield() }
        #expect(probe.reading(at: world.now()) == 0)
    }
}
