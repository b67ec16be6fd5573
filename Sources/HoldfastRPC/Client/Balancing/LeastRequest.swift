/// Of two endpoints drawn at random, the less busy one: as good as asking all, without all going to the same one at once.
struct LeastRequest: Balancer {
    func pick(_ endpoints: some BalancedEndpoints, random: UInt64) -> Int? {
        let count = endpoints.count
        guard count > 1 else { return count == 1 && endpoints.isAllowed(0) ? 0 : nil }
        // Two different positions of one draw: its halves, scaled (Lemire, "Fast Random Integer Generation in an Interval", 2019).
        let first = Int(((random >> 32) * UInt64(count)) >> 32)
        var second = Int(((random & 0xFFFF_FFFF) * UInt64(count - 1)) >> 32)
        if second >= first { second += 1 }
        switch (endpoints.isAllowed(first), endpoints.isAllowed(second)) {
        case (true, true): return load(second, endpoints) < load(first, endpoints) ? second : first
        case (true, false): return first
        case (false, true): return second
        case (false, false): return (1..<count).lazy.map { (first + $0) % count }.first { endpoints.isAllowed($0) }
        }
    }

    /// As Envoy weighs: the calls with the one to come, over the weight.
    private func load(_ position: Int, _ endpoints: some BalancedEndpoints) -> Double {
        Double(endpoints.running(position) + 1) / endpoints.weight(position)
    }
}
