/// A few endpoints of one client, by number. Mostly none or one, so a list does.
struct EndpointIDs: Sendable {
    private var ids: [Int] = []

    var isEmpty: Bool { ids.isEmpty }

    func contains(_ id: Int) -> Bool { ids.contains(id) }

    mutating func insert(_ id: Int) {
        if !ids.contains(id) { ids.append(id) }
    }
}
