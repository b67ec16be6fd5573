import Holdfast

extension AssertionEvaluator {
    /// Looks for the first good stretch after the event: each second of it, sliding by a quarter, meets the bound.
    func evaluate(_ metric: Metric, _ bound: Bound, _ recovery: Recovery, load: String?) -> Finding {
        let rate = Recorder.binsPerSecond
        let event = recovery.after.offset.seconds
        let first = Int((event * Double(rate)).rounded(.up))
        let last = Int(((event + recovery.within.seconds) * Double(rate)).rounded(.down))
        let windowCount = max(1, Int((recovery.sustained.seconds * Double(rate)).rounded(.up)) - rate + 1)

        var streak = 0
        var start: Int?
        var bin = first
        while start == nil, bin < last + windowCount {
            let isGood = recorder.aggregate(bins: bin..<bin + rate, load: load).value(of: metric).map(bound.admits) ?? false
            streak = isGood ? streak + 1 : 0
            if streak == windowCount { start = bin - windowCount + 1 }
            bin += 1
        }

        let subject = "\(metric.name)" + (load.map { " of \($0)" } ?? "")
        let sustained = Figure.time(recovery.sustained.seconds)
        let goal = "\(bound.text(metric.unit)) for \(sustained)"
        let limit = "within \(Figure.time(recovery.within.seconds)) of \(recovery.after.text)"
        let required = "\(goal), \(limit)"
        guard let start, start <= last else {
            let calls = recorder.aggregate(bins: first..<bin + rate, load: load).calls
            let observed = calls == 0 ? "no calls" : "not reached"
            return Finding(
                passed: false, subject: "\(subject) recovers", observed: observed, required: required,
                sentence: "\(subject) was not \(goal) \(limit)\(calls == 0 ? ": there were no calls" : "").")
        }
        let delay = max(0, Double(start) / Double(rate) - event)
        return Finding(
            passed: true, subject: "\(subject) recovers", observed: "after \(Figure.time(delay))", value: delay, required: required,
            margin: Figure.margin(recovery.within.seconds - delay, .time),
            sentence: "\(subject) was back \(Figure.time(delay)) after \(recovery.after.text) and stayed for \(sustained); "
                + "required is \(required).")
    }
}
