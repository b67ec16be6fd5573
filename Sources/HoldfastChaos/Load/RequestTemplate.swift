/// A request in JSON with places for the number of the call.
///
/// `${i}` stands for the number of the call in its load, from 0; `${i % N}` for its remainder by N, which makes N different
/// requests come round again and again. Both may stand anywhere inside a string.
package struct RequestTemplate: Sendable, Hashable {
    package enum Piece: Sendable, Hashable {
        case text(String)
        case index
        case remainder(Int)
    }

    package let pieces: [Piece]

    package init(pieces: [Piece]) {
        self.pieces = pieces
    }

    /// The request of call `index` as JSON text.
    package func json(index: Int) -> String {
        var text = ""
        for piece in pieces {
            switch piece {
            case .text(let part): text += part
            case .index: text += String(index)
            case .remainder(let divisor): text += String(index % divisor)
            }
        }
        return text
    }
}

extension RequestTemplate {
    /// What is wrong with a template, in a sentence that says what would be right.
    package struct SyntaxError: Error, Hashable {
        package let message: String
    }

    /// Cuts the text of one string at its places.
    package static func pieces(of string: String) throws(SyntaxError) -> [Piece] {
        var pieces: [Piece] = []
        var rest = Substring(string)
        while let start = rest.firstRange(ofPlain: "${") {
            if start.lowerBound > rest.startIndex { pieces.append(.text(String(rest[..<start.lowerBound]))) }
            guard let end = rest[start.upperBound...].firstIndex(of: "}") else {
                throw SyntaxError(message: "\"${\" has no closing \"}\"; write ${i} or ${i % 100}")
            }
            pieces.append(try place(rest[start.upperBound..<end]))
            rest = rest[rest.index(after: end)...]
        }
        if !rest.isEmpty { pieces.append(.text(String(rest))) }
        return pieces
    }

    private static func place(_ expression: Substring) throws(SyntaxError) -> Piece {
        let parts = expression.split(separator: "%", omittingEmptySubsequences: false).map { $0.filter { $0 != " " } }
        if parts == ["i"] { return .index }
        guard parts.count == 2, parts[0] == "i", let divisor = Int(parts[1]) else {
            throw SyntaxError(message: "\"${\(expression)}\" is not a template; write ${i} or ${i % 100}")
        }
        guard divisor >= 1 else {
            throw SyntaxError(message: "\"${\(expression)}\" divides by \(divisor); the divisor is at least 1")
        }
        return .remainder(divisor)
    }
}

extension Substring {
    /// The standard library has no plain substring search without regular expressions or Foundation.
    fileprivate func firstRange(ofPlain pattern: String) -> Range<Index>? {
        var from = startIndex
        while from < endIndex {
            if self[from...].hasPrefix(pattern) { return from..<index(from, offsetBy: pattern.count) }
            from = index(after: from)
        }
        return nil
    }
}
