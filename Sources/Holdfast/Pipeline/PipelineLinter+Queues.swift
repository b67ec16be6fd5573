extension PipelineLinter {
    mutating func lintQueues() {
        for stage in stages {
            switch stage.settings {
            case .rateLimiter(let limiter): lintQueue(stage, maxQueued: limiter.maxQueued, maxWait: limiter.maxWait)
            case .bulkhead(let bulkhead): lintQueue(stage, maxQueued: bulkhead.maxQueued, maxWait: bulkhead.maxWait)
            case .adaptiveLimiter(let limiter): lintQueue(stage, maxQueued: limiter.maxQueued)
            default: break
            }
        }
    }

    /// For a queue in which a call waits as long as it may.
    private mutating func lintQueue(_ stage: Stage, maxQueued: Int) {
        guard maxQueued > 0, limit(around: stage) == nil else { return }
        add(
            .waitWithoutLimit, .note, [stage],
            "\(stage.label) has \(Words.count(maxQueued, "place")) to wait in, and no timeout around it says how long",
            "A call waits there until its deadline, and without one until it is served. Put a timeout around it, or see to it that callers bring "
                + "a deadline.")
    }

    private mutating func lintQueue(_ stage: Stage, maxQueued: Int, maxWait: Duration) {
        switch (maxQueued > 0, maxWait > .zero) {
        case (false, false): return
        case (true, false):
            add(
                .queueWithoutEffect, .warning, [stage],
                "\(stage.label) has \(Words.count(maxQueued, "place")) to wait in, but maxWait is zero",
                "No call waits. Give maxWait too, or leave maxQueued out.")
        case (false, true):
            add(
                .queueWithoutEffect, .warning, [stage],
                "\(stage.label) lets calls wait for \(Words.time(maxWait)), but maxQueued is 0",
                "No call waits, since there is no place for it. Give maxQueued too, or leave maxWait out.")
        case (true, true):
            guard let outer = limit(around: stage), maxWait.nanoseconds >= outer.nanoseconds else { return }
            add(
                .waitBeyondTimeout, .warning, [stage, outer.stage],
                "\(stage.label) lets calls wait for \(Words.time(maxWait)), but \(outer.stage.label) ends them after "
                    + Words.time(outer.nanoseconds),
                "A call that gets its permit late has no time left to use it. Take a wait that leaves time for the work.")
        }
    }
}
