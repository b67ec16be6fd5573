/// What the runner must know of a method that a load calls.
package struct DemoMethod: Sendable {
    /// `package.Service/Method`, as scenarios spell it.
    package var name: String
    /// How a call goes.
    package var conversation: Conversation
    /// A request in JSON that is right, to be shown to whoever wrote one that is not.
    package var exampleRequest: String
    /// Makes the bytes of a request of its JSON.
    package var encodeRequest: @Sendable (String) throws -> [UInt8]
    /// Whether a response belongs to a request: the bytes of both.
    package var answerBelongs: @Sendable (_ request: [UInt8], _ response: [UInt8]) -> Bool

    /// What a service that is well answers: the bytes of the response to a request.
    package var answer: @Sendable ([UInt8]) throws -> [UInt8]
    /// Makes of an answer one that is as well formed and belongs to another request.
    package var otherAnswer: @Sendable ([UInt8]) throws -> [UInt8]
    /// Refuses bytes that are no answer of the method.
    package var checkAnswer: @Sendable ([UInt8]) throws -> Void

    /// Who says how much in a call.
    package enum Conversation: Sendable, Hashable {
        /// One request, one answer.
        case single
        /// So many requests as the load says, each sent when the one before is answered.
        case eachAnswered
        /// One request, and so many answers, one each interval.
        case untilEnd(messages: Int, every: Duration)
        /// An answer each interval, until the caller has as many as the load says.
        case untilFinished(every: Duration)
    }

    package init(
        name: String, conversation: Conversation = .single, exampleRequest: String,
        encodeRequest: @escaping @Sendable (String) throws -> [UInt8],
        answerBelongs: @escaping @Sendable ([UInt8], [UInt8]) -> Bool,
        answer: @escaping @Sendable ([UInt8]) throws -> [UInt8],
        otherAnswer: @escaping @Sendable ([UInt8]) throws -> [UInt8],
        checkAnswer: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
        self.name = name
        self.conversation = conversation
        self.exampleRequest = exampleRequest
        self.encodeRequest = encodeRequest
        self.answerBelongs = answerBelongs
        self.answer = answer
        self.otherAnswer = otherAnswer
        self.checkAnswer = checkAnswer
    }
}
