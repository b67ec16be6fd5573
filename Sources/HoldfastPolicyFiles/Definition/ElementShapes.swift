/// The elements of a pipeline.
package enum ElementShapes {
    /// The settings of each kind, by its name.
    package static let all: [(key: String, shape: Shape)] = ElementDraft.kinds.compactMap { kind in
        kind.shape.map { (kind.name, $0) }
    }
}
