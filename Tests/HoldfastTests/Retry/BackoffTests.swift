import Testing

@testable import Holdfast

@Suite("Backoff")
struct BackoffTests {
    @Test(
        "S61: the growth decides the wait and the cap applies last",
        arguments: [
            (try Backoff.constant(.milliseconds(70), jitter: .none), [70, 70, 70, 70, 70]),
            (
                try .linear(base: .milliseconds(50), step: .milliseconds(100), max: .milliseconds(300), jitter: .none),
                [50, 150, 250, 300, 300]
            ),
            (try .linear(base: .zero, step: .milliseconds(100), max: .seconds(1), jitter: .none), [0, 100, 200, 300, 400]),
            (try .exponential(base: .milliseconds(100), factor: 2, max: .seconds(1), jitter: .none), [100, 200, 400, 800, 1000]),
            (try .exponential(base: .milliseconds(100), factor: 1, max: .seconds(1), jitter: .none), [100, 100, 100, 100, 100]),
            (try .exponential(base: .milliseconds(200), factor: 1.5, max: .seconds(1), jitter: .none), [200, 300, 450, 675, 1000]),
        ] as [(Backoff, [Int])])
    func growth(backoff: Backoff, milliseconds: [Int]) {
        for (index, expected) in milliseconds.enumerated() {
            let bounds = backoff.bounds(retry: index + 1)
            #expect(bounds.lower == .milliseconds(expected))
            #expect(bounds.upper == .milliseconds(expected))
            #expect(backoff.delay(retry: index + 1, random: .system) == .milliseconds(expected))
        }
    }

    @Test("S61: full jitter is gRFC A6's random(0, min(initial x multiplier^(n-1), max))")
    func full() throws {
        let backoff = try Backoff.exponential(base: .milliseconds(100), factor: 2, max: .seconds(1))
        let bounds = (1...6).map { backoff.bounds(retry: $0) }
        #expect(bounds.allSatisfy { $0.lower == .zero })
        #expect(bounds.map(\.upper) == [100, 200, 400, 800, 1000, 1000].map { .milliseconds($0) })
    }

    @Test("S61: equal jitter keeps half")
    func equal() throws {
        let backoff = try Backoff.exponential(base: .milliseconds(100), factor: 2, max: .seconds(1), jitter: .equal)
        #expect(backoff.bounds(retry: 3) == (.milliseconds(200), .milliseconds(400)))
        #expect(backoff.bounds(retry: 9) == (.milliseconds(500), .seconds(1)))
    }

    @Test("S61: decorrelated jitter goes by the wait before: random(base, 3 x previous), capped last")
    func decorrelated() throws {
        let backoff = try Backoff.exponential(base: .milliseconds(100), factor: 2, max: .seconds(1), jitter: .decorrelated)
        #expect(backoff.bounds(retry: 1) == (.milliseconds(100), .milliseconds(300)))
        #expect(backoff.bounds(retry: 7, previous: .milliseconds(200)) == (.milliseconds(100), .milliseconds(600)))
        #expect(backoff.bounds(retry: 7, previous: .milliseconds(900)) == (.milliseconds(100), .seconds(1)))
        #expect(backoff.bounds(retry: 2, previous: .zero) == (.milliseconds(100), .milliseconds(300)))
        let constant = try Backoff.constant(.milliseconds(70), jitter: .decorrelated)
        #expect(constant.bounds(retry: 2, previous: .milliseconds(70)) == (.milliseconds(70), .milliseconds(70)))
    }

    @Test("S61: attempt 10,000 is finite, and so is any other", arguments: Backoff.Jitter.allCases)
    func saturates(jitter: Backoff.Jitter) throws {
        let long = Duration.seconds(Int64.max)
        let backoffs = [
            try Backoff.exponential(base: .milliseconds(100), factor: 2, max: .seconds(2), jitter: jitter),
            try .exponential(base: long, factor: .greatestFiniteMagnitude, max: long, jitter: jitter),
            try .linear(base: .seconds(1), step: long, max: long, jitter: jitter),
            try .constant(long, jitter: jitter),
        ]
        for backoff in backoffs {
            for retry in [Int.min, 0, 1, 2, 10_000, .max] {
                let (lower, upper) = backoff.bounds(retry: retry, previous: long)
                #expect(.zero <= lower && lower <= upper && upper <= .nanoseconds(Int64.max))
                let delay = backoff.delay(retry: retry, previous: long, random: RandomSource(seed: 3))
                #expect(lower <= delay && delay <= upper)
            }
        }
        #expect(backoffs[0].bounds(retry: 10_000).upper <= .seconds(2))
    }

