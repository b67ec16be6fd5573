import Holdfast
import NIOCore

/// Feeds the outlier detector, and wakes it at its times.
///
/// Confined to the event loop. The pool owns it.
final class OutlierWatch {
    private let rules: OutlierDetection
    private let eventLoop: any EventLoop
    private unowned let pool: EndpointPool
    private var detector: OutlierDetector
    private var interval: Scheduled<Void>?
    private var timeOfReturn: Scheduled<Void>?

    init(_ rules: OutlierDetection, eventLoop: any EventLoop, pool: EndpointPool) {
        self.rules = rules
        self.eventLoop = eventLoop
        self.pool = pool
        detector = OutlierDetector(rules)
    }

    func isEjected(_ id: Int) -> Bool { detector.isEjected(id) }

    func add(_ id: Int) { detector.add(id) }

    func remove(_ id: Int) { detector.remove(id) }

    /// A call has ended.
    func record(_ id: Int, _ outcome: Result<Metadata, any Error>) {
        guard let failed = OutlierDetector.isFailure(outcome.map { _ in }) else { return }
        if interval == nil { awaitInterval() }
        if detector.record(id, failed: failed, now: TimeSource.system.now()) { ejected() }
    }

    func stop() {
        interval?.cancel()
        timeOfReturn?.cancel()
    }

    private func ejected() {
        awaitReturn()
        pool.changed()
    }

    private func awaitInterval() {
        interval = eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(rules.interval.nanoseconds)) { [weak self] in
            self?.intervalEnded()
        }
    }

    private func intervalEnded() {
        let hasEjected = !detector.intervalEnded(now: TimeSource.system.now()).isEmpty
        // Without calls there is nothing to look at.
        interval = nil
        if !detector.isAtRest { awaitInterval() }
        if hasEjected { ejected() }
    }

    private func awaitReturn() {
        timeOfReturn?.cancel()
        guard let next = detector.nextReturn else { return }
        let rest = max(TimeSource.system.now().duration(to: next).nanoseconds, 0)
        timeOfReturn = eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(rest)) { [weak self] in
            guard let self else { return }
            let returning = self.detector.takeReturning(now: TimeSource.system.now())
            self.awaitReturn()
            if !returning.isEmpty { self.pool.returned(returning) }
        }
    }
}
