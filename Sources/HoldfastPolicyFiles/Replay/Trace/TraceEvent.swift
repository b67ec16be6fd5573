import Holdfast

/// What can happen in a trace.
enum TraceEvent: Sendable {
    /// The keys of the events.
    enum Name: String, Sendable {
        case call, record, admit, acquire, settle, answer, drop, control, reconfigure, check
        case pressure, sample, deposit, withdraw, delay, start, end
    }

    /// A call that asks, and if it is let through ends by itself.
    case call(TraceCall, TraceResult, duration: Duration)
    /// An attempt that ends now, after that long, whether or not it asked.
    case record(TraceResult, duration: Duration, times: Int)
    /// A call that asks, and if it is let through runs until it is told to end. Its event's name is `admit` or `acquire`.
    case admit(TraceCall, Name)
    /// The end of a call.
    case settle(String, TraceResult)
    /// The first message of a call's streamed answer.
    case answer(String)
    /// The caller goes away: while the call runs, or while it waits.
    case drop(String)
    /// A change by hand.
    case control(String)
    /// New settings.
    case reconfigure(TraceSubject)
    /// A reading, nothing else.
    case check
    /// How short resources are from now on, each in the unit of its kind.
    case pressure([Pressure: Double])
    /// What an adaptive limit learns from one attempt, without a call.
    case sample(rtt: Duration, inFlight: Int, didDrop: Bool)
    /// So many first attempts pay into a budget.
    case deposit(Int)
    /// So many further attempts ask a budget for leave, one after the other.
    case withdraw(Int)
    /// The wait before that retry is asked for.
    case delay(retry: Int, previous: Duration?)
    /// A call begins that may make several attempts.
    case start(TraceCall)
    /// One of its attempts ends.
    case end(String, attempt: Int?, TraceResult, enclosingWillAct: Bool)

    /// The event's key.
    var name: Name {
        switch self {
        case .call: .call
        case .record: .record
        case .admit(_, let name): name
        case .settle: .settle
        case .answer: .answer
        case .drop: .drop
        case .control: .control
        case .reconfigure: .reconfigure
        case .check: .check
        case .pressure: .pressure
        case .sample: .sample
        case .deposit: .deposit
        case .withdraw: .withdraw
        case .delay: .delay
        case .start: .start
        case .end: .end
        }
    }
}

/// What a trace says about a call.
struct TraceCall: Sendable {
    /// What later steps call it; nil if none speaks of it.
    var name: String?
    /// What its caller says about it.
    var attributes = CallAttributes()
    /// How long its caller waits for it; nil for ever.
    var deadline: Duration?
    /// So many of them at once.
    var times = 1
}
