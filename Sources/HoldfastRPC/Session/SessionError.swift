/// Why a connection cannot go on.
struct SessionError: Error, Hashable, CustomStringConvertible {
    let description: String
}
