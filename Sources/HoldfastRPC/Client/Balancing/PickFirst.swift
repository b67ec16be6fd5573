/// The first endpoint that is allowed.
struct PickFirst: Balancer {
    func pick(_ endpoints: some BalancedEndpoints, random: UInt64) -> Int? {
        (0..<endpoints.count).first { endpoints.isAllowed($0) }
    }
}
