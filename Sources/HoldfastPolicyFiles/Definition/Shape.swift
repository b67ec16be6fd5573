/// What may stand at one place of a document: what the schema and the reference page are printed from.
package indirect enum Shape: Sendable {
    case bool
    case integer(Bounds<Int>)
    case number(Bounds<Double>)
    case duration(Bounds<Duration>)
    /// A string that is not empty.
    case text
    /// A string that a regular expression matches, as far as it is known without the variables in it.
    case matching(String)
    /// One of some words.
    case words([String])
    case list(Shape)
    /// A list of one or more.
    case someOf(Shape)
    /// An object whose keys are data, and a regular expression that they match.
    case map(Shape, keys: String)
    case object(SectionShape)
    /// The settings of an element without its name, of which any may be missing.
    case settings(SectionShape)
    /// Any JSON.
    case anything
    /// Null, and what it means.
    case null(String)
    case anyOf([Shape])
}
