/// A call to be measured, in a loop.
struct CoreCase: Sendable {
    /// The call inside, which the others are compared with.
    enum Bare: Sendable {
        /// It returns at once.
        case quick
        /// It gives way to other tasks once, as whatever waits for something does.
        case waiting
    }

    /// What the time of a case is compared with.
    enum Kind: Sendable {
        /// That bare call itself.
        case baseline(Bare)
        /// That bare call with something around it.
        case around(Bare = .quick)
        /// Something that calls nothing.
        case alone
    }

    let name: String
    let kind: Kind
    /// The mark and the peers' figures, if there are any.
    let reference: Reference?
    /// Whether it is also measured with many tasks on the instance.
    let isCrowded: Bool
    /// Does it so many times, and gives how often it was done as it should be; all of them, or the time means nothing.
    let loop: @Sendable (_ count: Int) async throws -> Int

    init(
        _ name: String, _ kind: Kind, _ reference: Reference? = nil, isCrowded: Bool = false,
        _ loop: @escaping @Sendable (_ count: Int) async throws -> Int
    ) {
        self.name = name
        self.kind = kind
        self.reference = reference
        self.isCrowded = isCrowded
        self.loop = loop
    }

    /// Whether others are compared with it.
    var isBaseline: Bool {
        if case .baseline = kind { true } else { false }
    }

    /// The bare call that the case is compared with; nil for none.
    var bare: Bare? {
        if case .around(let bare) = kind { bare } else { nil }
    }
}
