extension ValueReader {
    /// A string that is not empty.
    ///
    /// - Parameter what: what the string is, to end the sentence "expected ...", such as `a policy's name`.
    package func string(_ what: String = "a string") -> String? {
        guard case .string(let text) = node.value else { return mismatch(what) }
        guard !text.isEmpty else { return mismatch(what) }
        return text
    }

    package func bool() -> Bool? {
        guard case .bool(let flag) = node.plain else {
            return mismatch("true or false", node.unquoted { if case .bool = $0 { true } else { false } })
        }
        return flag
    }

    /// A whole number within `range`; `12.0` and `1e3` are whole.
    ///
    /// - Parameter limits: what is named to somebody whose number is too large for any integer; others than these are somebody else's to
    ///   refuse.
    package func integer(in range: ClosedRange<Int> = .min ... .max, limits: ClosedRange<Int>? = nil) -> Int? {
        guard case .number(let number) = node.plain else {
            let advice = node.unquoted { if case .number(let number) = $0 { number.integer != nil } else { false } }
            return mismatch("a whole number\(Self.describe(range, unbounded: .min ... .max))", advice)
        }
        if let integer = number.integer, range.contains(integer) { return integer }
        let isWhole = number.double == number.double.rounded()
        if range != .min ... .max, range.upperBound == .max, isWhole, number.double > 0, number.integer == nil {
            // Too large for any integer: "at least 0" would be no answer to that.
            return mismatch("a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        guard range == .min ... .max, isWhole else {
            return mismatch("a whole number\(Self.describe(range, unbounded: .min ... .max))")
        }
        if let limits { return mismatch("a whole number\(Self.describe(limits, unbounded: .min ... .max))") }
        return mismatch(number.double > 0 ? "a whole number of at most \(Int.max)" : "a whole number of at least \(Int.min)")
    }

    /// A number within `range`.
    package func number(in range: ClosedRange<Double> = -.greatestFiniteMagnitude ... .greatestFiniteMagnitude) -> Double? {
        guard case .number(let number) = node.plain, range.contains(number.double) else {
            let unbounded = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
            let advice = node.percentage ?? node.unquoted { if case .number = $0 { true } else { false } }
            return mismatch("a number\(Self.describe(range, unbounded: unbounded))", advice)
        }
        return number.double
    }

    /// A rate: a number from 0 to 1.
    package func rate() -> Double? {
        guard case .number(let number) = node.plain, (0...1).contains(number.double) else { return mismatch("a rate from 0 to 1") }
        return number.double
    }

    /// The value whose name stands here.
    ///
    /// - Parameter cases: the names that are right, and what they mean.
    package func oneOf<Value>(_ cases: KeyValuePairs<String, Value>) -> Value? {
        name(among: cases.map(\.key)).flatMap { name in cases.first { $0.key == name }?.value }
    }

    /// The value whose name stands here, among such that are listed elsewhere.
    package func oneOf<Value>(listed cases: [(name: String, value: Value)]) -> Value? {
        name(among: cases.map(\.name)).flatMap { name in cases.first { $0.name == name }?.value }
    }

    /// The case of an enumeration whose name stands here.
    package func oneOf<Value: CaseIterable & RawRepresentable>(_ type: Value.Type) -> Value? where Value.RawValue == String {
        name(among: type.allCases.map(\.rawValue)).flatMap(type.init(rawValue:))
    }

    private func name(among names: [String]) -> String? {
        guard case .string(let name) = node.value else { return mismatch(Spelling.list(names)) }
        if names.contains(name) { return name }
        let suggestion = Spelling.nearest(to: name, among: names).map { "; did you mean \(quoted($0))?" } ?? ""
        fail("expected \(Spelling.list(names)), found \(node.quotation(of: name))\(suggestion)")
        return nil
    }

    private static func describe<Bound: Comparable>(_ range: ClosedRange<Bound>, unbounded: ClosedRange<Bound>) -> String {
        switch (range.lowerBound == unbounded.lowerBound, range.upperBound == unbounded.upperBound) {
        case (true, true): ""
        case (false, true): " of at least \(plain(range.lowerBound))"
        case (true, false): " of at most \(plain(range.upperBound))"
        case (false, false): " from \(plain(range.lowerBound)) to \(plain(range.upperBound))"
        }
    }

    /// `1` rather than `1.0`.
    private static func plain<Bound>(_ bound: Bound) -> String {
        let text = "\(bound)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
