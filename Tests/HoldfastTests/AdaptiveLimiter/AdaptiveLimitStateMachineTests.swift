import Testing

@testable import Holdfast

@Suite("Adaptive limiter: the limit")
struct AdaptiveLimitStateMachineTests {
    typealias Configuration = AdaptiveLimiter.Configuration

    /// One sample: the round-trip time in milliseconds, attempts in flight, whether it was a drop, and the limit afterwards.
    struct Step: Sendable {
        let rtt: Int64
        let inFlight: Int
        var isDrop = false
        let limit: Int
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let configuration: Configuration
        let steps: [Step]
        var testDescription: String { name }
    }

    private static func machine(_ configuration: Configuration, seed: UInt64 = 1) -> Holder<AdaptiveLimitStateMachine> {
        var random = RandomSource(seed: seed)
        return Holder(AdaptiveLimitStateMachine(configuration, random: &random))
    }

    private static let cases: [Case] = [
        Case(
            name: "al-01, VegasLimitTest.increaseLimit", configuration: try! .init(vegas, initial: 10, maximum: 20),
            steps: [Step(rtt: 10, inFlight: 10, limit: 10), Step(rtt: 10, inFlight: 11, limit: 16)]),
        Case(
            name: "VegasLimitTest.decreaseLimit", configuration: try! .init(vegas, initial: 10, maximum: 20),
            steps: [Step(rtt: 10, inFlight: 10, limit: 10), Step(rtt: 50, inFlight: 11, limit: 9)]),
        Case(
            name: "VegasLimitTest.noChangeIfWithinThresholds", configuration: try! .init(vegas, initial: 10, maximum: 20),
            steps: [Step(rtt: 10, inFlight: 10, limit: 10), Step(rtt: 14, inFlight: 14, limit: 10)]),
        Case(
            name: "VegasLimitTest.largeLimitIncrease", configuration: try! .init(.vegas(), initial: 10_000, maximum: 20_000),
            steps: [Step(rtt: 10_000, inFlight: 5000, limit: 10_000), Step(rtt: 10_000, inFlight: 6000, limit: 10_024)]),
        Case(
            name: "VegasLimitTest.decreaseSmoothing",
            configuration: try! .init(.vegas(.init(decrease: .share(0.5), smoothing: 0.5)), initial: 100, maximum: 200),
            steps: [
                Step(rtt: 10, inFlight: 100, limit: 100), Step(rtt: 20, inFlight: 100, limit: 75), Step(rtt: 20, inFlight: 100, limit: 56),
            ]),
        Case(
            name: "VegasLimitTest.decreaseWithoutSmoothing",
            configuration: try! .init(.vegas(.init(decrease: .share(0.5))), initial: 100, maximum: 200),
            steps: [
                Step(rtt: 10, inFlight: 100, limit: 100), Step(rtt: 20, inFlight: 100, limit: 50), Step(rtt: 20, inFlight: 100, limit: 25),
            ]),
        Case(
            name: "al-06, AIMDLimitTest.increaseOnSuccess", configuration: try! .init(.aimd(), initial: 20, minimum: 20, maximum: 200),
            steps: [Step(rtt: 1, inFlight: 10, limit: 21)]),
        Case(
            name: "AIMDLimitTest.decreaseOnDrops", configuration: try! .init(.aimd(), initial: 30, minimum: 20, maximum: 200),
            steps: [Step(rtt: 0, inFlight: 0, isDrop: true, limit: 27)]),
        Case(
            name: "AIMDLimitTest.successOverflow", configuration: try! .init(.aimd(), initial: 21, minimum: 20, maximum: 21),
            steps: [Step(rtt: 1, inFlight: 10, limit: 21)]),
        Case(
            name: "AIMD: an answer after the timeout is a drop",
            configuration: try! .init(.aimd(.init(backoff: 0.5, timeout: .milliseconds(100))), initial: 20),
            steps: [Step(rtt: 100, inFlight: 20, limit: 21), Step(rtt: 101, inFlight: 21, limit: 10)]),
        Case(
            name: "Gradient2: a steady time lets the limit grow by the smoothed queue",
            configuration: try! .init(.gradient2(), initial: 20),
            steps: [
                Step(rtt: 10, inFlight: 20, limit: 20), Step(rtt: 10, inFlight: 20, limit: 21), Step(rtt: 10, inFlight: 20, limit: 22),
            ]),
        Case(
            name: "Gradient2: twice the normal time, tolerance 1, shrinks it by the gradient",
            configuration: try! .init(.gradient2(.init(queueSize: .fixed(0), smoothing: 1, tolerance: 1)), initial: 100),
            steps: [Step(rtt: 10, inFlight: 100, limit: 100), Step(rtt: 30, inFlight: 100, limit: 66)]),
    ]
    private static let vegas = Configuration.Algorithm.vegas(.init(alpha: .fixed(3), beta: .fixed(6), probeEvery: nil))

