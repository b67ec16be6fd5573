/// Holds a value in a reference, because `#expect` cannot call what changes a value.
final class Holder<Value> {
    var value: Value

    init(_ value: Value) {
        self.value = value
    }
}
