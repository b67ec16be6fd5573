/// The fields of a section.
struct FieldList<Root, each Part>: Sendable {
    let fields: (repeat Field<Root, each Part>)
}
