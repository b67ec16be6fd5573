/// Decides what to make of policy files that are looked at from time to time: a value, without a file, a clock or a wait.
///
/// - Files are read when their stamp is another, and some more times after that: two writes within one tick of the file system's clock
///   leave one stamp.
/// - A good file is good at once: no beginning of a JSON object is one itself.
/// - Several files are one document, and are changed one after the other: what is good half-way may be without the policies of a file that
///   is being replaced. They are good when they are the same at two looks in a row.
/// - What is bad may be half written. It is looked at again, and is reported when it is the same at two looks in a row; once.
struct FileChangeStateMachine {
    /// What to do with a content that is new.
    enum Judgement: Hashable {
        /// It is what was taken or reported last, it changed while it was read, or the next look has to find it too.
        case leave
        /// Try to put it in force, then call ``accepted()`` or ``refused()``.
        case tryIt
    }

    /// How many looks a stamp must stay the same for until the files are not read any more; with half a second between them, the two
    /// seconds of the coarsest file system's clock.
    static let looksUntilSettled = 4

    /// Whether something that may be good waits for the next look to find it too.
    private(set) var isWaiting = false

    private var stamp: PolicyFileStamp?
    private var looksLeft = looksUntilSettled
    /// What was taken or reported last.
    private var settled: PolicyFileContent?
    /// What the last look found; nil when that changed while it was read.
    private var found: PolicyFileContent?
    /// Whether the look before found the same.
    private var isConfirmed = false

    /// Whether the files must be read, by their stamp now.
    mutating func mustRead(_ stamp: PolicyFileStamp) -> Bool {
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
    ///   - isForced: whether somebody asked for it, so that what was taken or reported before is tried again, and nothing is waited for.
    mutating func judge(_ content: PolicyFileContent, stampAfter after: PolicyFileStamp, isForced: Bool) -> Judgement {
        isWaiting = false
        guard after == stamp else {
            (found, isConfirmed) = (nil, false)
            // The next look reads again.
            looksLeft = Self.looksUntilSettled
            return .leave
        }
        isConfirmed = content == found
        found = content
        if isForced { return .tryIt }
        if content == settled { return .leave }
        guard content.changesAtOnce || isConfirmed else {
            isWaiting = true
            lookAgain()
            return .leave
        }
        return .tryIt
    }

    /// What was tried is in force.
    mutating func accepted() {
        settled = found
    }

    /// What was tried is bad.
    /// - Parameter isForced: whether somebody waits for the answer.
    /// - Returns: whether to report it now.
    mutating func refused(isForced: Bool) -> Bool {
        guard isForced || isConfirmed else {
            lookAgain()
            return false
        }
        settled = found
        return true
    }

    /// Makes the next look read, however long the stamp has been the same.
    private mutating func lookAgain() {
        looksLeft = max(looksLeft, 1)
    }
}
