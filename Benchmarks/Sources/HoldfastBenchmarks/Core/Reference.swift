/// What a case is held against: the mark to reach, and what the peers take for the same.
///
/// Nanoseconds per call, of one thread / of two on one instance. The marks and the peers' figures are those of the project's issue "The
/// policies, complete": measured on a machine of 2 cores with Go 1.27 and Java 17, not by this program.
struct Reference: Sendable {
    /// The most that one task, and each of two, should take.
    let mark: (one: Double, two: Double)
    let resilience4j: String
    let failsafeGo: String
    let gobreaker: String

    private init(_ one: Double, _ two: Double, resilience4j: String = "", failsafeGo: String = "", gobreaker: String = "") {
        mark = (one, two)
        self.resilience4j = resilience4j
        self.failsafeGo = failsafeGo
        self.gobreaker = gobreaker
    }

    static let breakerAloneByCount = Reference(25, 60, resilience4j: "19 / 47", failsafeGo: "41 / 49")
    static let breakerAloneByTime = Reference(50, 70, failsafeGo: "106 / 127")
    static let breakerByCount = Reference(45, 65, resilience4j: "70 / 77", failsafeGo: "252 / 265", gobreaker: "165 / 183")
    static let breakerByTime = Reference(75, 95, resilience4j: "118 / 179", failsafeGo: "334 / 396", gobreaker: "179 / 200")
    static let openBreaker = Reference(
        60, 60, resilience4j: "292 / 120 without stack trace", failsafeGo: "353 / 383", gobreaker: "78 / 95")
    static let limiterAlone = Reference(40, 45, resilience4j: "43 / 45", failsafeGo: "51 / 59")
    static let limiter = Reference(40, 45, failsafeGo: "920")
    static let bulkhead = Reference(13, 25, resilience4j: "13 / 35", failsafeGo: "41 / 43")
    static let four = Reference(130, 130, resilience4j: "159 / 152")
    static let fourInTimeByPipeline = Reference(700, 600, failsafeGo: "1,770 / 1,510")
    static let fourInTimeByOperation = Reference(200, 200)
    static let timeout = Reference(600, 550, resilience4j: "59,000 (executor)", failsafeGo: "894 / 784")
    static let hedge = Reference(900, 700, failsafeGo: "3,070 / 1,390")
    static let adaptiveLimiter = Reference(90, 120, failsafeGo: "757 / 690")
}
