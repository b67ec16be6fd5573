import Foundation
import Holdfast
package import HoldfastRPC

/// The chaos side of a service's process: it takes faults from the runner and acts them out around every handler.
package final class ServiceControl: Sendable {
    private let model: ServiceModel
    private let injector: FaultInjector
    private let workers: WorkerPool

    package init(_ model: ServiceModel) {
        self.model = model
        injector = FaultInjector(FaultPlan(seed: model.seed))
        workers = WorkerPool(workers: model.workers)
    }

    /// To be put around every handler: faults first, so that they cost no worker, then the work's time.
    package var interceptors: [ServerInterceptor] {
        [
            { [injector] call, next in
                let key = CallKey(call.metadata)
                switch injector.decide(load: key.load, callIndex: key.index, attempt: key.attempt) {
                case .none: try await next()
                case .error(let code, let message): throw RPCError(code, message)
                case .hang: try await TimeSource.system.sleep(until: .distantFuture)
                }
            },
            { [workers, model] call, next in
                let time = model.serviceTime.sample(using: CallKey(call.metadata).random(seed: model.seed))
                try await workers.run {
                    try await TimeSource.system.sleep(for: time)
                    try await next()
                }
            },
        ]
    }

    /// Says on standard output that the service is ready, then obeys standard input until it ends.
    ///
    /// Blocks its thread. When it returns the runner is gone or wants the process to end.
    package func obeyStandardInput(port: Int) throws {
        try reply(.ready(port: port))
        while let line = readLine() {
            switch try JSONDecoder().decode(ControlCommand.self, from: Data(line.utf8)) {
            case .install(let plan):
                injector.install(plan)
                try reply(.installed)
            case .report:
                try reply(.hits(injector.hits))
            }
        }
    }

    private func reply(_ reply: ControlReply) throws {
        try FileHandle.standardOutput.write(contentsOf: JSONEncoder().encode(reply) + Data("\n".utf8))
    }
}

/// Which call of which load an attempt belongs to, as its metadata says.
private struct CallKey {
    let load: String
    let index: Int
    let attempt: Int

    init(_ metadata: Metadata) {
        load = metadata[ChaosMetadata.load] ?? ""
        index = metadata[ChaosMetadata.call].flatMap { Int($0) } ?? 0
        attempt = (metadata[ChaosMetadata.previousAttempts].flatMap { Int($0) } ?? 0) + 1
    }

    func random(seed: UInt64) -> RandomSource {
        KeyedRandom(seed: seed).keyed("serviceTime").keyed(load).keyed(index).keyed(attempt).sequence
    }
}
