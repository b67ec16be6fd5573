/// The names of a file's policies, in its order and to look them up.
struct PolicyNames {
    let list: [String]
    let set: Set<String>

    init(_ list: [String]) {
        self.list = list
        set = Set(list)
    }
}
