/// What a number of calls amount to: of a load in a phase, or in a quarter of a second.
package struct Aggregate: Sendable {
    package private(set) var counts: [CallOutcome.Kind: Int] = [:]
    /// Counts by the outcome's kind and detail: which fallback step, which policy, which code.
    package private(set) var details: [CallOutcome: Int] = [:]
    /// Answers of the main path within the deadline, counted from the intended start.
    package private(set) var goodCalls = 0
    package private(set) var attempts = 0
    package private(set) var hedges = 0
    package private(set) var maximumAttempts = 0
    package private(set) var wrongAnswers = 0
    package private(set) var lateAnswers = 0
    /// Attempts that the transport sent once more by itself, because the server had not looked at them.
    package private(set) var resends = 0
    /// Calls that were sent again like that and have more attempts than their policies began.
    package private(set) var dearResends = 0
    /// Of the service, where somebody looked.
    package private(set) var occupancy: Occupancy?
    /// Of an adaptive limiter, the latest.
    package private(set) var limit: Int?
    /// Of calls that got an answer.
    package private(set) var answered: LatencyHistogram
    /// Of calls that started and got none.
    package private(set) var failed: LatencyHistogram
    package private(set) var lateness: LatencyHistogram
    /// Of calls that got an answer, from when they really started.
    package private(set) var fromStart: LatencyHistogram

    package init(_ precision: LatencyHistogram.Precision) {
        answered = LatencyHistogram(precision)
        failed = LatencyHistogram(precision)
        lateness = LatencyHistogram(precision)
        fromStart = LatencyHistogram(precision)
    }

    /// All calls, those that were never started included.
    package var calls: Int {
        counts.values.reduce(0, +)
    }

    package func count(_ kind: CallOutcome.Kind) -> Int {
        counts[kind, default: 0]
    }

    package mutating func add(_ call: CallRecord, deadline: Int64) {
        counts[call.outcome.kind, default: 0] += 1
        details[call.outcome, default: 0] += 1
        attempts += call.attempts
        hedges += call.hedges
        maximumAttempts = max(maximumAttempts, call.attempts)
        resends += call.resends
        if call.resends > 0, call.attempts > call.begun { dearResends += 1 }
        if call.hasWrongData { wrongAnswers += 1 }
        if call.isAnsweredLate { lateAnswers += 1 }
        guard call.outcome != .loadDropped else { return }
        let latency = call.ended - call.intendedStart
        if call.outcome == .success, latency <= deadline { goodCalls += 1 }
        if call.outcome.isAnswered {
            answered.record(latency)
            fromStart.record(call.ended - call.started)
        } else {
            failed.record(latency)
        }
        lateness.record(call.started - call.intendedStart)
    }

    /// Notes how much the service had to do, and what its callers were limited to.
    package mutating func note(_ occupancy: Occupancy?, limit: Int?) {
        if let occupancy {
            var sum = self.occupancy ?? Occupancy()
            sum.merge(occupancy)
            self.occupancy = sum
        }
        self.limit = limit ?? self.limit
    }

    package mutating func merge(_ other: Aggregate) {
        counts.merge(other.counts, uniquingKeysWith: +)
        details.merge(other.details, uniquingKeysWith: +)
        goodCalls += other.goodCalls
        attempts += other.attempts
        hedges += other.hedges
        maximumAttempts = max(maximumAttempts, other.maximumAttempts)
        resends += other.resends
        dearResends += other.dearResends
        other.occupancy.map { note($0, limit: nil) }
        limit = other.limit ?? limit
        wrongAnswers += other.wrongAnswers
        lateAnswers += other.lateAnswers
        answered.merge(other.answered)
        failed.merge(other.failed)
        lateness.merge(other.lateness)
        fromStart.merge(other.fromStart)
    }

    /// The metric over these calls, times in seconds; nil where there is nothing to take it of.
    package func value(of metric: Metric) -> Double? {
        switch metric {
        case .successRatio: ratio(count(.success))
        case .answeredRatio: ratio(count(.success) + count(.fallback))
        case .goodputRatio: ratio(goodCalls)
        case .fallbackRatio: ratio(count(.fallback))
        case .rejectedRatio: ratio(count(.rejected))
        case .attemptsPerCall: ratio(attempts)
        case .hedgeRatio: ratio(hedges)
        case .latency(let quantile): answered.seconds(at: quantile.fraction)
        case .latencyMean: answered.mean
        case .latencyFromStart(let quantile): fromStart.seconds(at: quantile.fraction)
        case .failedLatency(let quantile): failed.seconds(at: quantile.fraction)
        case .lateness(let quantile): lateness.seconds(at: quantile.fraction)
        case .queueMax: occupancy.map { Double($0.waiting) }
        case .limitValue: limit.map(Double.init)
        }
    }

    private func ratio(_ count: Int) -> Double? {
        calls > 0 ? Double(count) / Double(calls) : nil
    }
}
