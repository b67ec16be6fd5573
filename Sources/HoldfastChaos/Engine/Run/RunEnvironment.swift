package import Foundation
package import HoldfastRPC

/// What a run needs besides its scenario.
package struct RunEnvironment: Sendable {
    /// The `holdfast` command; services are started with it.
    package var executable: URL
    /// The methods that loads may call.
    package var methods: [DemoMethod]
    /// The methods that policy files may give fallback values for.
    package var policyMethods: [AnyRPCMethod]
    /// Makes what loads without a method call; nil where there are none.
    package var setUp: (@Sendable (ChaosContext) async throws -> ChaosOperation)?

    package init(
        executable: URL, methods: [DemoMethod], policyMethods: [AnyRPCMethod],
        setUp: (@Sendable (ChaosContext) async throws -> ChaosOperation)? = nil
    ) {
        self.setUp = setUp
        self.executable = executable
        self.methods = methods
        self.policyMethods = policyMethods
    }
}

/// The harness itself could not do its work: nothing is said about the policies.
package struct HarnessError: Error, CustomStringConvertible {
    /// What went wrong, in a sentence.
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
