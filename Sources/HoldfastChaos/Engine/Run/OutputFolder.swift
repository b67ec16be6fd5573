import Foundation

/// The folder in which a run, or a sweep over seeds, leaves its reports.
enum OutputFolder {
    /// What lies there at the end of one or the other. The journal is not among them: a run begins it anew.
    private static let reports = ["result.json", "junit.xml", "report.html", "sweep.json"]

    /// Makes the folder if it is not there, and takes away the reports that lie there: if nothing comes of what runs now, nobody must
    /// take those of another run for its own.
    ///
    /// - Throws: ``HarnessError`` when nothing can be written there.
    static func prepare(_ folder: URL) throws {
        func failure(_ reason: String) -> HarnessError { HarnessError("cannot write to \(folder.path): \(reason)") }
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw failure(error.localizedDescription)
        }
        guard access(folder.path, W_OK | X_OK) == 0 else { throw failure(String(cString: strerror(errno))) }
        for name in reports {
            // Not FileManager's removal, which would take a folder of that name with all that is in it.
            guard unlink(folder.appendingPathComponent(name).path) != 0, errno != ENOENT else { continue }
            throw failure("the \(name) that is there cannot be replaced: \(String(cString: strerror(errno)))")
        }
    }
}
