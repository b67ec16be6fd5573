import DequeModule
import Holdfast

/// Calls that wait for their turn, first in, first out. Those that end meanwhile are passed over, and do not count.
///
/// A class, so that a call can tell its queue that it has ended. Confined to the event loop.
final class CallQueue {
    private var calls: Deque<ClientCall> = []
    /// How many of them have ended.
    private var ended = 0
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    var isEmpty: Bool { calls.count == ended }

    /// - Returns: false when as many wait as may, and the call was not added.
    func append(_ call: ClientCall) -> Bool {
        guard calls.count - ended < limit else { return false }
        call.queue = self
        calls.append(call)
        return true
    }

    func popFirst() -> ClientCall? {
        while let call = calls.popFirst() {
            call.queue = nil
            if !call.isDone { return call }
            ended -= 1
        }
        return nil
    }

    func removeAll() -> [ClientCall] {
        var rest: [ClientCall] = []
        while let call = popFirst() { rest.append(call) }
        return rest
    }

    /// One of its calls has ended. What ended is thrown out once it is the greater part.
    func callEnded() {
        ended += 1
        guard ended > 64, ended > calls.count / 2 else { return }
        calls.removeAll { $0.isDone }
        ended = 0
    }
}
