/// What the chaos harness costs: its proxy, its runner, and calls in virtual time.
enum ChaosBenchmark {
    static func run(_ options: Options) throws {
        try ProxyBenchmark.run(options)
        try VirtualBenchmark.run(options)
        try RunnerBenchmark.run(options)
    }
}
