public import Holdfast

extension VirtualTime {
    /// Nothing is ready, no timer is left, and the operation has not ended.
    public struct Deadlock: Error, Hashable, CustomStringConvertible {
        /// When everything stood still.
        public let at: Instant

        init(at: Instant) {
            self.at = at
        }

        /// One line.
        public var description: String {
            "deadlock at \(at.nanoseconds) ns of virtual time: nothing is ready to run and no timer is left; what the operation "
                + "waits for must come from this world (its executor, its clock)"
        }
    }

    /// The world runs an operation already: `run` was called inside `run`, or on two threads at once.
    public struct AlreadyRunning: Error, Hashable, CustomStringConvertible {
        /// One line.
        public var description: String {
            "this world runs an operation already; inside it, await what is to run instead of calling `run` again"
        }
    }
}
