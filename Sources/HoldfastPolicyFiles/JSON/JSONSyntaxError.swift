/// Why a text is no JSON, and where.
struct JSONSyntaxError: Error {
    let position: SourcePosition
    let message: String
    /// Whether nothing that follows can be understood.
    private(set) var isFinal = false

    /// The same error, after which the reading ends.
    var final: JSONSyntaxError { JSONSyntaxError(position: position, message: message, isFinal: true) }
}
