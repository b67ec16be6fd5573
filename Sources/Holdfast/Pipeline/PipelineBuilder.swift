/// Collects the policies of a ``Pipeline``, outermost first.
@resultBuilder
public enum PipelineBuilder {
    /// A gate.
    public static func buildExpression(_ gate: some Gate) -> [Pipeline.Stage] { [.gate(gate)] }
    /// A timeout.
    public static func buildExpression(_ timeout: Timeout) -> [Pipeline.Stage] { [.timeout(timeout)] }
    /// A retry.
    public static func buildExpression(_ retry: Retry) -> [Pipeline.Stage] { [.retry(retry)] }
    /// A hedge.
    public static func buildExpression(_ hedge: Hedge) -> [Pipeline.Stage] { [.hedge(hedge)] }
    /// A chaos policy.
    public static func buildExpression(_ chaos: Chaos) -> [Pipeline.Stage] { [.chaos(chaos)] }
    /// A list made elsewhere.
    public static func buildExpression(_ stages: [Pipeline.Stage]) -> [Pipeline.Stage] { stages }
    /// One after the other.
    public static func buildBlock(_ parts: [Pipeline.Stage]...) -> [Pipeline.Stage] { parts.flatMap { $0 } }
    /// `if` without `else`.
    public static func buildOptional(_ part: [Pipeline.Stage]?) -> [Pipeline.Stage] { part ?? [] }
    /// `if`.
    public static func buildEither(first part: [Pipeline.Stage]) -> [Pipeline.Stage] { part }
    /// `else`.
    public static func buildEither(second part: [Pipeline.Stage]) -> [Pipeline.Stage] { part }
    /// `for`.
    public static func buildArray(_ parts: [[Pipeline.Stage]]) -> [Pipeline.Stage] { parts.flatMap { $0 } }
}
