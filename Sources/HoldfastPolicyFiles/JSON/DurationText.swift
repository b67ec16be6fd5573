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
        let bytes = text.utf8Span.span
        let wholeEnd = endOfDigits(in: bytes, from: 0)
        let hasFraction = wholeEnd < bytes.count && bytes[wholeEnd] == UInt8(ascii: ".")
        let fractionStart = hasFraction ? wholeEnd + 1 : wholeEnd
        var fractionEnd = endOfDigits(in: bytes, from: fractionStart)
        let suffix = String(decoding: text.utf8.dropFirst(fractionEnd), as: UTF8.self)
        guard wholeEnd > 0, !hasFraction || fractionEnd > fractionStart, let unit = units.first(where: { $0.key == suffix })?.value else {
            throw .malformed
        }

        while fractionEnd > fractionStart, bytes[fractionEnd - 1] == UInt8(ascii: "0") { fractionEnd -= 1 }
        let fractionDigits = fractionEnd - fractionStart
        guard fractionDigits <= 13 else { throw .tooFine }  // no more digits of an hour can make whole nanoseconds
        var wholeStart = 0
        while wholeStart < wholeEnd, bytes[wholeStart] == UInt8(ascii: "0") { wholeStart += 1 }
        guard wholeEnd - wholeStart <= 18 else { throw .tooLong }

        let (whole, fraction) = (decimal(bytes, wholeStart..<wholeEnd), decimal(bytes, fractionStart..<fractionEnd))
        let scaled = (whole * power(fractionDigits) + fraction) * Int128(unit)
        let (nanoseconds, remainder) = scaled.quotientAndRemainder(dividingBy: power(fractionDigits))
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

    private static func endOfDigits(in bytes: Span<UInt8>, from start: Int) -> Int {
        var end = start
        while end < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[end]) { end += 1 }
        return end
    }

    private static func decimal(_ bytes: Span<UInt8>, _ digits: Range<Int>) -> Int128 {
        var value: Int128 = 0
        for index in digits { value = value * 10 + Int128(bytes[index] - UInt8(ascii: "0")) }
        return value
    }

    private static func power(_ exponent: Int) -> Int128 {
        (0..<exponent).reduce(1) { product, _ in product * 10 }
    }
}
