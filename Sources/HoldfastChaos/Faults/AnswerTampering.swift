import Holdfast
import HoldfastRPC

/// What a fault makes of the messages of one answer, one after the other: the same in a service's process and in its model.
final class AnswerTampering: Sendable {
    private let fault: AnswerFault
    private let random: KeyedRandom
    private let level: Double
    private let otherAnswer: (@Sendable ([UInt8]) throws -> [UInt8])?
    private let count = Locked(0)

    /// - Parameters:
    ///   - random: what the answer's chance is drawn from.
    ///   - level: the share of the fault's times that holds.
    ///   - otherAnswer: makes of an answer one that belongs to another request; nil for a method of which no other answers are known.
    init(
        _ fault: AnswerFault, _ random: KeyedRandom, level: Double, otherAnswer: (@Sendable ([UInt8]) throws -> [UInt8])?
    ) {
        self.fault = fault
        self.random = random
        self.level = level
        self.otherAnswer = otherAnswer
    }

    /// Whether the stream ends without a status.
    var omitsStatus: Bool {
        if case .partial = fault { true } else { false }
    }

    /// How long the next message is held up, and what becomes of it.
    func next(_ message: [UInt8]) throws -> (pause: Duration, fate: ServerTampering.Fate) {
        let number = count.withLock { count in
            defer { count += 1 }
            return count
        }
        switch fault {
        case .partial(let messages, let share):
            return (.zero, number < messages ? .replaced(message) : .cut(to: Int(share * Double(message.count))))
        case .garble: return (.zero, .replaced(noise(message.count, random.keyed(number).sequence)))
        case .wrongData: return (.zero, .replaced(try otherAnswer?(message) ?? message))
        case .slowStream(let time): return (time.sample(using: random.keyed(number).sequence).scaled(to: level), .replaced(message))
        }
    }

    /// Bytes that begin with a field of a wire type that there is not, so that by no chance they mean something.
    private func noise(_ count: Int, _ random: RandomSource) -> [UInt8] {
        var bytes = (0..<max(count, 1)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        // A tag of one byte: field 1 to 15, wire type 7.
        bytes[0] = (bytes[0] & 0x78 | 0x08) | 0x07
        return bytes
    }
}

extension ServerTampering {
    /// To be acted out by a server.
    init(_ tampering: AnswerTampering) {
        self.init(omitsStatus: tampering.omitsStatus) { message in
            let (pause, fate) = try tampering.next(message)
            if pause > .zero { try await TimeSource.system.sleep(for: pause) }
            return fate
        }
    }
}
