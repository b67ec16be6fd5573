"""Calls our server of the four kinds with grpcio over TLS, and prints the answers, or the status's name, as one JSON line.

Usage: tls_client.py PORT ROOTS [CHAIN KEY]
"""

import json
import pathlib
import sys
import tempfile

import grpc

import generate


def main(folder, port, roots, chain=None, key=None):
    modules = generate.load(folder)
    four, four_grpc = modules[-2:]
    read = lambda path: pathlib.Path(path).read_bytes() if path else None
    credentials = grpc.ssl_channel_credentials(read(roots), read(key), read(chain))
    with grpc.secure_channel(f"localhost:{port}", credentials) as channel:
        kinds = four_grpc.FourKindsStub(channel)
        try:
            answers = [kinds.Unary(four.Text(text="hello"), timeout=60).text]
            answers += [word.text for word in kinds.ServerStreaming(four.Text(text="one two"), timeout=60)]
        except grpc.RpcError as error:
            answers = error.code().name
    print(json.dumps(answers), flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        main(temporary, *sys.argv[1:])
