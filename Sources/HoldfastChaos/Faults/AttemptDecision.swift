/// A fault hit an attempt: which one of which call, and what was done to it.
package struct AttemptDecision: Sendable, Hashable, Codable {
    /// When, in nanoseconds of the clock that the run goes by. A service's process reads the same one.
    package var at: Int64
    /// The id of the fault.
    package var fault: String
    package var load: String
    /// The number of the call in its load, from 0.
    package var call: Int
    /// The number of the attempt, from 1.
    package var attempt: Int
    /// What was done, in a few words.
    package var what: String

    package init(at: Int64, fault: String, load: String, call: Int, attempt: Int, what: String) {
        self.at = at
        self.fault = fault
        self.load = load
        self.call = call
        self.attempt = attempt
        self.what = what
    }
}
