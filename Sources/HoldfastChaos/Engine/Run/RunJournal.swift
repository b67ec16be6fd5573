import Foundation
import Holdfast

/// What a run has to tell while it goes on.
package enum RunNews: Sendable {
    /// Something happened; it also stands in the journal.
    case event(JournalEvent)
    /// How things are, some times a second.
    case progress(ProgressSnapshot)
}

/// The journal of a run, written from wherever something happens, and whoever watches.
final class RunJournal: Sendable {
    private let writer: Locked<JournalWriter?>
    private let observe: @Sendable (RunNews) -> Void
    /// When the load of the current variant began.
    private let start = Locked(Instant?.none)

    /// - Parameters:
    ///   - url: the journal's file; nil for none.
    ///   - observe: is told everything as it happens.
    /// - Throws: what the file system says, when the file cannot be made.
    init(url: URL?, observe: @escaping @Sendable (RunNews) -> Void) throws {
        var writer: JournalWriter?
        if let url { writer = try JournalWriter(url: url) }
        self.writer = Locked(writer)
        self.observe = observe
    }

    /// Shows how things are.
    func show(_ snapshot: ProgressSnapshot) {
        observe(.progress(snapshot))
    }

    /// Appends an event. A full disk ends the journal, not the run.
    func write(_ event: JournalEvent) {
        observe(.event(event))
        writer.withLock { writer in
            do { try writer?.write(event) } catch { writer = nil }
        }
    }

    /// The load of a variant begins.
    func begin(at start: Instant) {
        self.start.withLock { $0 = start }
    }

    /// Appends what a proxy did.
    func write(_ decision: ProxyDecision) {
        write(JournalEvent(at: seconds(to: decision.at), .decision(decision)))
    }

    /// Appends what a fault did to an attempt at a replica.
    func write(_ decision: AttemptDecision, of replica: String) {
        let event = JournalEvent.Payload.attemptDecision(decision, replica: replica)
        write(JournalEvent(at: seconds(to: Instant(nanoseconds: decision.at)), event))
    }

    private func seconds(to moment: Instant) -> Double {
        (start.withLock { $0?.duration(to: moment) } ?? .zero).seconds
    }
}
