import ArgumentParser
import Holdfast
import HoldfastPolicyFiles

extension PolicyCommand {
    /// `holdfast policy explain`: what will this do to a call?
    struct Explain: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what a policy will do to a call.",
            discussion: """
                How long a call may take, and how that comes about; how often the service is asked; when breakers open; what callers see. \
                With --rps and --latency the answer is sharper.

                  holdfast policy explain Policies/say.json --policy say --rps 200 --latency 20ms,180ms

                Several files, or a folder, are read as one document. \
                Exit code 64 if the file has a mistake, or has no such policy or route.
                """)

        @Argument(help: "The policy file; several, and folders, are one document.") var files: [String]
        @Option(help: "The policy; all of them by default.") var policy: String?
        @Option(help: "The policy of a method's route: package.Service/Method.") var route: String?
        @Option(help: "How many calls come in a second.") var rps: Double?
        @Option(help: "How long answers take: the median and the 99th percentile, as in 20ms,180ms.") var latency: String?

        func run() throws {
            let traffic = try traffic()
            let document = try Documents.read { () throws(DocumentError) in try PolicyDocument(paths: files) }
            let explanations: [PolicyExplanation]
            if let route {
                explanations = [try explanation(of: route, in: document, traffic)]
            } else {
                let policies = document.policies.filter { policy == nil || $0.name == policy }
                guard !policies.isEmpty else {
                    let names = document.policies.map(\.name).joined(separator: ", ")
                    let problem = policy.map { "there is no policy \"\($0)\"; it has \(names.isEmpty ? "none" : names)" }
                    Console.diagnose("\(document.file): \(problem ?? "there are no policies to explain")")
                    throw Documents.wrongFile
                }
                explanations = policies.map { PolicyExplanation(of: $0, in: document, traffic: traffic) }
            }
            try Console.say(explanations.map(\.description).joined(separator: "\n\n\n"))
        }

        func validate() throws {
            if policy != nil, route != nil { throw ValidationError("give --policy or --route, not both") }
            _ = try traffic()
        }

        private func explanation(
            of method: String, in document: PolicyDocument, _ traffic: PolicyExplanation.Traffic
        ) throws -> PolicyExplanation {
            guard let route = document.route(for: method), let policy = document.policy(named: route.policy) else {
                Console.diagnose("\(document.file): no route leads from \"\(method)\"; expected package.Service/Method")
                throw Documents.wrongFile
            }
            return PolicyExplanation(of: policy, in: document, route: route, traffic: traffic)
        }

        private func traffic() throws -> PolicyExplanation.Traffic {
            let quantiles = try latency.map { text in
                let parts = text.split(separator: ",").map { PolicyExplanation.Traffic.duration(String($0)) }
                guard parts.count == 2, let p50 = parts[0], let p99 = parts[1] else {
                    throw ValidationError("--latency takes two durations, as in 20ms,180ms")
                }
                return (p50, p99)
            }
            do {
                return try .init(callsPerSecond: rps, p50: quantiles?.0, p99: quantiles?.1)
            } catch {
                throw ValidationError(error.field == "rps" ? "--\(error)" : "--latency: \(error)")
            }
        }
    }
}
