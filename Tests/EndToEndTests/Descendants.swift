import Foundation

/// All processes that stem from one command, seen from outside: they carry a mark in their environment, which children inherit.
struct Descendants {
    let mark = "HOLDFAST_TEST_MARK=\(UUID().uuidString)"

    /// Those that run now. One that has ended and was not collected yet has no environment any more.
    var alive: [Int32] {
        // Nobody else has such a thing anywhere in its environment; and to search for it is quick, also under a sanitizer, so that what lasts
        // for a second only is seen.
        let mark = Data(mark.utf8)
        return Self.processes.filter { id in
            (try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(id)/environ")))?.range(of: mark) != nil
        }
    }

    /// The ports that their command lines name, and those that they listen on: of services, and of the proxies in front of them.
    var ports: Set<UInt16> {
        let family = alive
        let named = family.compactMap { id in
            let words = Self.commandLine(of: id)
            return words.firstIndex(of: "--port").flatMap { words.dropFirst($0 + 1).first }.flatMap { UInt16($0) }
        }
        let listeners = Self.listeners
        let sockets = family.flatMap { id in
            let folder = "/proc/\(id)/fd"
            return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
            }
        }
        return Set(named + sockets.compactMap { listeners[$0] })
    }

    /// The ports of IPv4 that somebody listens on, by what `/proc` calls their sockets.
    private static var listeners: [String: UInt16] {
        let table = (try? String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)) ?? ""
        let rows = table.split(separator: "\n").dropFirst().map { $0.split(separator: " ") }
        let listening = rows.filter { $0.count > 9 && $0[3] == "0A" }.compactMap { row -> (String, UInt16)? in
            row[1].split(separator: ":").last.flatMap { UInt16($0, radix: 16) }.map { ("socket:[\(row[9])]", $0) }
        }
        return Dictionary(listening, uniquingKeysWith: { first, _ in first })
    }

    /// The demo services among them.
    var services: [Int32] {
        alive.filter { Self.commandLine(of: $0).contains("serve") }
    }

    /// Waits, bounded by the test's time limit, until none is left.
    func awaitEnd() async throws {
        while !alive.isEmpty { try await Task.sleep(for: .milliseconds(20)) }
    }

    static var processes: [Int32] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
    }

    static func commandLine(of id: Int32) -> [String] {
        let data = (try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(id)/cmdline"))) ?? Data()
        return data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The letter for a process's state: `T` for stopped; nil when it is gone.
    static func state(of id: Int32) -> Character? {
        guard let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8), let end = text.lastIndex(of: ")") else {
            return nil
        }
        return text[end...].dropFirst(2).first
    }

    /// The control groups that a run of that process made and that are still there.
    static func controlGroups(of runner: Int32) -> [String] {
        guard let groups = FileManager.default.enumerator(atPath: "/sys/fs/cgroup") else { return [] }
        return groups.compactMap { $0 as? String }.filter { $0.contains("holdfast-\(runner)-") && !$0.hasSuffix("/tasks") }
    }
}
