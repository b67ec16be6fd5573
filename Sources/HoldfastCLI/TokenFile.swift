import Foundation

/// Where a server leaves its token for the commands of the same user.
struct TokenFile {
    private struct Failure: Error {}

    let path: String
    private let folder: String

    /// The token that the environment gives to servers and commands alike.
    static var environment: String? {
        ProcessInfo.processInfo.environment["HOLDFAST_DEBUG_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The file of the server whose debug port that is.
    /// - Throws: when the user has no place for such files.
    init(port: Int) throws {
        let environment = ProcessInfo.processInfo.environment
        if let runtime = environment["XDG_RUNTIME_DIR"], runtime.hasPrefix("/") {
            folder = "\(runtime)/holdfast"
        } else if let home = environment["HOME"], home.hasPrefix("/"), home != "/" {
            folder = "\(home)/.holdfast"
        } else {
            throw Failure()
        }
        path = "\(folder)/debug-\(port).token"
    }

    /// Writes the token, for the user's eyes only.
    func write(_ token: String) throws {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw Failure() }
        // A new file takes the old one's place: one that was there might be open to others.
        let new = "\(path).\(getpid())"
        let descriptor = open(new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure() }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try file.write(contentsOf: Data("\(token)\n".utf8))
            guard rename(new, path) == 0 else { throw Failure() }
        } catch {
            unlink(new)
            throw error
        }
    }

    /// The token; nil if there is no file, or others can read it.
    func read() -> String? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_uid == getuid(), status.st_mode & 0o077 == 0 else { return nil }
        return (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func remove() {
        unlink(path)
    }
}
