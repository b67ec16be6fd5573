import CNGHTTP2

/// A header block to send, in the form that nghttp2 takes.
///
/// Kept by a session and reused, so that building a block allocates nothing. Names and values that are literals of this
/// program are handed over without a copy, since they never go away; all others nghttp2 copies when the block is submitted.
struct OutboundHeaders {
    private var fields: [nghttp2_nv] = []
    /// The texts that are no literals, one behind another.
    private var texts: [UInt8] = []
    /// Where in `texts` a field's name and value begin; -1 for literals.
    private var offsets: [(name: Int, value: Int)] = []

    private static let literalName = UInt8(NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue)
    private static let literalValue = UInt8(NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue)
    private static let notIndexed = UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue)

    mutating func removeAll() {
        fields.removeAll(keepingCapacity: true)
        texts.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
    }

    mutating func add(_ name: StaticString, _ value: StaticString) {
        fields.append(
            nghttp2_nv(
                name: UnsafeMutablePointer(mutating: name.utf8Start), value: UnsafeMutablePointer(mutating: value.utf8Start),
                namelen: name.utf8CodeUnitCount, valuelen: value.utf8CodeUnitCount, flags: Self.literalName | Self.literalValue))
        offsets.append((-1, -1))
    }

    /// - Parameter isIndexed: false for a value that may be another one each time: both sides' tables would fill with what never
    ///   comes again, and lose what does.
    mutating func add(_ name: StaticString, _ value: String, isIndexed: Bool = true) {
        let offset = append(value)
        fields.append(
            nghttp2_nv(
                name: UnsafeMutablePointer(mutating: name.utf8Start), value: nil,
                namelen: name.utf8CodeUnitCount, valuelen: texts.count - offset,
                flags: isIndexed ? Self.literalName : Self.literalName | Self.notIndexed))
        offsets.append((-1, offset))
    }

    mutating func add(_ name: String, _ value: String) {
        let nameOffset = append(name)
        let valueOffset = append(value)
        fields.append(
            nghttp2_nv(
                name: nil, value: nil, namelen: valueOffset - nameOffset, valuelen: texts.count - valueOffset, flags: 0))
        offsets.append((nameOffset, valueOffset))
    }

    mutating func add(_ metadata: Metadata) {
        for (key, value) in metadata { add(key, value) }
    }

    private mutating func append(_ text: String) -> Int {
        let offset = texts.count
        // The fast path: a native string's bytes lie in one piece.
        if text.utf8.withContiguousStorageIfAvailable({ texts.append(contentsOf: $0) }) == nil {
            texts.append(contentsOf: text.utf8)
        }
        return offset
    }

    /// Calls `body` with the fields; their texts stay where they are until it returns.
    mutating func withFields<Result>(_ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result) -> Result {
        texts.withUnsafeMutableBufferPointer { texts in
            for index in fields.indices {
                let offset = offsets[index]
                if offset.name >= 0 { fields[index].name = texts.baseAddress.map { $0 + offset.name } }
                if offset.value >= 0 { fields[index].value = texts.baseAddress.map { $0 + offset.value } }
            }
            return fields.withUnsafeBufferPointer { body($0.baseAddress, $0.count) }
        }
    }
}
