import DequeModule
import Holdfast
import HoldfastRPC

/// The handlers of streams, as the demo services have them: they run once a worker has done the call's work, and cost no worker.
extension ModelledService {
    /// Goes through a stream's conversation.
    func converse(_ call: ModelledCall, _ method: DemoMethod) {
        guard !call.hasEnded else { return conclude(call, .success(())) }
        switch method.conversation {
        case .single, .eachAnswered: answerNext(call, method)
        case .untilEnd(let messages, let interval): send(messages, every: interval, call, method)
        case .untilFinished(let interval):
            call.whenRequested = { [self] in
                // What the caller sends before its last is read, and changes nothing.
                guard call.isComplete else { return }
                call.work?.cancel()
                finishStream(call)
            }
            beat(every: interval, call, method)
        }
    }

    /// The caller has sent a request, or said that no more follow.
    func hear(_ call: ModelledCall) {
        whenAwake { call.whenRequested?() }
    }

    private func answerNext(_ call: ModelledCall, _ method: DemoMethod) {
        call.whenRequested = nil
        if let request = call.requests.popFirst() {
            return answer(request, call, method) { [self] in answerNext(call, method) }
        }
        if call.isComplete { return finishStream(call) }
        call.whenRequested = { [self] in answerNext(call, method) }
    }

    private func send(_ count: Int, every interval: Duration, _ call: ModelledCall, _ method: DemoMethod) {
        answer(call.requests.first ?? [], call, method) { [self] in
            guard count > 1 else { return finishStream(call) }
            later(interval, call) { [self] in send(count - 1, every: interval, call, method) }
        }
    }

    /// Sends a beat, and the next one later, until the caller has said its last.
    private func beat(every interval: Duration, _ call: ModelledCall, _ method: DemoMethod) {
        guard !call.isComplete else { return finishStream(call) }
        answer([], call, method) { [self] in
            later(interval, call) { [self] in beat(every: interval, call, method) }
        }
    }

    /// Sends an answer, after what a fault makes of it.
    private func answer(_ request: [UInt8], _ call: ModelledCall, _ method: DemoMethod, then next: @escaping @Sendable () -> Void) {
        do {
            let message = try method.answer(request)
            guard let tampering = call.tampering else {
                call.deliver(message)
                return next()
            }
            let (pause, fate) = try tampering.next(message)
            later(pause, call) { [self] in
                switch fate {
                case .cut: conclude(call, .failure(.cutOff))
                case .replaced(let bytes):
                    call.deliver(bytes)
                    next()
                }
            }
        } catch {
            conclude(call, .failure(.ofHandler(error)))
        }
    }

    private func finishStream(_ call: ModelledCall) {
        call.whenRequested = nil
        if let failure = call.failure { return conclude(call, .failure(failure)) }
        conclude(call, call.tampering?.omitsStatus == true ? .failure(.withoutStatus) : .success(()))
    }

    /// Goes on after a time in the handler, unless the call has ended meanwhile.
    private func later(_ time: Duration, _ call: ModelledCall, _ body: @escaping @Sendable () -> Void) {
        guard time > .zero else { return body() }
        call.work = timeSource.schedule(at: timeSource.now() + time) { [self] in
            whenAwake { if !call.hasEnded { body() } }
        }
    }
}
