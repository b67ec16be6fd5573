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

        /// As it stands on the command line.
        var argument: String {
            get throws {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys]
                return String(decoding: try encoder.encode(self), as: UTF8.self)
            }
        }
    }

    private let behavior: ServiceBehavior
    private let workers: WorkerPool
    private let ballast: MemoryBallast
    private let decisions = DecisionLog()
    /// What makes of an answer one that belongs to another request, by the path of the method.
    private let otherAnswers: [String: @Sendable ([UInt8]) throws -> [UInt8]]

    /// - Parameter methods: what is known of the methods that the process serves.
    package init(_ setup: Setup, methods: [DemoMethod]) {
        let behavior = ServiceBehavior(setup.model, seed: setup.seed) { [decisions] in decisions.note($0) }
        self.behavior = behavior
        workers = WorkerPool(workers: setup.model.workers, setup.model.queue)
        ballast = MemoryBallast { behavior.memory }
        otherAnswers = Dictionary(methods.map { ("/\($0.name)", $0.otherAnswer) }, uniquingKeysWith: { first, _ in first })
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
            { [self] call, next in try await serve(call, next) },
        ]
    }

    private func serve(_ call: ServerCall, _ next: @Sendable () async throws -> Void) async throws {
        let key = CallKey(call.metadata)
        let decision = behavior.decide(key)
        func work() async throws {
            try await self.work(key, after: decision.delay, isCancellable: decision.isCancellable)
        }
        switch decision.effect {
        case .none:
            try await work()
        case .error(let code, let message, let moment):
            if moment == .afterWork {
                try await work()
                try await next()
            } else {
                try await Self.pause(decision.delay)
            }
            if moment == .beforeWork { call.tampering = ServerTampering(sendsHeaders: true) }
            throw RPCError(code, message)
        case .hang:
            try await TimeSource.system.sleep(until: .distantFuture)
        case .answer(let fault, let random, let level):
            try await work()
            call.tampering = ServerTampering(
                AnswerTampering(fault, random, level: level, otherAnswer: otherAnswers[call.method.path]))
        }
        try await next()
    }

    private func work(_ key: CallKey, after delay: Duration, isCancellable: Bool) async throws {
        let work = { @Sendable [self] in
            try await workers.run { try await Self.pause(behavior.workTime(key)) }
        }
        if isCancellable { try await Self.pause(delay) }
        if isCancellable, behavior.model.abandoned == .dropped { return try await work() }
        // A task of its own, which the end of the call does not cancel.
        try await Task {
            if !isCancellable { try await Self.pause(delay) }
            try await work()
        }.value
        try Task.checkCancellation()
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
                install(plan)
                try reply(.installed)
            case .report:
                try reply(.hits(behavior.hits, counted: behavior.counted))
            case .observe:
                try reply(.observed(observe()))
            }
        }
    }

    /// What it had to do, and what faults did to it, since this was last asked.
    func observe() -> Observation {
        Observation(workers.takePeaks(), worked: behavior.takeWorked(), decisions: decisions.take())
    }

    /// Puts these faults into force, in place of all others.
    package func install(_ plan: FaultPlan) {
        behavior.install(plan)
        if ballast.adjust() { behavior.noteMemory() }
    }

    private func reply(_ reply: ControlReply) throws {
        try FileHandle.standardOutput.write(contentsOf: JSONEncoder().encode(reply) + Data("\n".utf8))
    }
}
