import ArgumentParser
import Foundation
import HoldfastChaos

extension ChaosCommand {
    /// `holdfast chaos compare`: two runs side by side.
    struct Compare: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put the results of two runs side by side.",
            discussion: "Exit codes: 0 compared, whatever came out; 64 a result cannot be read; 74 the page cannot be written.")

        @Argument(help: "The output folder of a run, or its result.json.") var first: String
        @Argument(help: "That of another.") var second: String
        @Option(help: "The HTML page to write.") var output: String?

        func validate() throws {
            guard output != "" else { throw ValidationError("--output is empty; give the file to write, or leave it out") }
        }

        func run() throws {
            let comparison = RunComparison(try Self.result(first), try Self.result(second))
            for line in ComparisonLines.lines(comparison, style: ProgressWriter().style) { try Console.say(line) }
            guard let output else { return }
            do {
                try Data(ComparisonPage(comparison).html.utf8).write(to: URL(fileURLWithPath: output))
            } catch {
                Console.complain("cannot write \(output): \(error.localizedDescription)")
                throw Console.unwritable
            }
            try Console.say("\npage: \(output)")
        }

        private static func result(_ path: String) throws -> RunResult {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                Console.diagnose("\(path): there is no such file or folder; give the folder that --output of a run named")
                throw Documents.wrongFile
            }
            let url = URL(fileURLWithPath: path)
            let file = isFolder.boolValue ? url.appendingPathComponent("result.json") : url
            func isThere(_ file: URL) -> Bool { FileManager.default.fileExists(atPath: file.path) }
            if file.lastPathComponent == "sweep.json" || !isThere(file) && isThere(url.appendingPathComponent("sweep.json")) {
                Console.diagnose("\(path): is of a sweep over seeds, which is no single run; run one of its seeds with --seed and --output")
                throw Documents.wrongFile
            }
            do {
                return try RunResult(json: Data(contentsOf: file))
            } catch {
                let reason = error is DecodingError ? "is not the result of a run of this version" : error.localizedDescription
                Console.diagnose("\(file.path): \(reason)")
                throw Documents.wrongFile
            }
        }
    }
}
