/// Collects the fields of a section, each checked by itself.
@resultBuilder
enum FieldBuilder<Root> {
    static func buildExpression<Part>(_ field: Field<Root, Part>) -> Field<Root, Part> { field }

    static func buildBlock<each Part>(_ field: repeat Field<Root, each Part>) -> FieldList<Root, repeat each Part> {
        FieldList(fields: (repeat each field))
    }
}
