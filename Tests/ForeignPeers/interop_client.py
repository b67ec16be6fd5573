"""Runs gRPC's interoperability cases with grpcio against a server of ours.

Usage: interop_client.py PORT
Prints one JSON line for each case: {"case": NAME, "error": WHAT WENT WRONG or null}.
"""

import json
import sys
import tempfile
import traceback

import grpc

import generate

INITIAL = "x-grpc-test-echo-initial"
TRAILING = "x-grpc-test-echo-trailing-bin"
REQUEST_SIZES = (27182, 8, 1828, 45904)
RESPONSE_SIZES = (31415, 9, 2653, 58979)
SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n"


def expect(actual, expected):
    if actual != expected:
        raise AssertionError(f"{actual!r} is not {expected!r}")


def fails(call, code):
    try:
        call()
    except grpc.RpcError as error:
        expect(error.code(), code)
        return error
    raise AssertionError(f"{code} was expected")


class Cases:
    def __init__(self, messages, stubs, channel):
        self.messages = messages
        self.stub = stubs.TestServiceStub(channel)
        self.unserved = stubs.UnimplementedServiceStub(channel)

    def payload(self, size):
        return self.messages.Payload(body=bytes(size))

    def large(self, **more):
        return self.messages.SimpleRequest(response_size=314159, payload=self.payload(271828), **more)

    def outputs(self, *sizes, **more):
        parameters = [self.messages.ResponseParameters(size=size) for size in sizes]
        return self.messages.StreamingOutputCallRequest(response_parameters=parameters, **more)

    def inputs(self, sizes):
        for size in sizes:
            yield self.messages.StreamingInputCallRequest(payload=self.payload(size))

    def flag(self, value):
        return self.messages.BoolValue(value=value)

    def empty_unary(self):
        expect(self.stub.EmptyCall(self.messages.Empty(), timeout=60), self.messages.Empty())

    def large_unary(self):
        expect(self.stub.UnaryCall(self.large(), timeout=60).payload.body, bytes(314159))

    def client_streaming(self):
        answer = self.stub.StreamingInputCall(self.inputs(REQUEST_SIZES), timeout=60)
        expect(answer.aggregated_payload_size, 74922)

    def server_streaming(self):
        answers = self.stub.StreamingOutputCall(self.outputs(*RESPONSE_SIZES), timeout=60)
        expect(tuple(len(answer.payload.body) for answer in answers), RESPONSE_SIZES)

    def ping_pong(self):
        import queue
        waiting = queue.Queue()
        answers = self.stub.FullDuplexCall(iter(waiting.get, None), timeout=60)
        for request_size, response_size in zip(REQUEST_SIZES, RESPONSE_SIZES):
            waiting.put(self.outputs(response_size, payload=self.payload(request_size)))
            expect(len(next(answers).payload.body), response_size)
        waiting.put(None)
        expect(list(answers), [])

    def empty_stream(self):
        expect(list(self.stub.FullDuplexCall(iter(()), timeout=60)), [])

    def custom_metadata(self):
        metadata = ((INITIAL, "test_initial_metadata_value"), (TRAILING, b"\xab\xab\xab"))
        _, call = self.stub.UnaryCall.with_call(self.large(), metadata=metadata, timeout=60)
        expect(dict(call.initial_metadata()).get(INITIAL), "test_initial_metadata_value")
        expect(dict(call.trailing_metadata()).get(TRAILING), b"\xab\xab\xab")
        duplex = self.stub.FullDuplexCall(iter((self.outputs(314159),)), metadata=metadata, timeout=60)
        expect(len(list(duplex)), 1)
        expect(dict(duplex.initial_metadata()).get(INITIAL), "test_initial_metadata_value")
        expect(dict(duplex.trailing_metadata()).get(TRAILING), b"\xab\xab\xab")

    def status_code_and_message(self):
        status = self.messages.EchoStatus(code=2, message="test status message")
        unary = lambda: self.stub.UnaryCall(self.messages.SimpleRequest(response_status=status), timeout=60)
        expect(fails(unary, grpc.StatusCode.UNKNOWN).details(), "test status message")
        duplex = lambda: list(self.stub.FullDuplexCall(iter((self.outputs(response_status=status),)), timeout=60))
        expect(fails(duplex, grpc.StatusCode.UNKNOWN).details(), "test status message")

    def special_status_message(self):
        request = self.messages.SimpleRequest(response_status=self.messages.EchoStatus(code=2, message=SPECIAL))
        expect(fails(lambda: self.stub.UnaryCall(request, timeout=60), grpc.StatusCode.UNKNOWN).details(), SPECIAL)

    def unimplemented_method(self):
        fails(lambda: self.stub.UnimplementedCall(self.messages.Empty(), timeout=60), grpc.StatusCode.UNIMPLEMENTED)

    def unimplemented_service(self):
        fails(lambda: self.unserved.UnimplementedCall(self.messages.Empty(), timeout=60), grpc.StatusCode.UNIMPLEMENTED)

    def cancel_after_begin(self):
        import threading
        over = threading.Event()

        def never():
            over.wait(10)
            yield from ()

        call = self.stub.StreamingInputCall.future(never())
        call.cancel()
        over.set()
        expect(call.code(), grpc.StatusCode.CANCELLED)

    def cancel_after_first_response(self):
        import queue
        waiting = queue.Queue()
        call = self.stub.FullDuplexCall(iter(waiting.get, None), timeout=60)
        waiting.put(self.outputs(31415, payload=self.payload(27182)))
        expect(len(next(call).payload.body), 31415)
        call.cancel()
        waiting.put(None)
        fails(lambda: next(call), grpc.StatusCode.CANCELLED)

    def timeout_on_sleeping_server(self):
        request = self.messages.StreamingOutputCallRequest(
            response_parameters=[self.messages.ResponseParameters(size=31415, interval_us=60_000_000)])
        fails(lambda: list(self.stub.FullDuplexCall(iter((request,)), timeout=0.05)), grpc.StatusCode.DEADLINE_EXCEEDED)

    def client_compressed_unary(self):
        # The probe: a server that looks finds that it is not compressed.
        probe = self.large(expect_compressed=self.flag(True))
        fails(lambda: self.stub.UnaryCall(probe, timeout=60), grpc.StatusCode.INVALID_ARGUMENT)
        answer = self.stub.UnaryCall(probe, compression=grpc.Compression.Gzip, timeout=60)
        expect(len(answer.payload.body), 314159)
        answer = self.stub.UnaryCall(self.large(expect_compressed=self.flag(False)), timeout=60)
        expect(len(answer.payload.body), 314159)

    def server_compressed_unary(self):
        for compressed in (True, False):
            answer = self.stub.UnaryCall(self.large(response_compressed=self.flag(compressed)), timeout=60)
            expect(answer.payload.body, bytes(314159))

    def client_compressed_streaming(self):
        requests = list(self.inputs((27182, 45904)))
        requests[0].expect_compressed.value = True
        fails(lambda: self.stub.StreamingInputCall(iter(requests), timeout=60), grpc.StatusCode.INVALID_ARGUMENT)
        answer = self.stub.StreamingInputCall(iter(requests), compression=grpc.Compression.Gzip, timeout=60)
        expect(answer.aggregated_payload_size, 73086)

    def server_compressed_streaming(self):
        request = self.outputs(31415, 92653)
        request.response_parameters[0].compressed.value = True
        request.response_parameters[1].compressed.value = False
        answers = self.stub.StreamingOutputCall(request, timeout=60)
        expect([len(answer.payload.body) for answer in answers], [31415, 92653])


def main(port, folder):
    messages, stubs = generate.load_interop(folder)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        cases = Cases(messages, stubs, channel)
        for name in [name for name, value in vars(Cases).items() if not name.startswith("_")]:
            if name in ("payload", "large", "outputs", "inputs", "flag"):
                continue
            try:
                getattr(cases, name)()
                error = None
            except Exception:
                error = traceback.format_exc()
            print(json.dumps({"case": name, "error": error}), flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        main(int(sys.argv[1]), temporary)