    @Test("S82: a wait outside its range is refused with the field, the value and the range")
    func ranges() {
        expect("backoff.constant.delay: -1.0 seconds is negative; give zero or more") { try .constant(.seconds(-1)) }
        expect("backoff.linear.base: -1.0 seconds is negative; give zero or more") {
            try .linear(base: .seconds(-1), step: .zero, max: .seconds(1))
        }
        expect("backoff.linear.step: -1.0 seconds is negative; give zero or more") {
            try .linear(base: .seconds(1), step: .seconds(-1), max: .seconds(1))
        }
        expect("backoff.linear.max: 1.0 seconds is below backoff.linear.base, 2.0 seconds") {
            try .linear(base: .seconds(2), step: .seconds(1), max: .seconds(1))
        }
        expect("backoff.linear.base: 0.0 seconds is not above zero") {
            try .linear(base: .zero, step: .seconds(1), max: .seconds(1), jitter: .decorrelated)
        }
        expect("backoff.exponential.base: 0.0 seconds is not above zero") { try .exponential(base: .zero) }
        expect("backoff.exponential.factor: 0.5 is not a finite number of at least 1.0") { try .exponential(factor: 0.5) }
        expect("backoff.exponential.factor: nan is not a finite number of at least 1.0") { try .exponential(factor: .nan) }
        expect("backoff.exponential.factor: inf is not a finite number of at least 1.0") { try .exponential(factor: .infinity) }
        expect("backoff.exponential.max: 0.05 seconds is below backoff.exponential.base, 0.1 seconds") {
            try .exponential(max: .milliseconds(50))
        }
    }

    private func expect(_ message: String, _ make: () throws -> Backoff) {
        #expect { try make() } throws: { "\($0)" == message }
    }

    /// The model multiplies and adds step by step, and stops at the cap.
    @Test("S61: every draw is within its bounds and the bounds are the model's, for random parameters")
    func property() async throws {
        for seed in 0..<4000 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            let base = Int64.random(in: 1...5_000_000_000, using: &random)
            let max = base + Int64.random(in: 0...50_000_000_000, using: &random)
            let step = Int64.random(in: 0...3_000_000_000, using: &random)
            let factor = Double.random(in: 1...4, using: &random)
            let jitter = Backoff.Jitter.allCases.randomElement(using: &random)!
            let growths: [Backoff.Growth] = [
                .constant(delay: .nanoseconds(base)),
                .linear(base: .nanoseconds(base), step: .nanoseconds(step), max: .nanoseconds(max)),
                .exponential(base: .nanoseconds(base), factor: factor, max: .nanoseconds(max)),
            ]
            let growth = growths.randomElement(using: &random)!
            let backoff = try Backoff(growth, jitter: jitter)
            var model = Double(base)
            var previous: Duration?
            for retry in 1...12 {
                var upper = model
                var lower = model
                switch jitter {
                case .none: break
                case .full: lower = 0
                case .equal: lower = model / 2
                case .decorrelated:
                    lower = Double(base)
                    upper =
                        if case .constant = growth { lower } else { min(Swift.max(previous?.seconds ?? 0, lower / 1e9) * 3e9, Double(max)) }
                }
                let bounds = backoff.bounds(retry: retry, previous: previous)
                let tolerance = 2 + upper * 1e-12
                if abs(Double(bounds.lower.nanoseconds) - lower) > tolerance || abs(Double(bounds.upper.nanoseconds) - upper) > tolerance {
                    #expect(bounds == (.nanoseconds(Int64(lower)), .nanoseconds(Int64(upper))), "seed \(seed), retry \(retry)")
                }
                let delay = backoff.delay(retry: retry, previous: previous, random: random)
                if delay < bounds.lower || delay > bounds.upper {
                    #expect(delay >= bounds.lower && delay <= bounds.upper, "seed \(seed), retry \(retry)")
                }
                previous = delay
                switch growth {
                case .constant: break
                case .linear: model = min(model + Double(step), Double(max))
                case .exponential: model = min(model * factor, Double(max))
                }
            }
            if seed % 4 == 0 { await Task.yield() }
        }
    }

    @Test("Draws cover their range evenly")
    func spread() throws {
        let backoff = try Backoff.constant(.seconds(1))
        let random = RandomSource(seed: 11)
        var quarters = [0, 0, 0, 0]
        for _ in 0..<4000 { quarters[min(Int(backoff.delay(retry: 1, random: random).seconds * 4), 3)] += 1 }
        #expect(quarters.allSatisfy { (900...1100).contains($0) }, "\(quarters)")
    }
}
