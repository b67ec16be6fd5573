extension PipelineLinter {
    mutating func lintTimeouts() {
        lintMissingTimeout()
        for stage in stages {
            guard case .timeout(let timeout, let mayShorten) = stage.settings else { continue }
            guard !mayShorten, let outer = limit(around: stage), outer.nanoseconds <= timeout.nanoseconds else { continue }
            // One that leaves the operation behind does so at the outer one's expiry too.
            guard timeout.onExpiry == .wait || leavesBehind(outer.stage) else { continue }
            add(
                .timeoutNeverFires, .warning, [stage, outer.stage],
                "\(stage.label), after \(Words.time(timeout.after)), never fires: \(outer.stage.label) around it ends the call after "
                    + "\(Words.time(outer.nanoseconds))",
                "The nearest deadline wins, and an attempt begins after the call. Make the inner timeout shorter than the outer one, or leave "
                    + "it out.")
        }
    }

    private mutating func lintMissingTimeout() {
        guard !stages.isEmpty, !stages.contains(where: { if case .timeout = $0.settings { true } else { false } }) else { return }
        add(
            .noTimeout, .warning, [],
            "no timeout in the pipeline",
            "A call that hangs does so for ever, unless each caller brings a deadline. Put a timeout around everything, for the whole call, "
                + "or innermost, for each attempt.")
    }

    private func leavesBehind(_ stage: Stage) -> Bool {
        guard case .timeout(let timeout, _) = stage.settings else { return false }
        return timeout.onExpiry == .abandon
    }
}
