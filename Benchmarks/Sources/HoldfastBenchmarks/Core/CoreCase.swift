/// A call to be measured, in a loop.
struct CoreCase: Sendable {
    /// What the time of a case is compared with.
    enum Kind: Sendable {
        /// The bare call itself.
        case baseline
        /// The bare call with something around it; at most `limit` nanoseconds more on one task, if that is a mark.
        case around(limit: Double? = nil)
        /// Something that calls nothing.
        case alone
    }

    let name: String
    let kind: Kind
    /// Does it so many times, and gives how often it was done as it should be; all of them, or the time means nothing.
    let loop: @Sendable (_ count: Int) async throws -> Int

    init(_ name: String, _ kind: Kind, _ loop: @escaping @Sendable (_ count: Int) async throws -> Int) {
        self.name = name
        self.kind = kind
        self.loop = loop
    }
}
