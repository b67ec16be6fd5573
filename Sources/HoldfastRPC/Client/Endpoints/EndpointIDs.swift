/// A few endpoints of one client, by number. Mostly none or one, so a list does.
package struct EndpointIDs: Sendable {
    private var ids: [Int] = []

    package init() {}

    package var isEmpty: Bool { ids.isEmpty }

    package func contains(_ id: Int) -> Bool { ids.contains(id) }

    package mutating func insert(_ id: Int) {
        if !ids.contains(id) { ids.append(id) }
    }
}
