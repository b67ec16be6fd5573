/// Resets some streams in the name of the server whose frames pass through it.
struct StreamResetter {
    /// Counts the answers that begin, over all connections.
    let heads: Counter
    /// One answer in so many is reset.
    let every: Int
    /// Counts those.
    let resets: Counter
    private var rest: [UInt8] = []

    init(heads: Counter, every: Int, resets: Counter) {
        (self.heads, self.every, self.resets) = (heads, every, resets)
    }

    /// - Returns: what goes on to the client: whole frames, and resets between them.
    mutating func receive(_ bytes: [UInt8]) -> [UInt8] {
        rest += bytes
        var passed: [UInt8] = []
        var position = 0
        while rest.count - position >= 9 {
            let end = position + 9 + (Int(rest[position]) << 16 | Int(rest[position + 1]) << 8 | Int(rest[position + 2]))
            guard rest.count >= end else { break }
            let (type, flags) = (rest[position + 3], rest[position + 4])
            let stream = rest[position + 5..<position + 9].reduce(0) { $0 << 8 | Int32($1) }
            let frame = rest[position..<end]
            position = end
            // The headers of an answer, complete, with more to follow on their stream.
            let number = type == 1 && flags & 5 == 4 ? heads.add() : 0
            guard number > 0, number % every == 0 else {
                passed += frame
                continue
            }
            resets.add()
            // In turn before the answer began, as a server refuses, and in the middle of it.
            let isRefusal = number / every % 2 == 0
            if isRefusal { passed += RawFrames.reset(7, stream: stream) }
            passed += frame
            if !isRefusal { passed += RawFrames.reset(8, stream: stream) }
        }
        rest.removeFirst(position)
        return passed
    }
}
