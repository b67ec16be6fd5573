import Holdfast
import Synchronization

/// Where the handlers of one method begin: on the event loop of their connection while they are quick, else on the thread pool.
///
/// To begin on the event loop saves a call two changes of thread, which cost more than most handlers do until they first wait or
/// return; but as long as that takes the other calls of the loop stand still. So the first stretches are measured. Two slow ones
/// among ``strikeWeight`` calls send the method to the pool, one alone does not: it may have been interrupted. After
/// ``poolCalls`` calls there one is tried on the loop again, and if that is slow too the method goes straight back.
final class HandlerPlacement: Sendable {
    /// The longest first stretch that is worth its place on the loop, in nanoseconds; a change of thread and back costs 5,000 to 20,000.
    static let quick: Int64 = 50_000
    static let strikeWeight = 64
    static let poolCalls = 1_024

    /// Not negative: on the loop, and how much speaks against it. Negative: on the pool, for so many calls more.
    ///
    /// Several event loops change it without regard for each other: a lost strike counts for nothing in the long run.
    private let state = Atomic(0)

    /// Whether the next handler begins on the event loop; then ``ran(for:)`` has to follow.
    func takesLoop() -> Bool {
        let value = state.load(ordering: .relaxed)
        guard value < 0 else { return true }
        let isTrial = value == -1
        state.store(isTrial ? Self.strikeWeight : value + 1, ordering: .relaxed)
        return isTrial
    }

    /// The first stretch of a handler on the event loop took that long.
    func ran(for nanoseconds: Int64) {
        let strikes = state.load(ordering: .relaxed)
        if nanoseconds > Self.quick {
            state.store(strikes > 0 ? -Self.poolCalls : Self.strikeWeight, ordering: .relaxed)
        } else if strikes > 0 {
            state.store(strikes - 1, ordering: .relaxed)
        }
    }
}
