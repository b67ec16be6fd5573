import Foundation

/// What the numbers were measured on.
enum Machine {
    /// The processor, the system and the versions, a line each.
    static var description: String {
        let memory = Double(ProcessInfo.processInfo.physicalMemory) / 1_073_741_824
        var lines = [
            "machine: \(processor), \(processors) cores, \(memory.text()) GiB",
            "system: \(system)",
            "compiler: \(Tool.line("swift", ["--version"]) ?? "unknown")\(isDebug ? ", NOT optimised: build with -c release" : "")",
            "holdfast: \(commit)",
            "packages: \(packages)",
            "libnghttp2: \(Tool.line("pkg-config", ["--modversion", "libnghttp2"]) ?? "unknown")",
        ]
        lines.append(load)
        return lines.joined(separator: "\n")
    }

    /// How busy the machine has been; what others run on it is in the numbers.
    static var load: String {
        var averages = [0.0, 0.0, 0.0]
        guard getloadavg(&averages, 3) == 3 else { return "load: unknown" }
        return "load in the last minute: \(averages[0].text(2)) of \(processors) cores"
    }

    /// How many processors the program may use.
    static var processors: Int { ProcessInfo.processInfo.activeProcessorCount }

    /// The top of the repository.
    static let repository = URL(filePath: #filePath).appending(path: "../../../../../").standardizedFileURL

    private static var processor: String {
        #if os(Linux)
        let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        return value(of: "model name", in: information, separator: ":") ?? "unknown processor"
        #else
        return Tool.line("sysctl", ["-n", "machdep.cpu.brand_string"]) ?? "unknown processor"
        #endif
    }

    private static var system: String {
        let release = (try? String(contentsOfFile: "/etc/os-release", encoding: .utf8)) ?? ""
        let name = value(of: "PRETTY_NAME", in: release, separator: "=")?.trimmingCharacters(in: ["\""])
        let kernel = Tool.line("uname", ["-srm"]) ?? ""
        return [name ?? ProcessInfo.processInfo.operatingSystemVersionString, kernel].joined(separator: ", ")
    }

    private static var commit: String {
        Tool.line("git", ["-C", repository.path, "describe", "--always", "--dirty"]) ?? "not in a git repository"
    }

    private static var packages: String {
        struct Resolved: Decodable {
            struct Pin: Decodable {
                struct State: Decodable { let version: String? }
                let identity: String
                let state: State
            }
            let pins: [Pin]
        }
        let file = repository.appending(path: "Benchmarks/Package.resolved")
        guard let data = try? Data(contentsOf: file), let resolved = try? JSONDecoder().decode(Resolved.self, from: data) else {
            return "unknown"
        }
        return resolved.pins.filter { ["swift-nio", "swift-protobuf", "swift-collections"].contains($0.identity) }
            .map { "\($0.identity) \($0.state.version ?? "unknown")" }.sorted().joined(separator: ", ")
    }

    private static func value(of key: String, in text: String, separator: Character) -> String? {
        let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
        return line?.split(separator: separator, maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
    }

    private static var isDebug: Bool {
        #if DEBUG
        return true
        #else
        return false
        #endif
    }
}
