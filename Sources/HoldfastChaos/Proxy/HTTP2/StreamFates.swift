/// What a proxy knows of the streams of a connection: those that faults did something to, and how far the client has come.
struct StreamFates {
    /// The highest stream that the client has opened.
    var highest: UInt32 = 0
    /// The last stream that the client was told may be processed; nil while it was told nothing.
    var lastAllowed: UInt32?
    /// Streams that were ended by the proxy, for both sides.
    private var dead = RecentStreams<Void>()
    /// Streams that a fault ends at their response.
    private var doomed = RecentStreams<FaultPlan.Entry>()
    /// What was chosen for streams whose choice is asked for more than once, by fault.
    private var choices: [String: RecentStreams<Bool>] = [:]

    var areUntouched: Bool { dead.isEmpty && doomed.isEmpty && lastAllowed == nil }

    func isDead(_ stream: UInt32) -> Bool { dead[stream] != nil }

    mutating func kill(_ stream: UInt32) { dead[stream] = () }

    mutating func doom(_ stream: UInt32, _ entry: FaultPlan.Entry) { doomed[stream] = entry }

    /// The fault that ends the stream at its response, once.
    mutating func takeDoom(_ stream: UInt32) -> FaultPlan.Entry? {
        guard let entry = doomed[stream] else { return nil }
        doomed[stream] = nil
        return entry
    }

    /// What was chosen for a stream, asked for at most once.
    mutating func choice(_ entry: FaultPlan.Entry, _ stream: UInt32, _ choose: () -> Bool) -> Bool {
        if let known = choices[entry.id]?[stream] { return known }
        let chosen = choose()
        choices[entry.id, default: RecentStreams()][stream] = chosen
        return chosen
    }

    mutating func forgetChoices(except kept: Set<String>) {
        choices = choices.filter { kept.contains($0.key) }
    }
}

/// What was corrupted, and how many frames were looked at.
struct CorruptedFrameCount {
    private var frames: [NetworkFault.Flow: Int] = [:]
    private var streams: [String: RecentStreams<Void>] = [:]
    private var connections: Set<String> = []

    mutating func next(_ flow: NetworkFault.Flow) -> Int {
        frames[flow, default: 0] += 1
        return frames[flow]!
    }

    /// - Returns: whether it is the first time.
    mutating func first(_ entry: FaultPlan.Entry, stream: UInt32?) -> Bool {
        guard let stream else { return connections.insert(entry.id).inserted }
        guard streams[entry.id]?[stream] == nil else { return false }
        streams[entry.id, default: RecentStreams()][stream] = ()
        return true
    }

    mutating func forget(except kept: Set<String>) {
        streams = streams.filter { kept.contains($0.key) }
        connections.formIntersection(kept)
    }
}
