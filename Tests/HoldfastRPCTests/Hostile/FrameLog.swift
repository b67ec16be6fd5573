/// Splits a peer's bytes into frames, and keeps what tells how it ended streams and connections.
struct FrameLog: Sendable {
    /// The types of frames that are passed on.
    private let passing: Set<UInt8>
    private var rest: [UInt8] = []
    /// The error codes of RST_STREAM frames, by stream.
    private(set) var resets: [Int32: UInt32] = [:]
    /// The error code of the last GOAWAY frame.
    private(set) var goAway: UInt32?

    /// - Parameter passing: the types of frames that ``receive(_:)`` passes on; SETTINGS are too, but not their acknowledgement.
    init(passing: Set<UInt8>) {
        self.passing = passing
    }

    /// - Returns: the frames of calls, and the peer's settings: what a session reads that has not said itself what the peer answers.
    mutating func receive(_ bytes: [UInt8]) -> [UInt8] {
        rest += bytes
        var passed: [UInt8] = []
        var position = 0
        while rest.count - position >= 9 {
            let length = Int(number(position, 3))
            guard rest.count - position >= 9 + length else { break }
            let payload = position + 9
            switch rest[position + 3] {
            case 3 where length == 4: resets[Int32(number(position + 5, 4))] = number(payload, 4)
            case 7 where length >= 8: goAway = number(payload + 4, 4)
            default: break
            }
            let isForReader = passing.contains(rest[position + 3]) || rest[position + 3] == 4 && rest[position + 4] & 1 == 0
            if isForReader { passed += rest[position..<payload + length] }
            position = payload + length
        }
        rest.removeFirst(position)
        return passed
    }

    private func number(_ position: Int, _ count: Int) -> UInt32 {
        rest[position..<position + count].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
