/// Makes sure that all who share a gate agree on what it is.
struct SharedGates {
    private var first: [String: PipelineElement] = [:]

    /// Reports an element whose gate was described differently before.
    mutating func check(_ element: PipelineElement, at reader: ValueReader) {
        guard let shared = element.shared else { return }
        guard let other = first[shared] else {
            first[shared] = element
            return
        }
        guard other.settings != element.settings else { return }
        let place = "\(other.location.path) on line \(other.location.position.line)"
        reader.fail("the settings differ from those of the same shared gate at \(place); give both the same")
    }
}
