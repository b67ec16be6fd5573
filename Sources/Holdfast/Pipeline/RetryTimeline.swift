/// When the attempts of a retried call start at the latest: each takes all the time it may, each wait is the longest that can be drawn
/// by whichever rule allows the most.
struct RetryTimeline {
    /// When each attempt starts, in nanoseconds after the first.
    let starts: [Int64]
    /// How long an attempt may take.
    let attempt: Int64
    /// The longest waits together.
    let waits: Int64

    init(_ retry: Retry.Configuration, attempt: Int64) {
        var starts: [Int64] = [0]
        var waits: Int64 = 0
        var previous: Int64?
        let backoffs = [retry.backoff] + retry.rules.compactMap(\.backoff)
        for number in 1..<max(retry.mostAttempts, 1) {
            let wait = backoffs.reduce(0) { max($0, $1.nanosecondBounds(retry: number, previous: previous).upper) }
            previous = wait
            waits = waits.addingSaturating(wait)
            starts.append(starts[number - 1].addingSaturating(attempt).addingSaturating(wait))
        }
        self.starts = starts
        self.attempt = attempt
        self.waits = waits
    }

    /// When the last attempt ends.
    var end: Int64 { starts[starts.count - 1].addingSaturating(attempt) }

    /// The first attempt that does not end within the limit, from 1; nil if all fit.
    func firstCutOff(by limit: Int64) -> Int? {
        starts.firstIndex { $0.addingSaturating(attempt) > limit }.map { $0 + 1 }
    }
}
