"""Generates grpcio's code for the .proto files, into a folder that the caller throws away, and imports it."""

import importlib
import os
import sys

from grpc_tools import protoc

HERE = os.path.dirname(os.path.abspath(__file__))
SAY_ECHO = os.path.join(HERE, "..", "..", "Sources", "SayEcho", "Protos")


def load(folder):
    """Gives the modules (say_pb2, say_pb2_grpc, echo_pb2, echo_pb2_grpc, four_kinds_pb2, four_kinds_pb2_grpc)."""
    for path, names in ((SAY_ECHO, ("say", "echo")), (HERE, ("four_kinds",))):
        for name in names:
            arguments = ["protoc", f"-I{path}", f"--python_out={folder}", f"--grpc_python_out={folder}", f"{name}.proto"]
            if protoc.main(arguments) != 0:
                raise SystemExit(f"protoc failed on {name}.proto")
    sys.path.insert(0, folder)
    return [
        importlib.import_module(f"{name}_pb2{suffix}") for name in ("say", "echo", "four_kinds") for suffix in ("", "_grpc")
    ]


def load_interop(folder):
    """Gives the modules (interop_pb2, interop_pb2_grpc)."""
    arguments = ["protoc", f"-I{HERE}", f"--python_out={folder}", f"--grpc_python_out={folder}", "interop.proto"]
    if protoc.main(arguments) != 0:
        raise SystemExit("protoc failed on interop.proto")
    sys.path.insert(0, folder)
    return importlib.import_module("interop_pb2"), importlib.import_module("interop_pb2_grpc")
