/// Why a text is no JSON, and where.
struct JSONSyntaxError: Error {
    var position: SourcePosition
    var message: String
}
