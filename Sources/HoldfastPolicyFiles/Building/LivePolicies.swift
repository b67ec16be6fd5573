import Holdfast
import HoldfastRPC

/// Live objects by what their document calls them, so that the next document finds them again and their state survives it (S80).
struct LivePolicies: Sendable {
    typealias AnswerFallback = Fallback<RoutePolicy.FallbackKey, [UInt8]>

    /// What an object is known by. Two enumeration cases, since a shared gate may be called anything.
    enum Name: Hashable, Sendable {
        /// `policy/element`.
        case own(String)
        /// A gate that several policies name.
        case shared(String)
    }

    /// A stage, and what it was made of.
    struct Element: Sendable {
        let stage: Pipeline.Stage
        let settings: PipelineElement.Settings
        /// The answer that a chaos policy injects, as bytes.
        let value: [UInt8]?
    }

    /// A retry budget that several policies name.
    struct Budget: Sendable {
        let budget: RetryBudget
        let configuration: RetryBudget.Configuration
    }

    /// A fallback, and what it was made of.
    struct Answers: Sendable {
        let fallback: AnswerFallback
        let definition: FallbackDefinition
        /// The values among its steps, as bytes.
        let values: [[UInt8]]
    }

    var elements: [Name: Element] = [:]
    var budgets: [String: Budget] = [:]
    /// By `policy/fallback`.
    var fallbacks: [String: Answers] = [:]
}
