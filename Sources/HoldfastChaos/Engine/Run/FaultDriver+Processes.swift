/// The faults that befall a process as a whole.
extension FaultDriver {
    /// Lets a fault strike a replica's process; one that is down already is not hit.
    func strike(_ fault: FaultSpec, _ target: Target) async throws {
        guard await target.replica.isRunning else { return }
        switch fault.kind {
        case .processKill(let signal):
            await takeDown(target, signal)
            count(fault)
        case .processRestart(let signal, _):
            await takeDown(target, signal)
            count(fault)
            try await mend(target, after: fault)
        case .processStop:
            guard await target.replica.freeze() else { return }
            frozen[fault.id, default: []].insert(target.name)
            count(fault)
        case .processCPUQuota:
            try await limitProcessors(target, after: fault)
        default: break
        }
    }

    /// Makes a process what the faults that are still in force leave of it, after one that is over or has struck.
    func mend(_ target: Target, after fault: FaultSpec) async throws {
        let kinds = faultsInForce(on: target).map(\.kind)
        // Another fault may still want the process down.
        let isKeptDown = kinds.contains { if case .processKill = $0 { true } else { false } }
        guard !isKeptDown else { return }
        if downed.contains(target.name) {
            try await target.replica.start()
            downed.remove(target.name)
        }
        try await limitProcessors(target, after: fault)
        if kinds.contains(.processStop) {
            guard await target.replica.freeze() else { return }
            // One that began while the process was down hits it now.
            for fault in faultsInForce(on: target) where fault.kind == .processStop {
                if frozen[fault.id, default: []].insert(target.name).inserted { count(fault) }
            }
        } else {
            await target.replica.thaw()
            await install(in: target)
        }
    }

    private func takeDown(_ target: Target, _ signal: FaultKind.KillSignal) async {
        await target.replica.kill(signal)
        downed.insert(target.name)
    }

    /// Of several limits the narrowest holds. What the one before held back is a hit of the fault whose change this is.
    private func limitProcessors(_ target: Target, after fault: FaultSpec) async throws {
        let limits = faultsInForce(on: target).compactMap { fault -> Double? in
            if case .processCPUQuota(let cores) = fault.kind { cores } else { nil }
        }
        let hits = try await target.replica.limitProcessors(to: limits.min())
        if case .processCPUQuota = fault.kind { processHits[fault.id, default: 0] += hits }
    }

    private func faultsInForce(on target: Target) -> [FaultSpec] {
        scenario.faults.filter { active.contains($0.id) && $0.breaks(target.service, replica: target.index) }
    }

    private func count(_ fault: FaultSpec) {
        processHits[fault.id, default: 0] += 1
    }
}
