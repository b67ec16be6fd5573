/// A setting outside its range, refused when it is made.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The setting's name, as in code and in policy files: `minimumCalls`, `open.max`.
    public let field: String
    /// The value that was refused.
    public let value: String
    /// What is wrong with it, and what would be right.
    public let problem: String

    /// Makes an error that reads "`field`: `value` `problem`".
    public init(_ field: String, _ value: some Any, _ problem: String) {
        self.field = field
        self.value = String(describing: value)
        self.problem = problem
    }

    /// One line: the field, the value and what would be right.
    public var description: String { "\(field): \(value) \(problem)" }
}

/// The checks that configurations share.
package enum Require {
    package static func positive(_ field: String, _ value: Duration) throws(ConfigurationError) {
        guard value >= .nanoseconds(1) else { throw ConfigurationError(field, value, "is not above zero") }
    }

    package static func notNegative(_ field: String, _ value: Duration) throws(ConfigurationError) {
        guard value >= .zero else { throw ConfigurationError(field, value, "is negative; give zero or more") }
    }

    package static func within<Value: Comparable>(_ field: String, _ value: Value, _ range: ClosedRange<Value>) throws(ConfigurationError) {
        // Written so that NaN, which compares false with everything, is refused too.
        guard value >= range.lowerBound, value <= range.upperBound else {
            throw ConfigurationError(field, value, "is outside \(range.lowerBound)...\(range.upperBound)")
        }
    }

    package static func atLeast(_ field: String, _ value: Double, _ minimum: Double) throws(ConfigurationError) {
        guard value >= minimum, value.isFinite else {
            throw ConfigurationError(field, value, "is not a finite number of at least \(minimum)")
        }
    }
}
