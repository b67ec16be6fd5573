public import HoldfastRPC

extension PolicyDocument {
    /// Why a fallback value is no response.
    struct ValueError: Error {
        let message: String
    }

    /// Checks the fallback values, and the answers that chaos policies inject, as far as `methods` goes, without making anything; values
    /// for other methods are not looked at.
    /// - Throws: ``DocumentError`` with each value that fits no response.
    public func checkFallbackValues(_ methods: [AnyRPCMethod]) throws(DocumentError) {
        let errors = Self.valueErrors(policies, routes, methods)
        guard errors.isEmpty else { throw DocumentError(errors.map { $0.location.error($0.message) }) }
    }

    /// What is wrong with the values of policies, each once however many policies take it over.
    static func valueErrors(
        _ policies: [PolicyDefinition], _ routes: [RouteDefinition], _ methods: [AnyRPCMethod]
    ) -> [(location: SourceLocation, message: String)] {
        guard !methods.isEmpty else { return [] }
        var known: Set<Diagnostic> = []
        var errors: [(SourceLocation, String)] = []
        for policy in policies {
            for (json, location) in policy.values {
                do {
                    _ = try encode(value: json, of: policy.name, routes, methods)
                } catch {
                    if known.insert(location.error(error.message)).inserted { errors.append((location, error.message)) }
                }
            }
        }
        return errors
    }

    /// The bytes of a fallback value, which must be the same response for every unary method that a policy serves; fallbacks
    /// answer no streams.
    /// - Returns: nil if no unary method among `methods` is routed to the policy.
    static func encode(
        value json: String, of policy: String, _ routes: [RouteDefinition], _ methods: [AnyRPCMethod]
    ) throws(ValueError) -> [UInt8]? {
        var encoded: (bytes: [UInt8], method: AnyRPCMethod)?
        for method in methods where method.kind == .unary && routes.serving(method.path)?.policy == policy {
            let bytes: [UInt8]
            do {
                bytes = try method.encodeResponse(json: json)
            } catch {
                throw ValueError(message: "does not fit the response of \(method.path): \(words(of: error))")
            }
            if let encoded, encoded.bytes != bytes {
                throw ValueError(
                    message: "means different responses for \(encoded.method.path) and \(method.path); give each a policy of its own")
            }
            encoded = encoded ?? (bytes, method)
        }
        return encoded?.bytes
    }

    /// A decoder's error in words: its cases are named `unknownField("x")`, which reads as `unknown field "x"`.
    package static func words(of error: any Error) -> String {
        "\(error)".replacing("(\"", with: " \"").replacing("\")", with: "\"").reduce(into: "") { text, character in
            text += character.isUppercase && text.last?.isLowercase == true ? " \(character.lowercased())" : String(character)
        }
    }
}

extension PolicyDefinition {
    /// The response messages that the policy gives of its own: a chaos policy's outcome, a fallback's value.
    fileprivate var values: [(json: String, location: SourceLocation)] {
        let injected: [(String, SourceLocation)] = pipeline.compactMap { element in
            guard case .chaos(let definition) = element.settings else { return nil }
            return definition.outcome.map { ($0.json, $0.location) }
        }
        let answered: [(String, SourceLocation)] = (fallback?.steps ?? []).compactMap { step in
            guard case .value(let json) = step.action else { return nil }
            return (json, step.location)
        }
        return injected + answered
    }
}
