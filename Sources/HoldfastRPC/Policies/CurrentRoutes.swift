import Holdfast
import Synchronization

/// The route table in force. It can be replaced at any time; a call keeps the one that it began with.
final class CurrentRoutes: Sendable {
    private let table: Locked<RouteTable>
    /// So that clients without policies take no lock.
    private let isEmpty: Atomic<Bool>

    init(_ initial: RouteTable) {
        table = Locked(initial)
        isEmpty = Atomic(initial.isEmpty)
    }

    var current: RouteTable {
        get { isEmpty.load(ordering: .acquiring) ? .empty : table.withLock { $0 } }
        set {
            table.withLock { table in
                table = newValue
                isEmpty.store(newValue.isEmpty, ordering: .releasing)
            }
        }
    }
}
