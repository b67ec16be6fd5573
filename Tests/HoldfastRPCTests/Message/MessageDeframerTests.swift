import Testing

@testable import HoldfastRPC

@Suite("Message framing")
struct MessageDeframerTests {
    private func deframe(_ pieces: [[UInt8]], limit: Int = 100) throws(FramingError) -> (messages: [[UInt8]], inside: Bool) {
        var deframer = MessageDeframer(limit: limit)
        var messages: [[UInt8]] = []
        for piece in pieces {
            var failure: FramingError?
            piece.withUnsafeBufferPointer { bytes in
                do throws(FramingError) {
                    try deframer.receive(bytes) { messages.append($0.bytes) }
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
        }
        return (messages, deframer.isInsideMessage)
    }

    private static let stream: [UInt8] = [0, 0, 0, 0, 3, 1, 2, 3] + [0, 0, 0, 0, 0] + [0, 0, 0, 0, 1, 9]

    @Test("Messages come out whole, however the bytes are cut", arguments: 1...stream.count)
    func anyPieces(size: Int) throws {
        let pieces = stride(from: 0, to: Self.stream.count, by: size).map {
            Array(Self.stream[$0..<min($0 + size, Self.stream.count)])
        }
        let result = try deframe(pieces)
        #expect(result.messages == [[1, 2, 3], [], [9]])
        #expect(!result.inside)
    }

    @Test("A stream that stops inside a message says so", arguments: [1, 4, 5, 7])
    func inside(length: Int) throws {
        #expect(try deframe([Array(Self.stream.prefix(length))]).inside)
    }

    @Test(
        "Bad prefixes are errors",
        arguments: [
            ([1, 0, 0, 0, 1, 7], FramingError.compressed),
            ([2, 0, 0, 0, 1, 7], .unknownFlag(2)),
            ([0, 0, 0, 0, 101], .tooLong(length: 101, limit: 100)),
            ([0, 255, 255, 255, 255], .tooLong(length: 4_294_967_295, limit: 100)),
        ] as [([UInt8], FramingError)])
    func bad(bytes: [UInt8], error: FramingError) {
        #expect(throws: error) { try deframe([bytes]) }
    }

    @Test("What is framed on the way out comes back the same, into buffers of any size", arguments: [1, 3, 5, 6, 64])
    func roundTrip(capacity: Int) throws {
        var outbound = OutboundMessages()
        let messages: [[UInt8]] = [[1, 2, 3], [], Array(repeating: 7, count: 50)]
        for message in messages { outbound.append(message) }
        outbound.isFinished = true
        var pieces: [[UInt8]] = []
        var finished = false
        while !finished {
            let piece = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                let whole = UnsafeMutableBufferPointer(start: buffer.baseAddress, count: capacity)
                let result = outbound.read(into: whole)
                count = result.count
                finished = result.progress == .finished
            }
            pieces.append(piece)
        }
        #expect(try deframe(pieces).messages == messages)
    }
}
