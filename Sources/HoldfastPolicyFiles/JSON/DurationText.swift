/// Durations as the files write them: a decimal number and a unit, such as `250ms`, `1.5s` or `2m`.
package enum DurationText {
    /// Why a text is no duration of a file.
    package enum Problem: Error {
        case malformed
        case tooLong
        case tooFine
    }

    /// The longest duration a file may name, a year; so no sum of an instant and a duration overflows.
    package static let maximum = Duration.seconds(365 * 24 * 3600)

    private static let units: KeyValuePairs<String, Int64> = [
        "h": 3_600_000_000_000, "m": 60_000_000_000, "s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1,
    ]

    /// Parses `text` exactly, without rounding through a double.
    package static func parse(_ text: String) throws(Problem) -> Duration {
        let isNumeric = { (byte: UInt8) in byte == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        let number = text.utf8.prefix(while: isNumeric)
        let suffix = String(decoding: text.utf8.dropFirst(number.count), as: UTF8.self)
        guard let unit = units.first(where: { $0.key == suffix })?.value else { throw .malformed }
        let parts = number.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else { throw .malformed }

        var fraction = parts.count == 2 ? Array(parts[1]) : []
        while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
        guard fraction.count <= 13 else { throw .tooFine }  // no more digits of an hour can make whole nanoseconds
        let whole = parts[0].drop { $0 == UInt8(ascii: "0") }
        guard whole.count <= 18 else { throw .tooLong }

        let scaled = (decimal(whole) * power(fraction.count) + decimal(fraction)) * Int128(unit)
        let (nanoseconds, remainder) = scaled.quotientAndRemainder(dividingBy: power(fraction.count))
        guard remainder == 0 else { throw .tooFine }
        guard nanoseconds <= Int128(maximum / .nanoseconds(1)) else { throw .tooLong }
        return .nanoseconds(Int64(nanoseconds))
    }

    /// The shortest exact text of a duration that is not negative, in the largest unit that keeps it whole.
    package static func format(_ duration: Duration) -> String {
        let parts = duration.components
        let nanoseconds = parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
        guard nanoseconds != 0 else { return "0s" }
        let unit = units.first { nanoseconds % $0.value == 0 }!
        return "\(nanoseconds / unit.value)\(unit.key)"
    }

    private static func decimal(_ digits: some Sequence<UInt8>) -> Int128 {
        digits.reduce(0) { $0 * 10 + Int128($1 - UInt8(ascii: "0")) }
    }

    private static func power(_ exponent: Int) -> Int128 {
        (0..<exponent).reduce(1) { product, _ in product * 10 }
    }
}
