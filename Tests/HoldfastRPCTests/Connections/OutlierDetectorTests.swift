import Holdfast
import Testing

@testable import HoldfastRPC

@Suite("Outlier detection")
struct OutlierDetectorTests {
    private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    private func detector(of count: Int, _ rules: OutlierDetection) -> OutlierDetector {
        var detector = OutlierDetector(rules)
        for id in 0..<count { detector.add(id) }
        return detector
    }

    @Test("Failures in a row eject; a success between them starts the row anew")
    func row() throws {
        var detector = detector(of: 2, try OutlierDetection(consecutiveFailures: 3))
        let outcomes = [true, true, false, true, true, true].map { detector.record(0, failed: $0, now: at(0)) }
        #expect(outcomes == [false, false, false, false, false, true])
        #expect(detector.isEjected(0) && detector.nextReturn == at(30))
    }

    @Test(
        "The largest share holds after an ejection, and the last endpoint stays",
        arguments: [(1, 1.0, 0), (2, 1.0, 1), (4, 0.5, 2), (4, 0.74, 2), (4, 0.75, 3), (3, 0.3, 0), (10, 0.1, 1), (5, 0, 0)])
    func share(count: Int, maximumEjected: Double, ejected: Int) throws {
        var detector = detector(of: count, try OutlierDetection(consecutiveFailures: 1, maximumEjected: maximumEjected))
        for id in 0..<count { _ = detector.record(id, failed: true, now: at(0)) }
        #expect(detector.ejectedCount == ejected)
    }

    @Test("Ejections grow by the base time, up to the longest; intervals that go well shorten the next")
    func growth() throws {
        let rules = try OutlierDetection(
            consecutiveFailures: 1, baseEjectionTime: .seconds(30), maximumEjectionTime: .seconds(70), maximumEjected: 1)
        var detector = detector(of: 2, rules)
        var now = at(0)
        for length in [30, 60, 70, 70] as [Int64] {
            let isEjected = detector.record(0, failed: true, now: now)
            #expect(isEjected && detector.nextReturn == now.advanced(by: .seconds(length)))
            now = now.advanced(by: .seconds(length))
            let returning = [detector.takeReturning(now: now.advanced(by: .nanoseconds(-1))), detector.takeReturning(now: now)]
            #expect(returning == [[], [0]])
        }
        for _ in 0..<3 { _ = detector.intervalEnded(now: now) }
        #expect(!detector.isAtRest)
        let isEjected = detector.record(0, failed: true, now: now)
        #expect(isEjected && detector.nextReturn == now.advanced(by: .seconds(60)))
    }

    @Test("The rate is looked at once an interval, from the minimum of calls on, the worst first")
    func rate() throws {
        let rules = try OutlierDetection(consecutiveFailures: nil, failureRate: 0.5, minimumCalls: 4, maximumEjected: 0.34)
        var detector = detector(of: 3, rules)
        for (id, calls, failures) in [(0, 4, 2), (1, 4, 3), (2, 3, 3)] {
            for number in 0..<calls { _ = detector.record(id, failed: number < failures, now: at(0)) }
        }
        // 2 has too few calls; of 0 and 1 only one may go.
        let ejected = [detector.intervalEnded(now: at(10)), detector.intervalEnded(now: at(20))]
        #expect(ejected == [[1], []])
    }

