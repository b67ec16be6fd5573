import HoldfastChaos
import Testing

@Suite("Request templates")
struct RequestTemplateTests {
    @Test(
        "Places stand for the call's number and its remainder",
        arguments: [
            ("plain $ {i}", "plain $ {i}"), ("${i}", "1234"), ("${i % 100}", "34"), ("${i%100}", "34"), ("a${i}b${i % 7}c", "a1234b2c"),
        ])
    func places(template: String, text: String) throws {
        #expect(RequestTemplate(pieces: try RequestTemplate.pieces(of: template)).json(index: 1234) == text)
    }

    @Test("Values keep their types, and texts their escapes")
    func types() throws {
        let request = #"{ "name": "a\"${i}\n", "list": [1.50, true, null, {}], "id": "${i % 2}" }"#
        // Of a method that nobody knows, since no method here has such a request.
        let scenario = try ScenarioText.read(ScenarioText.replacing([#"{ "name": "user-${i % 10}" }"#: request]), methods: [])
        #expect(scenario.load[0].request.json(index: 5) == #"{"name":"a\"5\n","list":[1.50,true,null,{}],"id":"1"}"#)
    }
}
