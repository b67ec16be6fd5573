package import Holdfast

/// Decides which endpoints are ejected, and when they return. Pure: it is told what happened and what time it is.
package struct OutlierDetector {
    private struct Record {
        /// Failures since the last success.
        var row = 0
        /// In this interval.
        var calls = 0
        var failures = 0
        /// Until when it is ejected; nil while it is not.
        var until: Instant?
        /// How many base times the last ejection lasted, less the intervals that went well since.
        var ejections = 0

        mutating func forgetCalls() {
            row = 0
            calls = 0
            failures = 0
        }
    }

    private let rules: OutlierDetection
    private var records: [Int: Record] = [:]
    private(set) var ejectedCount = 0

    package init(_ rules: OutlierDetection) {
        self.rules = rules
    }

    package func isEjected(_ id: Int) -> Bool { records[id]?.until != nil }

    /// When the next ejected endpoint returns; nil when none is ejected.
    var nextReturn: Instant? { records.values.lazy.compactMap(\.until).min() }

    /// Whether nothing has to be looked at when the interval ends.
    package var isAtRest: Bool { records.values.allSatisfy { $0.calls == 0 && $0.ejections == 0 } }

    package mutating func add(_ id: Int) {
        if records[id] == nil { records[id] = Record() }
    }

    mutating func remove(_ id: Int) {
        if records.removeValue(forKey: id)?.until != nil { ejectedCount -= 1 }
    }

    /// Whether the end of a call speaks against its endpoint, as the policies see it (S3); nil when it says nothing.
    package static func isFailure(_ outcome: Result<Void, any Error>) -> Bool? {
        guard case .failure(let error) = outcome else { return false }
        return switch Classification.standard.outcome(of: error) {
        case .failure: true
        case .success: false
        case .ignored, .cancelled: nil
        }
    }

    /// A call ended. What an ejected endpoint still answers changes nothing.
    /// - Returns: whether the endpoint is ejected for it.
    package mutating func record(_ id: Int, failed: Bool, now: Instant) -> Bool {
        guard var record = records[id], record.until == nil else { return false }
        record.calls += 1
        record.row = failed ? record.row + 1 : 0
        if failed { record.failures += 1 }
        records[id] = record
        guard let limit = rules.consecutiveFailures, record.row >= limit else { return false }
        return eject(id, now)
    }

    /// An interval is over: ejects those that failed too much in it, the worst first.
    /// - Returns: those that are ejected now.
    @discardableResult
    package mutating func intervalEnded(now: Instant) -> [Int] {
        var suspects: [(id: Int, rate: Double)] = []
        for (id, record) in records where record.until == nil && record.calls >= rules.minimumCalls {
            let rate = Double(record.failures) / Double(record.calls)
            if let limit = rules.failureRate, rate >= limit { suspects.append((id, rate)) }
        }
        suspects.sort { ($1.rate, $0.id) < ($0.rate, $1.id) }
        let ejected = suspects.map(\.id).filter { eject($0, now) }
        for id in records.keys where records[id]?.until == nil {
            records[id]?.calls = 0
            records[id]?.failures = 0
            if let ejections = records[id]?.ejections, ejections > 0 { records[id]?.ejections = ejections - 1 }
        }
        return ejected
    }

    /// Lets those return whose time is over.
    @discardableResult
    package mutating func takeReturning(now: Instant) -> [Int] {
        let returning = records.filter { $0.value.until.map { $0 <= now } ?? false }.keys.sorted()
        for id in returning { records[id]?.until = nil }
        ejectedCount -= returning.count
        return returning
    }

    private mutating func eject(_ id: Int, _ now: Instant) -> Bool {
        let after = ejectedCount + 1
        guard after < records.count, Double(after) <= rules.maximumEjected * Double(records.count) else { return false }
        guard var record = records[id] else { return false }
        record.forgetCalls()
        record.ejections += 1
        let (time, overflow) = rules.baseEjectionTime.nanoseconds.multipliedReportingOverflow(by: Int64(record.ejections))
        let longest = rules.maximumEjectionTime.nanoseconds
        record.until = now.advanced(byNanoseconds: overflow ? longest : min(time, longest))
        records[id] = record
        ejectedCount = after
        return true
    }
}
