/// What a call's stages keep until it ends, by their index; the first six need no allocation.
@usableFromInline
struct StageTickets: Sendable {
    @usableFromInline var first = InlineArray<6, Ticket>(repeating: Ticket())
    @usableFromInline var more: [Ticket] = []

    @inlinable
    init() {}

    subscript(stage: Int) -> Ticket {
        get { stage < 6 ? first[stage] : more[stage - 6] }
        set {
            if stage < 6 {
                first[stage] = newValue
            } else {
                while more.count <= stage - 6 { more.append(Ticket()) }
                more[stage - 6] = newValue
            }
        }
    }
}
