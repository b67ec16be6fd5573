/// The names of all policies, in their order and to look them up.
struct PolicyNames {
    private(set) var list: [String] = []
    private(set) var set: Set<String> = []

    mutating func append(_ name: String) {
        if set.insert(name).inserted { list.append(name) }
    }
}
