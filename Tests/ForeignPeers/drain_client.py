"""Calls test.Held/Unary over and over on four threads until the server is gone, and prints how many calls were answered.

Usage: drain_client.py PORT
Ends with 1 when a call fails otherwise than a server that is gone explains.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

import grpc


def call_until_gone(port):
    count = 0
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
        unary = channel.unary_unary("/test.Held/Unary", request_serializer=bytes, response_deserializer=bytes)
        while True:
            try:
                unary(b"\x0a\x01x", timeout=60)
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE:
                    raise
                return count
            count += 1


if __name__ == "__main__":
    with ThreadPoolExecutor(4) as threads:
        print(sum(threads.map(call_until_gone, [int(sys.argv[1])] * 4)), flush=True)
