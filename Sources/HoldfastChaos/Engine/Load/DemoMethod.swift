/// What the runner must know of a method that a load calls.
package struct DemoMethod: Sendable {
    /// `package.Service/Method`, as scenarios spell it.
    package var name: String
    /// Makes the bytes of a request of its JSON.
    package var encodeRequest: @Sendable (String) throws -> [UInt8]
    /// Whether a response belongs to a request: the bytes of both.
    package var answerBelongs: @Sendable (_ request: [UInt8], _ response: [UInt8]) -> Bool

    /// What a service that is well answers: the bytes of the response to a request.
    package var answer: @Sendable ([UInt8]) throws -> [UInt8]

    package init(
        name: String, encodeRequest: @escaping @Sendable (String) throws -> [UInt8],
        answerBelongs: @escaping @Sendable ([UInt8], [UInt8]) -> Bool,
        answer: @escaping @Sendable ([UInt8]) throws -> [UInt8]
    ) {
        self.name = name
        self.encodeRequest = encodeRequest
        self.answerBelongs = answerBelongs
        self.answer = answer
    }
}
