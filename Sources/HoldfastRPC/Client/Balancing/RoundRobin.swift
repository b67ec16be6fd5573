import Holdfast

/// One endpoint after another. One whose weight is below 1 is passed over as often as its weight says.
struct RoundRobin: Balancer {
    private var next = 0

    mutating func pick(_ endpoints: some BalancedEndpoints, random: UInt64) -> Int? {
        let count = endpoints.count
        guard count > 0 else { return nil }
        if next >= count { next = 0 }
        var random = random
        var passedOver: Int?
        for step in 0..<count {
            let position = (next + step) % count
            guard endpoints.isAllowed(position) else { continue }
            let weight = endpoints.weight(position)
            if weight >= 1 || SplitMix64.unitInterval(SplitMix64.next(&random)) < weight {
                next = position + 1
                return position
            }
            if passedOver == nil { passedOver = position }
        }
        // All that are allowed are warming up: the turn decides after all.
        if let passedOver { next = passedOver + 1 }
        return passedOver
    }
}
