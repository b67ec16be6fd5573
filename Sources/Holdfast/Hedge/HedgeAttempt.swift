/// Which of a hedged call's attempts an operation is run for.
public struct HedgeAttempt: Sendable {
    /// 1 for the first, 2 and on for those started beside it.
    public let number: Int
    private let call: HedgeCall?

    init(_ number: Int, of call: HedgeCall?) {
        self.number = number
        self.call = call
    }

    /// Whether another attempt's answer was taken, so that this one was cancelled for that reason and not because the caller
    /// went away. Known before the cancellation arrives.
    public var isSuperseded: Bool {
        guard let call else { return false }
        let winner = call.winner
        return winner != 0 && winner != number
    }
}
