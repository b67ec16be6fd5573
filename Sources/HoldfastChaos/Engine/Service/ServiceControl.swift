import Foundation
import Holdfast
package import HoldfastRPC

/// The chaos side of a service's process: it takes faults from the runner and acts them out around every handler.
package final class ServiceControl: Sendable {
    /// What the process is told on its command line.
    package struct Setup: Sendable, Hashable, Codable {
        package var model: ServiceModel
        /// What the times are drawn from.
        package var seed: UInt64

        package init(_ model: ServiceModel, seed: UInt64) {
            self.model = model
            self.seed = seed
        }
    }

    private let behavior: ServiceBehavior
    private let workers: WorkerPool

    package init(_ setup: Setup) {
        behavior = ServiceBehavior(setup.model, seed: setup.seed)
        workers = WorkerPool(workers: setup.model.workers, setup.model.queue)
    }

    /// To be put around every handler: the way there and back, then faults, so that they cost no worker, then the work's time.
    package var interceptors: [ServerInterceptor] {
        [
            { [behavior] call, next in
                let travel = behavior.travel(CallKey(call.metadata))
                try await Self.pause(travel.there)
                try await next()
                try await Self.pause(travel.back)
            },
            { [behavior] call, next in
                switch behavior.decide(CallKey(call.metadata)) {
                case .none: try await next()
                case .error(let code, let message): throw RPCError(code, message)
                case .hang: try await TimeSource.system.sleep(until: .distantFuture)
                case .delay(let time):
                    try await Self.pause(time)
                    try await next()
                }
            },
            { [self] call, next in
                try await work(CallKey(call.metadata))
                try await next()
            },
        ]
    }

    private func work(_ key: CallKey) async throws {
        let work = { @Sendable [self] in
            try await workers.run { try await Self.pause(behavior.workTime(key)) }
        }
        switch behavior.model.abandoned {
        case .dropped:
            try await work()
        case .served:
            // A task of its own, which the end of the call does not cancel.
            try await Task(operation: work).value
            try Task.checkCancellation()
        }
    }

    private static func pause(_ time: Duration) async throws {
        if time > .zero { try await TimeSource.system.sleep(for: time) }
    }

    /// Says on standard output that the service is ready, then obeys standard input until it ends.
    ///
    /// Blocks its thread. When it returns the runner is gone or wants the process to end.
    package func obeyStandardInput(port: Int) throws {
        try reply(.ready(port: port))
        while let line = readLine() {
            switch try JSONDecoder().decode(ControlCommand.self, from: Data(line.utf8)) {
            case .install(let plan):
                behavior.install(plan)
                try reply(.installed)
            case .report:
                try reply(.hits(behavior.hits))
            case .observe:
                try reply(.observed(Observation(workers.takePeaks(), worked: behavior.takeWorked())))
            }
        }
    }

    private func reply(_ reply: ControlReply) throws {
        try FileHandle.standardOutput.write(contentsOf: JSONEncoder().encode(reply) + Data("\n".utf8))
    }
}