    @Test("S70: the published cases come out", arguments: cases)
    func published(_ table: Case) {
        let machine = Self.machine(table.configuration)
        var random = RandomSource(seed: 2)
        for step in table.steps {
            machine.value.sample(rtt: .milliseconds(step.rtt), inFlight: step.inFlight, didDrop: step.isDrop, random: &random)
            #expect(machine.value.limit == step.limit)
        }
    }

    @Test("S70: the limit does not climb while unused", arguments: [Configuration.Algorithm.aimd(), .vegas(), .gradient2()])
    func unused(_ algorithm: Configuration.Algorithm) throws {
        let machine = Self.machine(try .init(algorithm, initial: 40))
        var random = RandomSource(seed: 2)
        for _ in 0..<500 { machine.value.sample(rtt: .milliseconds(10), inFlight: 19, didDrop: false, random: &random) }
        #expect(machine.value.limit == 40)
        for _ in 0..<500 { machine.value.sample(rtt: .milliseconds(10), inFlight: 400, didDrop: false, random: &random) }
        #expect(machine.value.limit > 40)
    }

    @Test(
        "S70: a drop is a signal of its own: it shrinks the limit however quick and however idle, and is no measure of time",
        arguments: [Configuration.Algorithm.aimd(), .vegas(), .gradient2()])
    func drop(_ algorithm: Configuration.Algorithm) throws {
        let machine = Self.machine(try .init(algorithm, initial: 100))
        var random = RandomSource(seed: 2)
        for _ in 0..<20 {
            let before = machine.value.limit
            machine.value.sample(rtt: .nanoseconds(1), inFlight: 0, didDrop: true, random: &random)
            #expect(machine.value.limit < before)
        }
        // Had a drop's nanosecond become the shortest time, Vegas would take 10 ms for one long queue.
        machine.value.reset(random: &random)
        for milliseconds in [10, 10, 11, 10] {
            for isDrop in [true, false] {
                machine.value.sample(
                    rtt: isDrop ? .nanoseconds(1) : .milliseconds(milliseconds), inFlight: 100, didDrop: isDrop, random: &random)
            }
        }
        let before = machine.value.limit
        for _ in 0..<2 { machine.value.sample(rtt: .milliseconds(10), inFlight: 100, didDrop: false, random: &random) }
        #expect(machine.value.limit > before)
    }

    @Test("Absurd samples trap nowhere", arguments: [Configuration.Algorithm.aimd(), .vegas(), .gradient2()])
    func absurd(_ algorithm: Configuration.Algorithm) throws {
        let machine = Self.machine(try .init(algorithm, minimum: 1, maximum: 1_000_000))
        var random = RandomSource(seed: 2)
        for rtt in [Duration.seconds(Int64.min), .zero, .nanoseconds(1), .seconds(Int64.max)] {
            for inFlight in [Int.min, -1, 0, Int.max] {
                for isDrop in [false, true] {
                    machine.value.sample(rtt: rtt, inFlight: inFlight, didDrop: isDrop, random: &random)
                    #expect((1...1_000_000).contains(machine.value.limit))
                }
            }
        }
    }

    @Test("S70: Vegas measures the time without load anew from time to time")
    func probe() throws {
        let machine = Self.machine(try .init(.vegas(.init(probeEvery: 1)), initial: 10, maximum: 10))
        var random = RandomSource(seed: 2)
        machine.value.sample(rtt: .milliseconds(1), inFlight: 10, didDrop: false, random: &random)
        // The service has become slower for good: at first that looks like a queue.
        machine.value.sample(rtt: .milliseconds(100), inFlight: 10, didDrop: false, random: &random)
        #expect(machine.value.limit == 9)
        for _ in 0..<100 { machine.value.sample(rtt: .milliseconds(100), inFlight: 10, didDrop: false, random: &random) }
        #expect(machine.value.limit == 10)
    }

