"""Asks a server for its services, descriptions and health with grpcio's clients, and prints one JSON line for each check.

Usage: health_reflection_client.py PORT
Every line is {"check": NAME, "value": WHAT CAME}, but for "watching", upon which the status shall change.
"""

import json
import sys

import grpc
from google.protobuf import descriptor_pool, message_factory
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase


def report(check, value):
    print(json.dumps({"check": check, "value": value}), flush=True)


def reflection(channel):
    database = ProtoReflectionDescriptorDatabase(channel)
    report("services", sorted(database.get_services()))
    pool = descriptor_pool.DescriptorPool(database)
    service = pool.FindServiceByName("echoserver.EchoService")
    report("methods", [method.name for method in service.methods])
    say = pool.FindServiceByName("grpconepb.grpconepb").methods_by_name["SayHi"]
    report("request fields", [field.name for field in say.input_type.fields])
    try:
        pool.FindMessageTypeByName("no.Such")
        report("unknown symbol", False)
    except KeyError:
        report("unknown symbol", True)
    request, response = (message_factory.GetMessageClass(kind) for kind in (say.input_type, say.output_type))
    call = channel.unary_unary(
        "/grpconepb.grpconepb/SayHi", request_serializer=request.SerializeToString, response_deserializer=response.FromString)
    report("described call", call(request(name="kitty", msg="hello world!"), timeout=60).body)


def health(channel):
    stub = health_pb2_grpc.HealthStub(channel)
    name = health_pb2.HealthCheckResponse.ServingStatus.Name
    report("check", name(stub.Check(health_pb2.HealthCheckRequest(), timeout=60).status))
    try:
        stub.Check(health_pb2.HealthCheckRequest(service="no.Such"), timeout=60)
    except grpc.RpcError as error:
        report("check unknown", error.code().name)
    statuses = stub.List(health_pb2.HealthListRequest(), timeout=60).statuses
    report("list", {key: name(value.status) for key, value in sorted(statuses.items())})
    changes = stub.Watch(health_pb2.HealthCheckRequest(service="echoserver.EchoService"), timeout=60)
    seen = [name(next(changes).status)]
    print("watching", flush=True)
    seen.append(name(next(changes).status))
    changes.cancel()
    report("watch", seen)


if __name__ == "__main__":
    with grpc.insecure_channel(f"127.0.0.1:{sys.argv[1]}") as channel:
        reflection(channel)
        health(channel)
    report("done", True)
