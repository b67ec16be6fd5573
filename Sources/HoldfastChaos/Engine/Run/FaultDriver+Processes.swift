/// The faults that befall a process as a whole.
extension FaultDriver {
    /// Lets a fault strike a service's process; one that is down already is not hit.
    func strike(_ fault: FaultSpec, _ service: any RunningService) async throws {
        guard await service.isRunning else { return }
        switch fault.kind {
        case .processKill(let signal):
            await takeDown(service, signal)
            count(fault)
        case .processRestart(let signal, _):
            await takeDown(service, signal)
            count(fault)
            try await mend(service, after: fault)
        case .processStop:
            if await service.freeze() { count(fault) }
        case .processCPUQuota:
            try await limitProcessors(service, after: fault)
        default: break
        }
    }

    /// Makes a process what the faults that are still in force leave of it, after one that is over or has struck.
    func mend(_ service: any RunningService, after fault: FaultSpec) async throws {
        let kinds = kindsInForce(on: service)
        // Another fault may still want the process down.
        let isKeptDown = kinds.contains { if case .processKill = $0 { true } else { false } }
        guard !isKeptDown else { return }
        if downed.contains(service.name) {
            try await service.start()
            downed.remove(service.name)
        }
        try await limitProcessors(service, after: fault)
        if kinds.contains(.processStop) {
            guard await service.freeze() else { return }
            // One that began while the process was down hits it now.
            for fault in scenario.faults where fault.service == service.name && active.contains(fault.id) {
                if fault.kind == .processStop, processHits[fault.id] == nil { count(fault) }
            }
        } else {
            await service.thaw()
            await install(in: service)
        }
    }

    private func takeDown(_ service: any RunningService, _ signal: FaultKind.KillSignal) async {
        await service.kill(signal)
        downed.insert(service.name)
    }

    /// Of several limits the narrowest holds. What the one before held back is a hit of the fault whose change this is.
    private func limitProcessors(_ service: any RunningService, after fault: FaultSpec) async throws {
        let limits = kindsInForce(on: service).compactMap { kind -> Double? in
            if case .processCPUQuota(let cores) = kind { cores } else { nil }
        }
        let hits = try await service.limitProcessors(to: limits.min())
        if case .processCPUQuota = fault.kind { processHits[fault.id, default: 0] += hits }
    }

    private func kindsInForce(on service: any RunningService) -> [FaultKind] {
        scenario.faults.filter { $0.service == service.name && active.contains($0.id) }.map(\.kind)
    }

    private func count(_ fault: FaultSpec) {
        processHits[fault.id, default: 0] += 1
    }
}
