/// A retry budget's arithmetic: within a window, retries may come to a share of the calls plus a floor.
///
/// The scheme of Finagle's `RetryBudget`, which tower's `TpsBudget` follows too: first attempts deposit, retries withdraw, and both are
/// forgotten when they leave the window. Integers only, in millionths of a retry, so that 0.29 of 100 calls are 29 retries, not 28.
struct ShareBudgetStateMachine: Hashable {
    /// One retry.
    private static let unit = 1_000_000

    /// What one first attempt deposits.
    private let deposit: Int
    /// What is there without any deposit.
    private let floor: Int

    /// The settings are checked where configurations are made.
    init(ratio: Double, minimumPerSecond: Double, window: Duration) {
        deposit = Int(Int64(saturating: (ratio * Double(Self.unit)).rounded()))
        floor = Int(Int64(saturating: (minimumPerSecond * window.seconds * Double(Self.unit)).rounded()))
    }

    /// Whether one more retry fits, after so many first attempts and retries within the window.
    func allowsRetry(deposits: Int, withdrawals: Int) -> Bool {
        balance(deposits: deposits, withdrawals: withdrawals) >= Self.unit
    }

    /// How many retries fit; below zero when deposits left the window before the retries they paid for.
    func retries(deposits: Int, withdrawals: Int) -> Double {
        Double(balance(deposits: deposits, withdrawals: withdrawals)) / Double(Self.unit)
    }

    private func balance(deposits: Int, withdrawals: Int) -> Int {
        let deposited = Self.times(Int64(deposits), Int64(deposit)).addingSaturating(Int64(floor))
        return Int(deposited.subtractingSaturating(Self.times(Int64(withdrawals), Int64(Self.unit))))
    }

    private static func times(_ count: Int64, _ amount: Int64) -> Int64 {
        let (product, overflow) = count.multipliedReportingOverflow(by: amount)
        return overflow ? .max : product
    }
}
