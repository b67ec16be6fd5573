import Holdfast

/// What is written to a hedged stream, and how far its attempts are.
struct HedgedStreamState {
    typealias Contender = HedgedStream.Contender

    private var messages: [StreamMessage]
    private var bytes: Int
    private var isComplete: Bool
    private var isOverflown = false
    /// The attempts under way, oldest first.
    private var contenders: [Contender] = []
    /// Those of them whose headers have come, in that order.
    private var headed: [Contender] = []
    private var asksForMetadata = false
    private var isHandedOver = false
    private var isCancelled = false
    /// Finished, and replaced, when something has changed that those who write to the attempts wait for.
    private var news = AsyncValue<Void>()

    /// The attempt that became the stream.
    private(set) var taken: Contender?
    /// Its first message, nil inside when it ended with OK and without one, until it is read.
    var first: [UInt8]??
    /// What the call ended with when no attempt answered.
    private(set) var end: (any Error)?
    /// Whether the service has begun an answer.
    private(set) var hasSeenHead = false
    /// What runs the attempts.
    var race: Task<Void, Never>?

    init(messages: [StreamMessage], isComplete: Bool) {
        self.messages = messages
        self.isComplete = isComplete
        bytes = messages.reduce(0) { $0 + $1.bytes.count + MessageDeframer.prefixLength }
    }

    private mutating func turn() -> AsyncValue<Void> {
        defer { news = AsyncValue() }
        return news
    }

    // MARK: The attempts

    /// - Returns: whether the attempt must be the stream, since no other one could be any more.
    mutating func enter(_ contender: Contender) -> Bool {
        contenders.append(contender)
        return isOverflown && taken == nil
    }

    /// - Returns: whether that makes the attempt the stream.
    mutating func receivedHead(_ contender: Contender) -> Bool {
        hasSeenHead = true
        headed.append(contender)
        return asksForMetadata && taken == nil
    }

    mutating func leave(_ contender: Contender) -> AsyncValue<Void> {
        contenders.removeAll { $0 === contender }
        headed.removeAll { $0 === contender }
        return turn()
    }

    /// - Returns: nil for the news when it was taken before.
    mutating func take(_ contender: Contender) -> (news: AsyncValue<Void>?, isCancelled: Bool) {
        guard taken == nil else { return (nil, isCancelled) }
        taken = contender
        return (turn(), isCancelled)
    }

    mutating func fail(_ error: any Error) -> AsyncValue<Void> {
        end = error
        messages = []
        return turn()
    }

    mutating func cancel() -> (race: Task<Void, Never>?, stream: (any ClientStream)?) {
        isCancelled = true
        return (race, taken?.stream)
    }

    /// What an attempt's writer does next.
    enum Step {
        case send(StreamMessage)
        case wait(AsyncValue<Void>)
        /// No more will follow.
        case finish
        /// All that was kept has been sent, and writers may write to the attempt themselves; unless no more follows, which is then to
        /// be said.
        case handOver(finish: Bool)
        case stop
    }

    /// - Parameters:
    ///   - sent: how many messages it has sent.
    ///   - isFinished: whether it has said that no more follow.
    mutating func step(of contender: Contender, sent: Int, isFinished: Bool) -> Step {
        guard end == nil, contenders.contains(where: { $0 === contender }) else { return .stop }
        if let taken, taken !== contender { return .stop }
        if sent < messages.count { return .send(messages[sent]) }
        let mustFinish = isComplete && !isFinished
        guard taken != nil else { return mustFinish ? .finish : .wait(news) }
        isHandedOver = true
        messages = []
        return .handOver(finish: mustFinish)
    }

    // MARK: The caller

    /// What becomes of a message.
    enum Writing {
        case kept(AsyncValue<Void>)
        /// Kept, though it is more than is kept for attempts to come: the oldest attempt, if there is one, must be the stream.
        case overflown(AsyncValue<Void>, Contender?)
        /// Not kept: to be written to the stream once writers may.
        case wait
    }

    mutating func write(_ message: StreamMessage, bufferLength: Int) throws -> Writing {
        if let end { throw end }
        if isComplete { throw RPCError.finishedWriting }
        if taken != nil || isOverflown { return .wait }
        messages.append(message)
        bytes += message.bytes.count + MessageDeframer.prefixLength
        guard bytes > bufferLength else { return .kept(turn()) }
        isOverflown = true
        return .overflown(turn(), contenders.first)
    }

    mutating func finish() -> (news: AsyncValue<Void>, stream: (any ClientStream)?) {
        isComplete = true
        return (turn(), isHandedOver ? taken?.stream : nil)
    }

    /// - Returns: the attempt that this makes the stream.
    mutating func askForMetadata() -> Contender? {
        asksForMetadata = true
        return taken == nil ? headed.first : nil
    }
}
