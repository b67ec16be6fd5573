import Holdfast

extension ValueReader {
    /// What a list of failures may name.
    static let failureWords = FailureSelector.Origin.allCases.map(\.rawValue) + StatusCode.allCases.map(\.name)

    /// A list of gRPC status codes by name, such as `["UNAVAILABLE", "DATA_LOSS"]`.
    func statusCodes() -> Set<StatusCode>? {
        array("status codes such as \"UNAVAILABLE\"").map { readers in
            Set(readers.compactMap { $0.statusCode() })
        }
    }

    /// A gRPC status code by name, such as `"UNAVAILABLE"`.
    func statusCode() -> StatusCode? {
        word(StatusCode.init(name:), StatusCode.allCases.map(\.name), "status code")
    }

    /// A list of status codes and of where failures come from, such as `["UNAVAILABLE", "timeout", "rejected"]`.
    func failureSelector() -> FailureSelector? {
        guard let readers = array("status codes, \"timeout\", \"connection\" and \"rejected\"") else { return nil }
        var codes: Set<StatusCode> = []
        var origins: Set<FailureSelector.Origin> = []
        for reader in readers {
            let read = reader.word({ $0 }, Self.failureWords, "kind of failure")
            if let origin = read.flatMap(FailureSelector.Origin.init(rawValue:)) { origins.insert(origin) }
            if let code = read.flatMap(StatusCode.init(name:)) { codes.insert(code) }
        }
        return FailureSelector(codes: codes, origins: origins)
    }

    private func word<Value>(_ make: (String) -> Value?, _ words: [String], _ what: String) -> Value? {
        guard let name = string("a \(what) such as \(quoted(words[0]))") else { return nil }
        if words.contains(name) { return make(name) }
        fail("\(node.quotation(of: name)) is no \(what); \(Spelling.advice(for: name, among: words))")
        return nil
    }
}
