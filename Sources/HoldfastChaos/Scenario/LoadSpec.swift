package import Holdfast
package import HoldfastRPC

/// Calls offered to a service.
package struct LoadSpec: Sendable, Hashable {
    /// What becomes of a call while as many as may be are in flight.
    package enum WhenFull: String, Sendable, Hashable, CaseIterable {
        /// It is never made, and counted as dropped.
        case drop
        /// It is made as soon as another has ended; its latency counts from when it was meant to start all the same.
        case wait
    }

    package var name: String
    /// The full method, `package.Service/Method`.
    package var method: String
    /// The service of the scenario that serves the method.
    package var service: String
    package var request: RequestTemplate
    /// What each call carries beside what the run itself adds.
    package var metadata: Metadata = [:]
    /// The bytes of every request, whatever they mean, in place of one made of JSON; nil for none.
    package var payload: [UInt8]?
    /// How many messages go each way in a call of a method that leaves that to the caller; 1 for others.
    package var messages = 1
    /// How much its calls matter when resources run short; nil for what their route says.
    package var criticality: Criticality?
    /// How long a caller waits for its answer.
    package var deadline: Duration
    package var arrival: Arrival
    /// The most calls in flight at once.
    package var maxOutstanding: Int
    package var whenFull: WhenFull
    /// How many clients share its calls, each with policies of its own.
    package var clients: Int

    package init(
        name: String, method: String, service: String, request: RequestTemplate, deadline: Duration, arrival: Arrival,
        maxOutstanding: Int, whenFull: WhenFull = .drop, clients: Int = 1
    ) {
        self.name = name
        self.method = method
        self.service = service
        self.request = request
        self.deadline = deadline
        self.arrival = arrival
        self.maxOutstanding = maxOutstanding
        self.whenFull = whenFull
        self.clients = clients
    }
}
