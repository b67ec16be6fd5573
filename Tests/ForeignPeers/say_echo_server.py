"""Serves Say, Echo and the four kinds with grpcio on a free port, prints the port, and ends when its input does."""

import concurrent.futures
import json
import sys
import tempfile

import grpc

import generate


def services(modules):
    say, say_grpc, echo, echo_grpc, four, four_grpc = modules

    class Say(say_grpc.grpconepbServicer):
        def SayHi(self, request, context):
            return say.Response(body=json.dumps([{request.name: request.msg}], separators=(",", ":")))

    class Echo(echo_grpc.EchoServiceServicer):
        def Echo(self, requests, context):
            for request in requests:
                yield echo.EchoResponse(message=request.message + "!")

        def Stream(self, request, context):
            for turn in range(5):
                yield echo.EchoResponse(message=f"hello there! {turn}")

        def Heartbeats(self, requests, context):
            for _ in requests:
                yield echo.Heartbeat(status=echo.Heartbeat.OK)

    class FourKinds(four_grpc.FourKindsServicer):
        def Unary(self, request, context):
            metadata = dict(context.invocation_metadata())
            if request.text.startswith("fail:"):
                _, code, message = request.text.split(":", 2)
                context.set_trailing_metadata((("detail", "from the service"), ("raw-bin", b"\x00\x01\xff")))
                context.abort(grpc.StatusCode[code], message)
            if request.text == "crash":
                raise ValueError("as asked")
            if request.text == "time":
                return four.Text(text="some" if context.time_remaining() < 61 else "none")
            if request.text == "sleep":
                stopped = concurrent.futures.Future()
                context.add_callback(lambda: stopped.set_result(None))
                stopped.result()
            context.send_initial_metadata((("seen", metadata.get("send", "nothing")),))
            context.set_trailing_metadata((("after", "all"),))
            return four.Text(text=request.text.upper())

        def ServerStreaming(self, request, context):
            for word in request.text.split():
                yield four.Text(text=word)

        def ClientStreaming(self, requests, context):
            return four.Text(text=" ".join(request.text for request in requests))

        def Bidirectional(self, requests, context):
            for request in requests:
                yield four.Text(text=request.text.upper())

    return Say(), Echo(), FourKinds()


def main(folder):
    modules = generate.load(folder)
    _, say_grpc, _, echo_grpc, _, four_grpc = modules
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=16))
    say, echo, four = services(modules)
    say_grpc.add_grpconepbServicer_to_server(say, server)
    echo_grpc.add_EchoServiceServicer_to_server(echo, server)
    four_grpc.add_FourKindsServicer_to_server(four, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    sys.stdin.read()
    server.stop(0)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        main(temporary)