    @Test("S54: new bounds clamp the limit, new constants keep what was measured, another algorithm begins at the limit reached")
    func reconfigure() throws {
        let machine = Self.machine(try .init(.vegas(), initial: 50))
        var random = RandomSource(seed: 2)
        machine.value.sample(rtt: .milliseconds(10), inFlight: 50, didDrop: false, random: &random)
        machine.value.reconfigure(try .init(.vegas(.init(beta: .fixed(7))), minimum: 4, maximum: 40), random: &random)
        #expect(machine.value.limit == 40)
        machine.value.reconfigure(try .init(.vegas(.init(beta: .fixed(7))), maximum: 100), random: &random)
        machine.value.sample(rtt: .milliseconds(10), inFlight: 50, didDrop: false, random: &random)
        #expect(machine.value.limit == 47)
        machine.value.reconfigure(try .init(.aimd(), initial: 20, maximum: 100), random: &random)
        #expect(machine.value.limit == 47)
        machine.value.sample(rtt: .milliseconds(10), inFlight: 47, didDrop: false, random: &random)
        #expect(machine.value.limit == 48)
        machine.value.reset(random: &random)
        #expect(machine.value.limit == 20)
    }

    @Test("S70: random samples move the limit as the published algorithms do, and never out of its bounds")
    func model() async throws {
        for seed in 0..<9000 as Range<UInt64> {
            var chance = RandomSource(seed: seed)
            let configuration = try Self.randomConfiguration(&chance)
            var random = RandomSource(seed: seed &+ 1 << 32)
            var machine = AdaptiveLimitStateMachine(configuration, random: &random)
            var model = PublishedLimits(configuration, random: RandomSource(seed: seed &+ 1 << 32))
            var base: Int64 = 10_000_000
            for _ in 0..<30 {
                if Int.random(in: 0..<8, using: &chance) == 0 { base = Int64.random(in: 1...50_000_000, using: &chance) }
                let rtt = base + Int64.random(in: 0...base, using: &chance)
                let inFlight = Int.random(in: 0...machine.limit * 2, using: &chance)
                let isDrop = Int.random(in: 0..<6, using: &chance) == 0
                let before = machine.limit
                machine.sample(rtt: .nanoseconds(rtt), inFlight: inFlight, didDrop: isDrop, random: &random)
                let expected = model.sample(rtt: Double(rtt), inFlight: inFlight, didDrop: isDrop)
                if machine.limit != expected { #expect(machine.limit == expected, "seed \(seed)") }
                let isWithin = (configuration.minimum...configuration.maximum).contains(machine.limit)
                if !isWithin { #expect(isWithin, "seed \(seed)") }
                let climbed = machine.limit > before && (isDrop || inFlight * 2 < before)
                if climbed { #expect(!climbed, "seed \(seed)") }
            }
            if seed % 4 == 0 { await Task.yield() }
        }
    }

    private static func randomConfiguration(_ chance: inout RandomSource) throws -> Configuration {
        func step(_ chance: inout RandomSource) -> Configuration.Step {
            switch Int.random(in: 0..<3, using: &chance) {
            case 0: .fixed(Int.random(in: 0...8, using: &chance))
            case 1: .logarithmic(Int.random(in: 0...6, using: &chance))
            default: .share(Double.random(in: 0...0.5, using: &chance))
            }
        }
        let smoothing = Double.random(in: 0.05...1, using: &chance)
        let algorithm: Configuration.Algorithm
        switch Int.random(in: 0..<5, using: &chance) {
        case 0: algorithm = .vegas()
        case 1: algorithm = .gradient2()
        case 2: algorithm = .aimd(.init(backoff: .random(in: 0.5..<1, using: &chance), timeout: .milliseconds(60)))
        case 3:
            algorithm = .vegas(
                .init(
                    alpha: step(&chance), beta: step(&chance), threshold: step(&chance), increase: step(&chance),
                    decrease: step(&chance), smoothing: smoothing, probeEvery: Bool.random(using: &chance) ? 1 : nil))
        default:
            algorithm = .gradient2(
                .init(
                    queueSize: step(&chance), smoothing: smoothing, longWindow: .random(in: 10...40, using: &chance),
                    tolerance: .random(in: 1...3, using: &chance)))
        }
        let minimum = Int.random(in: 1...20, using: &chance)
        let maximum = minimum + Int.random(in: 0...300, using: &chance)
        return try Configuration(algorithm, initial: .random(in: minimum...maximum, using: &chance), minimum: minimum, maximum: maximum)
    }
}
