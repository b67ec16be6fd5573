/// What issue 4 asks of the RPC, beside what was reached.
enum RPCMarks {
    static func table(_ cases: [RPCCase]) -> Table {
        var table = Table(["what", "mark", "reached", ""], leftAligned: 1)
        func rate(_ client: String, _ server: ServerKind, _ concurrent: Int) -> Double? {
            cases.first {
                $0.client == client && $0.server.kind == server && $0.concurrent == concurrent && $0.bytes == 32
            }?.callsPerSecond.median
        }
        func add(_ what: String, _ mark: String, _ reached: Double?, _ decimals: Int = 2, isMet: (Double) -> Bool) {
            guard let reached else { return }
            table.add([what, mark, reached.text(decimals), isMet(reached) ? "met" : "MISSED"])
        }
        func ratio(_ a: Double?, _ b: Double?) -> Double? {
            guard let a, let b else { return nil }
            return a / b
        }
        for concurrent in [64, 512] {
            add("calls a second at \(concurrent)", "at least 100,000", rate("Holdfast", .holdfast, concurrent), 0) { $0 >= 100_000 }
        }
        let alone = cases.first { $0.client == "Holdfast" && $0.concurrent == 1 && $0.bytes == 32 }?.p50.median
        add("p50 of one call at a time, µs", "at most 150", alone, 0) { $0 <= 150 }
        let own = rate("Holdfast", .holdfast, 64)
        add("our client against grpc-swift-2's", "at least 8 times", ratio(own, rate("grpc-swift-2", .holdfast, 64))) { $0 >= 8 }
        let ourServer = rate("h2load (C)", .holdfast, 64)
        add("our server against grpc-swift-2's", "at least 8 times", ratio(ourServer, rate("h2load (C)", .grpcSwift, 64))) { $0 >= 8 }
        add("our server against nghttpd", "at least 0.75", ratio(ourServer, rate("h2load (C)", .nghttpd, 64))) { $0 >= 0.75 }
        add("with policies against without", "at least 0.95", ratio(rate("Holdfast, policies of say.json", .holdfast, 64), own)) {
            $0 >= 0.95
        }
        return table
    }
}
