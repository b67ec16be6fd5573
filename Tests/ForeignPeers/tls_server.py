"""Serves the four kinds with grpcio over TLS on a free port, prints the port, and ends when its input does.

Usage: tls_server.py CHAIN KEY [ROOTS]
With ROOTS, clients must have a certificate that is signed by them.
"""

import concurrent.futures
import pathlib
import sys
import tempfile

import grpc

import generate
import say_echo_server


def main(folder, chain, key, roots=None):
    modules = generate.load(folder)
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=4))
    modules[-1].add_FourKindsServicer_to_server(say_echo_server.services(modules)[-1], server)
    pairs = [(pathlib.Path(key).read_bytes(), pathlib.Path(chain).read_bytes())]
    trusted = pathlib.Path(roots).read_bytes() if roots else None
    credentials = grpc.ssl_server_credentials(pairs, root_certificates=trusted, require_client_auth=roots is not None)
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    print(port, flush=True)
    sys.stdin.read()
    server.stop(0)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        main(temporary, *sys.argv[1:])
