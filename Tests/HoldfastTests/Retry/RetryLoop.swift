@testable import Holdfast

extension Retry {
    /// The loop that a pipeline makes around an operation, with nothing else in it.
    /// - Parameter operation: is told which attempt it is; a transparent resend has the number of the attempt it repeats.
    func loop<Value>(
        deadline: Instant? = nil, attributes: CallAttributes = CallAttributes(), enclosing: ((any Error) -> Bool)? = nil,
        _ operation: (Int) async throws -> Value
    ) async throws -> Value {
        var attempt = Attempt(timeSource, deadline: deadline, attributes: attributes)
        var progress = newProgress
        begin(&attempt)
        while true {
            do {
                let value = try await operation(progress.attempts)
                succeeded(&attempt)
                return value
            } catch {
                attempt.passTime()
                let enclosingWillAct = enclosing?(error) ?? false
                switch decide(&progress, error, enclosingWillAct: enclosingWillAct, &attempt) {
                case .stop: throw error
                case .again(let wait):
                    try await timeSource.sleep(for: wait)
                    attempt.passTime()
                }
            }
        }
    }
}
