/// Calls offered to a service in an open loop: arrivals do not wait for answers.
package struct LoadSpec: Sendable, Hashable {
    package var name: String
    /// The full method, `package.Service/Method`.
    package var method: String
    /// The service of the scenario that serves the method.
    package var service: String
    package var request: RequestTemplate
    /// How long a caller waits for its answer.
    package var deadline: Duration
    package var arrival: Arrival
    /// The most calls in flight at once; an arrival above it is counted as dropped.
    package var maxOutstanding: Int
    /// How many clients share its calls, each with policies of its own.
    package var clients: Int

    package init(
        name: String, method: String, service: String, request: RequestTemplate, deadline: Duration, arrival: Arrival,
        maxOutstanding: Int, clients: Int = 1
    ) {
        self.name = name
        self.method = method
        self.service = service
        self.request = request
        self.deadline = deadline
        self.arrival = arrival
        self.maxOutstanding = maxOutstanding
        self.clients = clients
    }
}
