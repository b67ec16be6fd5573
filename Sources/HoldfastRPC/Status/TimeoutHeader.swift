import Holdfast

/// The value of `grpc-timeout`: at most eight digits and a unit.
package enum TimeoutHeader {
    private static let units: [(letter: UInt8, nanoseconds: Int64)] = [
        (UInt8(ascii: "n"), 1), (UInt8(ascii: "u"), 1_000), (UInt8(ascii: "m"), 1_000_000),
        (UInt8(ascii: "S"), 1_000_000_000), (UInt8(ascii: "M"), 60_000_000_000), (UInt8(ascii: "H"), 3_600_000_000_000),
    ]
    private static let largest: Int64 = 99_999_999

    /// The shortest unit that fits, rounded up, so that the server never gives up before the client does: to three digits, as gRPC's C core
    /// does, so that calls with the same time bring the same text, which HTTP/2 sends as one byte.
    static func encode(nanoseconds: Int64) -> String {
        let wanted = max(nanoseconds, 1)
        for unit in units {
            let amount = rounded((wanted - 1) / unit.nanoseconds + 1)
            if amount <= largest { return text(amount, unit.letter) }
        }
        return text(largest, UInt8(ascii: "H"))
    }

    private static func rounded(_ amount: Int64) -> Int64 {
        var step: Int64 = 1
        while amount / step >= 1_000 { step *= 10 }
        // An amount close to the largest number there is is none that fits either way.
        return amount > .max - step ? amount : (amount - 1) / step * step + step
    }

    /// By hand, since an interpolation, which goes through the heap, would be a good part of what a deadline costs a call.
    private static func text(_ amount: Int64, _ unit: UInt8) -> String {
        String(unsafeUninitializedCapacity: 9) { buffer in
            var rest = amount
            var count = 1
            while rest >= 10 {
                rest /= 10
                count += 1
            }
            rest = amount
            for position in (0..<count).reversed() {
                buffer[position] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
            buffer[count] = unit
            return count + 1
        }
    }

    /// The timeout that a text says; nil when it is none.
    package static func decode(_ text: String) -> Duration? {
        var text = text
        return text.withUTF8 { decode($0) }.map { .nanoseconds($0) }
    }

    /// The timeout in nanoseconds, saturating; nil when the text is no timeout.
    static func decode(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard (2...9).contains(text.count), let unit = units.first(where: { $0.letter == text[text.count - 1] }) else { return nil }
        var amount: Int64 = 0
        for byte in text.dropLast() {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            amount = amount * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        let (nanoseconds, overflow) = amount.multipliedReportingOverflow(by: unit.nanoseconds)
        return overflow ? .max : nanoseconds
    }
}
