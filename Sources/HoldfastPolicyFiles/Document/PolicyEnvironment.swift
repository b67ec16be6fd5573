#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What references to variables, such as `"${SAY_RPS:-100}"` in a policy file, stand for.
///
/// ```swift
/// let document = try PolicyDocument(path: "Policies/say.json", environment: ["SAY_RPS": "250"])
/// ```
public struct PolicyEnvironment: Sendable, ExpressibleByDictionaryLiteral {
    private let values: [String: String]
    private let includesProcess: Bool
    /// Whether the values come from the command line alone, where those who miss one can give it.
    private var isOfCommandLine = false

    /// The environment of this process.
    public static let process = PolicyEnvironment(values: [:], includesProcess: true)

    private init(values: [String: String], includesProcess: Bool = false) {
        self.values = values
        self.includesProcess = includesProcess
    }

    /// Variables and their values; no others are set.
    public init(_ values: [String: String]) {
        self.init(values: values)
    }

    /// Variables and their values; no others are set. Of a variable that stands twice the last value holds.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(values: Dictionary(elements) { _, last in last })
    }

    /// Parameters of a command and their values; no others are set, those of the process neither.
    package init(parameters: [String: String]) {
        self.init(values: parameters)
        isOfCommandLine = true
    }

    /// The same with these values, in place of what they are now.
    public func setting(_ values: [String: String]) -> PolicyEnvironment {
        var environment = PolicyEnvironment(values: self.values.merging(values) { _, new in new }, includesProcess: includesProcess)
        environment.isOfCommandLine = isOfCommandLine
        return environment
    }

    /// What is said about a variable that is not set, and what to do about it.
    func complaint(aboutMissing name: String) -> String {
        isOfCommandLine
            ? "the parameter \(name) is not set, and the environment is not looked at; give it by --set \(name)=VALUE"
            : "the variable \(name) is not set; set it"
    }

    /// The value of a variable; nil if it is not set.
    public subscript(name: String) -> String? {
        if let value = values[name] { return value }
        guard includesProcess else { return nil }
        return getenv(name).map { String(cString: $0) }
    }
}