    @Test("Twenty thousand random sequences go as a slow model says")
    func model() throws {
        let random = RandomSource(seed: 4)
        for sequence in 0..<20_000 {
            let rules = try OutlierDetection(
                consecutiveFailures: random.next() % 4 == 0 ? nil : Int(random.next() % 4) + 1,
                failureRate: random.next() % 4 == 0 ? nil : 0.25 + 0.75 * random.uniform(), minimumCalls: Int(random.next() % 6) + 1,
                baseEjectionTime: .seconds(30), maximumEjectionTime: .seconds(30 + Int64(random.next() % 100)),
                maximumEjected: random.uniform())
            var detector = OutlierDetector(rules)
            var model = OutlierModel(rules: rules)
            var now = at(0)
            for _ in 0..<30 {
                now = now.advanced(by: .seconds(Int64(random.next() % 12)))
                let id = Int(random.next() % 5)
                let isRight: Bool
                switch random.next() % 16 {
                case 0:
                    detector.add(id)
                    model.add(id)
                    isRight = true
                case 1 where random.next() % 2 == 0:
                    detector.remove(id)
                    model.endpoints.removeAll { $0.id == id }
                    isRight = true
                case 1, 2: isRight = detector.intervalEnded(now: now) == model.intervalEnded(now)
                case 3: isRight = detector.takeReturning(now: now) == model.takeReturning(now)
                default:
                    let failed = random.next() % 2 == 0
                    isRight = detector.record(id, failed: failed, now: now) == model.record(id, failed, now)
                }
                let ejected = model.endpoints.filter { $0.until != nil }
                guard isRight, detector.ejectedCount == ejected.count, detector.nextReturn == ejected.compactMap(\.until).min(),
                    (0..<5).allSatisfy({ id in detector.isEjected(id) == ejected.contains { $0.id == id } })
                else {
                    Issue.record("sequence \(sequence) at \(now)")
                    return
                }
            }
        }
    }
}

/// The rules of outlier detection, written to be read: every call of an interval is kept, and counted when asked.
private struct OutlierModel {
    struct Member {
        let id: Int
        var sinceSuccess: [Bool] = []
        var interval: [Bool] = []
        var until: Instant?
        var steps = 0
    }

    let rules: OutlierDetection
    var endpoints: [Member] = []

    mutating func add(_ id: Int) {
        if !endpoints.contains(where: { $0.id == id }) { endpoints.append(Member(id: id)) }
    }

    mutating func record(_ id: Int, _ failed: Bool, _ now: Instant) -> Bool {
        guard let index = endpoints.firstIndex(where: { $0.id == id && $0.until == nil }) else { return false }
        endpoints[index].interval.append(failed)
        if failed { endpoints[index].sinceSuccess.append(true) } else { endpoints[index].sinceSuccess = [] }
        guard let limit = rules.consecutiveFailures, endpoints[index].sinceSuccess.count >= limit else { return false }
        return eject(index, now)
    }

    mutating func intervalEnded(_ now: Instant) -> [Int] {
        func rate(_ member: Member) -> Double { Double(member.interval.count { $0 }) / Double(member.interval.count) }
        let suspects = endpoints.filter { member in
            guard let limit = rules.failureRate, member.until == nil, member.interval.count >= rules.minimumCalls else { return false }
            return rate(member) >= limit
        }
        let order = suspects.sorted { rate($0) == rate($1) ? $0.id < $1.id : rate($0) > rate($1) }
        let ejected = order.filter { member in eject(endpoints.firstIndex { $0.id == member.id }!, now) }
        for index in endpoints.indices where endpoints[index].until == nil {
            endpoints[index].interval = []
            endpoints[index].steps = max(endpoints[index].steps - 1, 0)
        }
        return ejected.map(\.id)
    }

    mutating func takeReturning(_ now: Instant) -> [Int] {
        var ids: [Int] = []
        for index in endpoints.indices {
            guard let until = endpoints[index].until, until <= now else { continue }
            endpoints[index].until = nil
            ids.append(endpoints[index].id)
        }
        return ids.sorted()
    }

    private mutating func eject(_ index: Int, _ now: Instant) -> Bool {
        let others = endpoints.count { $0.until != nil }
        let share = Double(others + 1) / Double(endpoints.count)
        guard others + 1 < endpoints.count, share <= rules.maximumEjected else { return false }
        endpoints[index].sinceSuccess = []
        endpoints[index].interval = []
        endpoints[index].steps += 1
        let time = min(rules.baseEjectionTime * endpoints[index].steps, rules.maximumEjectionTime)
        endpoints[index].until = now.advanced(by: time)
        return true
    }
}
