extension PipelineLinter {
    mutating func lintHedges() {
        for stage in stages {
            guard case .hedge(let hedge, let hasBudget) = stage.settings else { continue }
            if !hasBudget { lintBudget(stage, "hedges", "a slow call makes \(hedge.maxExtra + 1) attempts") }
            lintNesting(stage, hedge)
            guard case .fixed(let delay) = hedge.after else { continue }
            guard delay > .zero else {
                add(
                    .hedgeAtOnce, .note, [stage],
                    "\(stage.label) starts \(hedge.maxExtra + 1) attempts of each call at once",
                    "That multiplies the load as long as the budget lasts. A delay that nineteen of twenty calls need costs a twentieth.")
                continue
            }
            lintDelay(stage, hedge, delay.nanoseconds)
        }
    }

    private mutating func lintNesting(_ stage: Stage, _ hedge: Hedge.Configuration) {
        for other in outside(stage).reversed() {
            guard case .hedge(let outer, _) = other.settings else { continue }
            add(
                .nestedHedge, .warning, [stage, other],
                "\(stage.label) is inside \(other.label): up to \((hedge.maxExtra + 1) * (outer.maxExtra + 1)) attempts of one call at once",
                "Each attempt of the outer hedge is hedged by itself. Keep one, with as many extra attempts as are wanted.")
            break
        }
    }

    private mutating func lintDelay(_ stage: Stage, _ hedge: Hedge.Configuration, _ delay: Int64) {
        let outer = limit(around: stage)
        if let outer, delay >= outer.nanoseconds {
            add(
                .hedgeNeverFires, .warning, [stage, outer.stage],
                "\(stage.label) starts another attempt after \(Words.time(delay)), but \(outer.stage.label) ends the call after "
                    + Words.time(outer.nanoseconds),
                "A slow attempt is never hedged; only a failed one is repeated, at once and without a backoff. Take a delay well below the timeout, "
                    + "such as the time that nineteen of twenty calls need.")
        } else if let inner = limit(inside: stage), let longest = longest(inside: stage), delay >= longest {
            add(
                .hedgeNeverFires, .warning, [stage, inner.stage],
                "\(stage.label) starts another attempt after \(Words.time(delay)), but one inside it has ended after \(Words.time(longest))",
                "A slow attempt is never hedged; only a failed one is repeated, at once and without a backoff. Take a delay well below "
                    + "\(inner.stage.label), such as the time that nineteen of twenty calls need.")
        } else if let outer {
            lintFit(stage, hedge, delay, outer)
        }
    }

    /// Whether the extra attempts have the time that each may take.
    private mutating func lintFit(_ stage: Stage, _ hedge: Hedge.Configuration, _ delay: Int64, _ outer: Limit) {
        for number in 1...hedge.maxExtra {
            let (start, overflow) = delay.multipliedReportingOverflow(by: Int64(number))
            let fate: String
            if overflow || start >= outer.nanoseconds {
                fate = "never starts"
            } else if let longest = longest(inside: stage), longest < outer.nanoseconds, start.addingSaturating(longest) > outer.nanoseconds
            {
                fate = "starts at \(Words.time(start)) and has \(Words.time(outer.nanoseconds - start)) of \(Words.time(longest))"
            } else {
                continue
            }
            add(
                .hedgeCannotFit, .note, [stage, outer.stage],
                "extra attempt \(number) of \(stage.label) \(fate): \(outer.stage.label) ends the call after \(Words.time(outer.nanoseconds))",
                "An attempt without time to answer is load for nothing. Shorten the delay, start fewer attempts, or lengthen the timeout.")
            return
        }
    }
}
