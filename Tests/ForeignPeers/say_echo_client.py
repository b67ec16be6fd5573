"""Calls our servers with grpcio, in all call kinds, and prints one JSON line for each check.

Usage: say_echo_client.py PORT
Every line is {"check": NAME, "value": WHAT CAME}; the test that runs this compares the values.
"""

import json
import sys
import tempfile

import grpc

import generate


def report(check, value):
    print(json.dumps({"check": check, "value": value}), flush=True)


def status(call):
    """The status name and message that `call` ends with."""
    try:
        call()
    except grpc.RpcError as error:
        return [error.code().name, error.details()]
    return ["OK", ""]


def main(port, folder):
    say, say_grpc, echo, echo_grpc, four, four_grpc = generate.load(folder)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        say_stub = say_grpc.grpconepbStub(channel)
        report("say", say_stub.SayHi(say.Say(name="kitty", msg="hello world!"), timeout=60).body)
        awkward = say.Say(name='a "quoted" name\n', msg="back\\slash \u0001 na\u00efve")
        report("say, awkward", json.loads(say_stub.SayHi(awkward, timeout=60).body))
        long = say_stub.SayHi(say.Say(name="long", msg="x" * 1_000_000), timeout=60).body
        report("say, long", len(long))

        echo_stub = echo_grpc.EchoServiceStub(channel)
        requests = (echo.EchoRequest(message=text) for text in ("a", "b", "c"))
        report("echo", [answer.message for answer in echo_stub.Echo(requests, timeout=60)])
        report("stream", [answer.message.rsplit(" ", 2)[0] for answer in echo_stub.Stream(echo.Empty(), timeout=60)])
        beats = echo_stub.Heartbeats(iter([echo.Empty()]), timeout=60)
        report("heartbeats", [beat.status for beat in beats][:1])

        kinds = four_grpc.FourKindsStub(channel)
        text = four.Text
        answer, call = kinds.Unary.with_call(text(text="hello"), metadata=(("send", "something"),), timeout=60)
        metadata = dict(call.initial_metadata()), dict(call.trailing_metadata())
        report("unary", [answer.text, metadata[0].get("seen"), metadata[1].get("after")])
        words = kinds.ServerStreaming(text(text="one two three"), timeout=60)
        report("server streaming", [word.text for word in words])
        joined = kinds.ClientStreaming((text(text=word) for word in ("a", "b")), timeout=60)
        report("client streaming", joined.text)
        upper = kinds.Bidirectional((text(text=word) for word in ("x", "y")), timeout=60)
        report("bidirectional", [word.text for word in upper])

        report("status", status(lambda: kinds.Unary(text(text="fail:NOT_FOUND:100% na\u00efve"), timeout=60)))
        report("deadline", status(lambda: kinds.Unary(text(text="sleep"), timeout=0.2))[0])
        unknown = channel.unary_unary("/no.Such/Method", request_serializer=bytes, response_deserializer=bytes)
        report("unknown method", status(lambda: unknown(b"", timeout=60)))
        invalid = channel.unary_unary("/fourkinds.FourKinds/Unary", request_serializer=bytes, response_deserializer=bytes)
        report("invalid UTF-8", status(lambda: invalid(b"\x0a\x01\xff", timeout=60))[0])
        report("too long", status(lambda: kinds.Unary(text(text="x" * 5_000_000), timeout=60))[0])
        gzip = grpc.Compression.Gzip
        report("compressed", status(lambda: kinds.Unary(text(text="x" * 5_000), timeout=60, compression=gzip))[0])

        # Cancel a stream that would never end by itself, and see that the connection goes on.
        endless = kinds.ServerStreaming(text(text="one sleep"), timeout=60)
        next(endless)
        endless.cancel()
        report("after a cancellation", kinds.Unary(text(text="still here"), timeout=60).text)
    report("done", True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        main(int(sys.argv[1]), temporary)
