import Foundation

/// The `holdfast` command, as users run it.
enum HoldfastCommand {
    /// Where a release build puts it.
    static func find() throws -> URL {
        let file = Machine.repository.appending(path: ".build/release/holdfast")
        guard FileManager.default.isExecutableFile(atPath: file.path) else {
            throw BenchmarkError("there is no \(file.path); build it: swift build -c release --product holdfast")
        }
        return file
    }

    /// What a run of a scenario took, and what it found.
    struct Run {
        let seconds: Double
        /// Microseconds of processor time of the runner itself, without its children; up to some hundredths of a second before its end.
        let cpuTime: Double
        let result: Result
    }

    /// The part of `result.json` that is looked at here.
    struct Result: Decodable {
        struct Variant: Decodable { let loads: [Load] }
        struct Load: Decodable {
            let seconds: [Second]
            let phases: [Phase]
        }
        struct Second: Decodable { let outcomes: [String: Int] }
        struct Phase: Decodable {
            let phase: String
            let metrics: [String: Double]
        }

        let variants: [Variant]

        var calls: Int { variants.flatMap(\.loads).flatMap(\.seconds).reduce(0) { $0 + $1.outcomes.values.reduce(0, +) } }
    }

    /// Runs a scenario to its end.
    /// - Parameters:
    ///   - core: the only one that the runner and its children may use; nil for all.
    ///   - arguments: what else stands on the command line.
    static func run(_ scenario: URL, core: Int? = nil, _ arguments: [String] = []) throws -> Run {
        let output = FileManager.default.temporaryDirectory.appending(path: "holdfast-benchmark-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: output) }
        let process = Process()
        let words = ["chaos", "run", scenario.path, "--output", output.path] + arguments
        if let core, let taskset = Tool.find("taskset") {
            process.executableURL = taskset
            process.arguments = ["-c", "\(core)", try find().path] + words
        } else {
            process.executableURL = try find()
            process.arguments = words
        }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let stopwatch = Stopwatch()
        try Children.shared.start(process)
        defer { Children.shared.ended(process) }
        var cpuTime = 0.0
        // Not waitUntilExit(): see ServerProcess.stop().
        while process.isRunning {
            cpuTime = (try? ProcessStatistics.cpuTime(of: process.processIdentifier)) ?? cpuTime
            Thread.sleep(forTimeInterval: 0.01)
        }
        let seconds = stopwatch.seconds
        guard let data = try? Data(contentsOf: output.appending(path: "result.json")) else {
            throw BenchmarkError("\(scenario.lastPathComponent) gave no result")
        }
        return Run(seconds: seconds, cpuTime: cpuTime, result: try JSONDecoder().decode(Result.self, from: data))
    }

    /// A Say whose handlers take their time.
    static let modelledSay = "\"workers\": 64, \"serviceTime\": { \"lognormal\": { \"median\": \"4ms\", \"sigma\": 0.5 } }"

    /// Writes a scenario that offers one load to Say for so long, with the policies of ``SayPolicies``, into a folder of its own.
    /// - Parameters:
    ///   - time: `real` or `virtual`.
    ///   - service: what Say is: a model of it, or a command that starts it.
    static func scenario(_ time: String, callsPerSecond: Int, seconds: Int, service: String = modelledSay) throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "holdfast-benchmark-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(SayPolicies.text().utf8).write(to: folder.appending(path: "say.json"))
        let text = """
            {
              "version": 1, "name": "benchmark", "seed": 1, "time": "\(time)",
              "services": [ { "name": "say", "kind": "say", \(service) } ],
              "variants": [ { "name": "say", "policies": "say.json" } ],
              "load": [ { "name": "users", "method": "grpconepb.grpconepb/SayHi", "request": { "name": "user-${i % 100}", "msg": "hello ${i % 100}" },
                          "deadline": "1s", "arrival": { "poisson": { "rate": [ { "at": "warmup", "rps": \(callsPerSecond) } ] } } } ],
              "phases": [ { "name": "warmup", "for": "1s", "measure": false }, { "name": "steady", "for": "\(seconds)s" } ],
              "faults": [],
              "assertions": [ { "id": "one-outcome", "role": "after", "invariant": "everyCallHasOneOutcome" } ]
            }
            """
        let file = folder.appending(path: "scenario.json")
        try Data(text.utf8).write(to: file)
        return file
    }
}
