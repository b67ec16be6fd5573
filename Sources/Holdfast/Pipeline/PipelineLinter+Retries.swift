extension PipelineLinter {
    mutating func lintRetries() {
        for stage in stages {
            guard case .retry(let retry, let hasBudget) = stage.settings else { continue }
            guard retry.mostAttempts > 1 else {
                add(
                    .singleAttempt, .note, [stage],
                    "\(stage.label) makes 1 attempt",
                    "It tries again only what provably never reached the service. Allow 2 attempts or more, or leave the retry out.")
                continue
            }
            if !hasBudget { lintBudget(stage, "retries", "each call makes \(retry.mostAttempts) attempts") }
            lintAttempts(stage, retry)
            lintNesting(stage, retry)
            lintRejections(stage, retry)
        }
    }

    mutating func lintBudget(_ stage: Stage, _ what: String, _ load: String) {
        add(
            .withoutBudget, .warning, [stage],
            "\(stage.label) has no budget",
            "When the service is down, \(what) multiply the load on it: \(load). Give it a budget, shared by all that call the service.")
    }

    /// Whether the attempts end, and fit what is around them.
    private mutating func lintAttempts(_ stage: Stage, _ retry: Retry.Configuration) {
        let outer = limit(around: stage)
        if limit(inside: stage) == nil {
            let end = outer.map { "until \($0.stage.label) ends the call after \(Words.time($0.nanoseconds))" } ?? "for ever"
            add(
                .retryWithoutTimeout, .warning, [stage],
                "\(stage.label) has no timeout inside it: an attempt that hangs lasts \(end), and no second one is made",
                "A retry helps against a hang only when something ends the attempt. Put a timeout inside it, shorter than the call's.")
        }
        guard let outer, retry.maxAttempts > 1 else { return }
        let shortest = retry.backoff.nanosecondBounds(retry: 1, previous: nil).lower
        if shortest >= outer.nanoseconds, retry.rules.isEmpty {
            add(
                .retryNeverActs, .error, [stage, outer.stage],
                "\(stage.label) waits at least \(Words.time(shortest)) before its second attempt, but \(outer.stage.label) ends the call after "
                    + Words.time(outer.nanoseconds),
                "No second attempt can ever start. Shorten the backoff or lengthen the timeout.")
        } else if let longest = longest(inside: stage), limit(inside: stage)?.nanoseconds ?? .max < outer.nanoseconds {
            lintFit(stage, retry, RetryTimeline(retry, attempt: longest), outer)
        }
    }

    private mutating func lintFit(_ stage: Stage, _ retry: Retry.Configuration, _ timeline: RetryTimeline, _ outer: Limit) {
        guard let cutOff = timeline.firstCutOff(by: outer.nanoseconds) else { return }
        let start = timeline.starts[cutOff - 1]
        let fate =
            start < outer.nanoseconds
            ? "attempt \(cutOff) starts at \(Words.time(start)) and is cut off after "
                + "\(Words.time(outer.nanoseconds - start)) of \(Words.time(timeline.attempt))"
            : "attempt \(cutOff) would start at \(Words.time(start)) and is never made"
        // Attempts that fail otherwise than by their timeout seldom last that long.
        let isLikely = retry.on.origins.contains(.timeout) || retry.rules.contains { $0.on.origins.contains(.timeout) }
        add(
            .retryCannotFit, isLikely ? .warning : .note, [stage, outer.stage],
            "\(stage.label) needs up to \(Words.time(timeline.end)) (\(Words.count(timeline.starts.count, "attempt")) of \(Words.time(timeline.attempt)), "
                + "waits of \(Words.time(timeline.waits))), but \(outer.stage.label) ends the call after \(Words.time(outer.nanoseconds)): \(fate)",
            "Reckoned with attempts that last as long as they may and the longest waits. An attempt that is cut off is load without an answer. "
                + "Lengthen the outer timeout, shorten the inner one or the waits, or make fewer attempts.")
    }

    /// Whether something around the retry repeats it.
    private mutating func lintNesting(_ stage: Stage, _ inner: Retry.Configuration) {
        for other in outside(stage).reversed() {
            guard case .retry(let outer, _) = other.settings, outer.mostAttempts > 1 else { continue }
            let product = outer.mostAttempts * inner.mostAttempts
            let alike = outer.mostAttempts + inner.mostAttempts - 1
            let isCovered = inner.on.bits.rawValue & ~outer.on.bits.rawValue == 0 && inner.rules.isEmpty && outer.rules.isEmpty
            add(
                .nestedRetry, .warning, [stage, other],
                isCovered
                    ? "\(stage.label) is inside \(other.label): up to \(alike) attempts of one call"
                    : "\(stage.label) is inside \(other.label): up to \(product) attempts of one call, \(outer.mostAttempts) times \(inner.mostAttempts)",
                "The inner retry stands down as long as the outer one will act on a failure, and makes its own attempts for the rest. Keep one of "
                    + "them, the one that is nearest to what fails.")
            break
        }
        for other in outside(stage).reversed() {
            guard case .hedge(let hedge, _) = other.settings else { continue }
            add(
                .retryInsideHedge, .warning, [stage, other],
                "\(stage.label) is inside \(other.label): up to \(inner.mostAttempts * (hedge.maxExtra + 1)) attempts of one call, "
                    + "\(hedge.maxExtra + 1) times \(inner.mostAttempts)",
                "Each attempt of the hedge is retried by itself, at the same time as the others. Put the retry outside the hedge.")
            break
        }
    }

    /// Whether the retry tries again what something inside it refuses at once, over and over.
    private mutating func lintRejections(_ stage: Stage, _ retry: Retry.Configuration) {
        let isRetried =
            retry.on.origins.contains(.rejected) || retry.rules.contains { $0.on.origins.contains(.rejected) && $0.maxAttempts ?? 2 > 1 }
        guard isRetried else { return }
        let refusing = inside(stage).filter { stage in
            switch stage.settings {
            case .rateLimiter(let limiter): limiter.maxQueued == 0 || limiter.maxWait == .zero
            case .bulkhead(let bulkhead): bulkhead.maxQueued == 0 || bulkhead.maxWait == .zero
            case .adaptiveLimiter(let limiter): limiter.maxQueued == 0
            default: false
            }
        }
        guard !refusing.isEmpty else { return }
        add(
            .retriesRejections, .warning, [stage] + refusing,
            "\(stage.label) tries again what \(Words.list(refusing.map(\.label), "and")) inside it \(refusing.count == 1 ? "refuses" : "refuse") "
                + "without a queue",
            "Refused calls come back in no order, use up the retry's attempts and budget, and may be refused again. To wait for a permit, "
                + "give the limit a queue (maxQueued and maxWait): first in, first out.")
    }
}

extension Retry.Configuration {
    /// How many attempts a call has whose failures the most generous rule is for.
    var mostAttempts: Int { rules.reduce(maxAttempts) { max($0, $1.maxAttempts ?? 1) } }
}
