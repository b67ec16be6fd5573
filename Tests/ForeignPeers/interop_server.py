"""Serves grpc.testing.TestService with grpcio on a free port, prints the port, and ends when its input does."""

import concurrent.futures
import sys
import tempfile
import time

import grpc

import generate

INITIAL = "x-grpc-test-echo-initial"
TRAILING = "x-grpc-test-echo-trailing-bin"


def service(messages, stubs):
    def echo_metadata(context):
        metadata = dict(context.invocation_metadata())
        if INITIAL in metadata:
            context.send_initial_metadata(((INITIAL, metadata[INITIAL]),))
        if TRAILING in metadata:
            context.set_trailing_metadata(((TRAILING, metadata[TRAILING]),))

    def end(request, context):
        if request.HasField("response_status"):
            context.set_code(next(code for code in grpc.StatusCode if code.value[0] == request.response_status.code))
            context.set_details(request.response_status.message)
            return True
        return False

    def payload(size):
        return messages.Payload(body=bytes(size))

    def answers(request, context):
        for parameters in request.response_parameters:
            if parameters.interval_us:
                time.sleep(parameters.interval_us / 1e6)
            if not parameters.compressed.value:
                context.disable_next_message_compression()
            yield messages.StreamingOutputCallResponse(payload=payload(parameters.size))

    class TestService(stubs.TestServiceServicer):
        def EmptyCall(self, request, context):
            echo_metadata(context)
            return messages.Empty()

        def UnaryCall(self, request, context):
            if request.response_compressed.value:
                context.set_compression(grpc.Compression.Gzip)
            echo_metadata(context)
            if end(request, context):
                return messages.SimpleResponse()
            return messages.SimpleResponse(payload=payload(request.response_size))

        def StreamingOutputCall(self, request, context):
            if any(parameters.compressed.value for parameters in request.response_parameters):
                context.set_compression(grpc.Compression.Gzip)
            if not end(request, context):
                yield from answers(request, context)

        def StreamingInputCall(self, requests, context):
            return messages.StreamingInputCallResponse(aggregated_payload_size=sum(len(r.payload.body) for r in requests))

        def FullDuplexCall(self, requests, context):
            echo_metadata(context)
            for request in requests:
                if end(request, context):
                    return
                yield from answers(request, context)

    return TestService()


def main(folder):
    messages, stubs = generate.load_interop(folder)
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=16))
    stubs.add_TestServiceServicer_to_server(service(messages, stubs), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    sys.stdin.read()
    server.stop(0)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        main(temporary)
