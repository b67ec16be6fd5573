import Holdfast

/// Drives a retry budget by itself.
final class BudgetReplay: Replay {
    private let budget: RetryBudget

    init(_ budget: RetryBudget) {
        self.budget = budget
    }

    func perform(_ event: TraceEvent, into line: inout ReplayLine) {
        switch event {
        case .deposit(let times):
            for _ in 0..<times {
                var attempt = Attempt(budget.timeSource)
                budget.deposit(&attempt)
            }
        case .withdraw(let times):
            var allowed = 0
            var isAllowed = false
            for _ in 0..<times {
                var attempt = Attempt(budget.timeSource)
                isAllowed = budget.take(&attempt)
                if isAllowed { allowed += 1 }
            }
            line.add("allowed", isAllowed)
            if times > 1 { line.add("allowedCount", allowed) }
        case .record(let result, _, let times):
            let outcome = Classification.standard.outcome(of: result)
            guard outcome == .success || outcome == .failure else { break }
            for _ in 0..<times { budget.record(failed: outcome == .failure) }
        case .reconfigure(.budget(let configuration)):
            budget.reconfigure(configuration)
        default: break
        }
    }

    func report(into line: inout ReplayLine) {
        line.add("balance", budget.balance)
    }
}
