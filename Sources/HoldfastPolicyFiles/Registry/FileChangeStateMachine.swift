/// Decides what to make of a file that is looked at from time to time: a value, without a file, a clock or a wait.
///
/// - A file is read when its stamp is another, and some more times after that: two writes within one tick of the file system's clock leave
///   one stamp.
/// - A good document is good at once: no beginning of a JSON object is one itself.
/// - A bad one may be half written. It is looked at again, and is reported when it is the same at two looks in a row; once.
struct FileChangeStateMachine {
    /// What to do with a content that is new.
    enum Judgement: Hashable {
        /// It is what was taken or reported last, or it changed while it was read.
        case leave
        /// Try to put it in force, then call ``accepted()`` or ``refused()``.
        case tryIt
    }

    /// How many looks a stamp must stay the same for until the file is not read any more; with half a second between them, the two seconds
    /// of the coarsest file system's clock.
    static let looksUntilSettled = 4

    private var stamp: FileStamp?
    private var looksLeft = looksUntilSettled
    /// What was taken or reported last.
    private var settled: PolicyFileContent?
    /// What was bad at the last look, and has not been reported.
    private var suspect: PolicyFileContent?
    private var candidate: PolicyFileContent?

    /// Whether the file must be read, by its stamp now.
    mutating func mustRead(_ stamp: FileStamp?) -> Bool {
        if stamp != self.stamp {
            self.stamp = stamp
            looksLeft = Self.looksUntilSettled
            return true
        }
        guard looksLeft > 0 else { return false }
        looksLeft -= 1
        return true
    }

    /// Judges what was read.
    /// - Parameters:
    ///   - after: the stamp after reading.
    ///   - isForced: whether somebody asked for it, so that what was taken or reported before is tried again.
    mutating func judge(_ content: PolicyFileContent, stampAfter after: FileStamp?, isForced: Bool) -> Judgement {
        guard after == stamp else {
            // The next look reads again.
            looksLeft = Self.looksUntilSettled
            return .leave
        }
        if content == settled, !isForced {
            suspect = nil
            return .leave
        }
        candidate = content
        return .tryIt
    }

    /// What was tried is in force.
    mutating func accepted() {
        settled = candidate
        suspect = nil
    }

    /// What was tried is bad.
    /// - Parameter isForced: whether somebody waits for the answer.
    /// - Returns: whether to report it now.
    mutating func refused(isForced: Bool) -> Bool {
        guard isForced || suspect == candidate else {
            suspect = candidate
            // Looked at again, however long the stamp has been the same.
            looksLeft = max(looksLeft, 1)
            return false
        }
        settled = candidate
        suspect = nil
        return true
    }
}
