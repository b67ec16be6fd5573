import Holdfast

extension Form<Int> {
    static func integer(_ range: ClosedRange<Int>) -> Form {
        Form(.integer(.within(range)), read: { $0.integer(limits: range) }, write: { value, _ in .integer(value) })
    }
}

extension Form<Double> {
    static func number(_ bounds: Bounds<Double>) -> Form {
        Form(.number(bounds), read: { $0.number() }, write: { value, _ in .number(value) })
    }

    /// A share, from 0 to 1.
    static var rate: Form { .number(.within(0...1)) }
}

extension Form<Duration> {
    static func duration(_ bounds: Bounds<Duration>) -> Form {
        Form(.duration(bounds), read: { $0.duration() }, write: { value, _ in .string(DurationText.format(value)) })
    }

    /// Zero or longer.
    static var duration: Form { .duration(.atLeast(.zero)) }
    /// Longer than zero.
    static var positiveDuration: Form { .duration(.above(.zero)) }
}

extension Form<Bool> {
    static var bool: Form { Form(.bool, read: { $0.bool() }, write: { value, _ in .bool(value) }) }
}

extension Form<String> {
    /// A string that is not empty.
    ///
    /// - Parameter what: what the string is, to end the sentence "expected ...".
    static func text(_ what: String) -> Form {
        Form(.text, read: { $0.string(what) }, write: { value, _ in .string(VariableReferences.escape(value)) })
    }

    /// A name that reaches people's terminals.
    ///
    /// - Parameter what: what it names, to end the sentence "expected ...".
    static func name(_ what: String) -> Form {
        Form(.matching(NameRule.printablePattern)) { reader in
            guard let name = reader.string(what) else { return nil }
            if let problem = NameRule.printingProblem(with: name) { reader.fail(problem) }
            return name
        } write: { value, _ in
            .string(VariableReferences.escape(value))
        }
    }

    /// A key of a call's metadata, which are lower case.
    static var metadataKey: Form {
        Form(.matching("^[A-Za-z0-9._-]+$")) { reader in
            guard let key = reader.string("a key of metadata") else { return nil }
            let isKey = key.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
            if isKey { return key.lowercased() }
            reader.fail("\(reader.node.quotation(of: key)) is no key of metadata; it has letters, digits, -, _ and . only")
            return nil
        } write: { value, _ in
            .string(VariableReferences.escape(value))
        }
    }

    /// Any JSON, kept as compact text.
    static var json: Form { Form(.anything, read: { $0.node.jsonText }, write: { value, _ in .raw(VariableReferences.escape(value)) }) }
}

extension Form where Value: Equatable & Sendable {
    /// One of some words.
    static func word(_ cases: KeyValuePairs<String, Value>) -> Form {
        Form(.words(cases.map(\.key)), read: { $0.oneOf(cases) }) { value, _ in
            // Every case has its word: the words are those of an enumeration.
            .string(cases.first { $0.value == value }?.key ?? "")
        }
    }
}

extension Form where Value: CaseIterable & RawRepresentable & Equatable & Sendable, Value.RawValue == String {
    /// One of the cases of an enumeration that is spelt as in files.
    static var word: Form {
        Form(.words(Value.allCases.map(\.rawValue)), read: { $0.oneOf(Value.self) }, write: { value, _ in .string(value.rawValue) })
    }
}

extension Form<StatusCode> {
    /// A gRPC status code by name, of a failure: what has one refuses `OK` itself.
    static var failureCode: Form {
        let names = StatusCode.allCases.filter { $0 != .ok }.map(\.name)
        return Form(.words(names), read: { $0.statusCode() }, write: { value, _ in .string(value.name) })
    }
}

extension Form<Set<StatusCode>> {
    /// A list of gRPC status codes by name.
    static var statusCodes: Form {
        Form(.list(.words(StatusCode.allCases.map(\.name)))) { reader in
            reader.statusCodes()
        } write: { codes, _ in
            .array(StatusCode.allCases.filter(codes.contains).map { .string($0.name) })
        }
    }
}

extension Form<FailureSelector> {
    /// A list of status codes and of where failures come from.
    static var failures: Form {
        failures(ValueReader.failureWords)
    }

    /// The same for what refuses `OK` itself.
    static var realFailures: Form {
        failures(ValueReader.failureWords.filter { $0 != StatusCode.ok.name })
    }

    private static func failures(_ words: [String]) -> Form {
        Form(.list(.words(words))) { reader in
            reader.failureSelector()
        } write: { selector, _ in
            let codes = StatusCode.allCases.filter(selector.codes.contains).map(\.name)
            let origins = FailureSelector.Origin.allCases.filter(selector.origins.contains).map(\.rawValue)
            return .array((codes + origins).map { .string($0) })
        }
    }
}
