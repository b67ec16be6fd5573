/// Which of a hedged call's attempts an operation is run for.
public struct HedgeAttempt: Sendable {
    /// 1 for the first, 2 and on for those started beside it.
    public let number: Int
    @usableFromInline let call: HedgeCall

    @inlinable
    init(_ number: Int, of call: HedgeCall) {
        self.number = number
        self.call = call
    }

    /// Takes the call for this attempt before the attempt ends: the others are cancelled, and no further one starts. The call then
    /// ends as this attempt does.
    /// - Returns: false when another attempt was taken before.
    package func claim() -> Bool {
        call.claim(number)
    }

    /// Whether another attempt's answer was taken, so that this one was cancelled for that reason and not because the caller
    /// went away. Known before the cancellation arrives.
    public var isSuperseded: Bool {
        let winner = call.winner
        return winner != 0 && winner != number
    }
}
