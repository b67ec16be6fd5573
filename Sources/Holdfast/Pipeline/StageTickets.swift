/// What a call's stages keep until it ends, by their index; the first four need no allocation.
@usableFromInline
struct StageTickets: Sendable {
    @usableFromInline var first = InlineArray<4, Ticket>(repeating: Ticket())
    @usableFromInline var more: [Ticket] = []

    @inlinable
    init() {}

    subscript(stage: Int) -> Ticket {
        get { stage < 4 ? first[stage] : more[stage - 4] }
        set {
            if stage < 4 {
                first[stage] = newValue
            } else {
                while more.count <= stage - 4 { more.append(Ticket()) }
                more[stage - 4] = newValue
            }
        }
    }
}
