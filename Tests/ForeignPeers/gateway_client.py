"""Asks a gateway in front of Say and Echo as people do: with curl, websockets and grpcio.

Usage: gateway_client.py HTTP_PORT GRPC_PORT. Prints a line for each case: its name and `ok`, or what is wrong.
"""

import asyncio
import json
import subprocess
import sys

import grpc
import websockets

HTTP, GRPC = sys.argv[1], sys.argv[2]
BASE, SOCKET = f"http://127.0.0.1:{HTTP}", f"ws://127.0.0.1:{HTTP}"


def curl(*arguments, body=None):
    """The status, the headers by lower-case name, and the body that curl gets."""
    done = subprocess.run(
        ["curl", "-sS", "-i", "--max-time", "30", *arguments],
        input=body, capture_output=True, text=True, check=True)
    head, _, rest = done.stdout.partition("\n\n")
    while head.split(" ")[1] == "100":
        head, _, rest = rest.partition("\n\n")
    lines = head.splitlines()
    headers = dict((name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:]))
    return int(lines[0].split(" ")[1]), headers, rest


def expect(actual, expected):
    assert actual == expected, f"expected {expected!r}, got {actual!r}"


JSON = ["-H", "Content-Type: application/json"]


async def unary_over_http():
    status, headers, body = curl(*JSON, "-d", '{"name":"kitty","msg":"hello world!"}', f"{BASE}/v1/say")
    expect((status, json.loads(body)), (200, {"body": '[{"kitty":"hello world!"}]'}))
    expect(headers["content-type"], "application/json")
    assert len(headers["x-request-id"]) == 32, headers


async def stream_over_http():
    messages = "".join(f'{{"message":"{n}"}}\n' for n in range(100))
    status, headers, body = curl("-H", "Content-Type: application/x-ndjson", "-T", "-", "-X", "POST", f"{BASE}/v1/echo", body=messages)
    expect(status, 200)
    expect([json.loads(line) for line in body.splitlines()], [{"result": {"message": f"{n}!"}} for n in range(100)])


async def messages_need_no_lines():
    _, _, body = curl(*JSON, "-d", '{"message":"a"}{"message":\n"}{"} ', f"{BASE}/v1/echo")
    expect(body.splitlines(), ['{"result":{"message":"a!"}}', '{"result":{"message":"}{!"}}'])


async def server_stream_over_http():
    status, _, body = curl(f"{BASE}/v1/echo")
    lines = [json.loads(line)["result"]["message"] for line in body.splitlines()]
    expect((status, len(lines)), (200, 5))
    assert all(line.startswith("hello there!") for line in lines), lines


async def heartbeats_until_the_body_ends():
    status, _, body = curl(*JSON, "-d", "{}", f"{BASE}/v1/heartbeats")
    expect((status, json.loads(body.splitlines()[0])), (200, {"result": {"status": "OK"}}))


async def both_ways_at_once():
    """The answer to each message comes before the next is sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(HTTP))
    writer.write(b"POST /v1/echo HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    for word in ("one", "two", "three"):
        message = json.dumps({"message": word}).encode()
        writer.write(b"%x\r\n%s\r\n" % (len(message), message))
        await asyncio.wait_for(reader.readuntil(f'"{word}!"'.encode()), 30)
    writer.write(b"0\r\n\r\n")
    await asyncio.wait_for(reader.readuntil(b"\r\n0\r\n\r\n"), 30)
    # The connection serves another request.
    writer.write(b"GET /v1/nothing HTTP/1.1\r\nHost: gateway\r\n\r\n")
    expect(await asyncio.wait_for(reader.readline(), 30), b"HTTP/1.1 404 Not Found\r\n")
    writer.close()


async def composed_answer():
    status, headers, body = curl(f"{BASE}/v1/hello?name=kitty")
    expect(status, 200)
    expect(json.loads(body), {
        "parts": {"say": {"result": {"body": '[{"kitty":"hello world!"}]'}}, "echo": {"result": {"message": "hello kitty!"}}},
        "failed": []})
    assert "holdfast-partial" not in headers, headers


async def request_identity():
    _, headers, _ = curl(*JSON, "-d", "{}", "-H", "X-Request-Id: mine", f"{BASE}/v1/say")
    expect(headers["x-request-id"], "mine")


async def error_of_a_message():
    status, headers, body = curl(*JSON, "-d", '{"nmae":"kitty"}', f"{BASE}/v1/say")
    expect((status, json.loads(body)["error"]["code"], json.loads(body)["error"]["status"]), (400, 3, "INVALID_ARGUMENT"))
    assert '"nmae"' in json.loads(body)["error"]["message"], body


async def error_in_a_stream():
    """What was answered stands, and the error is the last line."""
    status, _, body = curl(*JSON, "-d", '{"message":"a"}\n{"message":1}', f"{BASE}/v1/echo")
    last = json.loads(body.splitlines()[-1])
    expect(last["error"]["code"], 3)
    assert status == (200 if len(body.splitlines()) == 2 else 400), (status, body)


async def deadline_of_the_client():
    status, _, body = curl("-H", "Grpc-Timeout: 50m", f"{BASE}/v1/echo")
    expect(json.loads(body.splitlines()[-1])["error"]["status"], "DEADLINE_EXCEEDED")
    assert status in (200, 504), status


async def preflight():
    origin = ["-H", "Origin: https://shop.example", "-H", "Access-Control-Request-Method: POST"]
    status, headers, _ = curl("-X", "OPTIONS", *origin, f"{BASE}/v1/echo")
    expect((status, headers["access-control-allow-origin"], headers["access-control-allow-methods"]),
           (204, "https://shop.example", "GET, POST"))
    status, headers, _ = curl("-X", "OPTIONS", "-H", "Origin: https://evil.example", *origin[2:], f"{BASE}/v1/echo")
    expect((status, headers.get("access-control-allow-origin")), (403, None))
    _, headers, _ = curl(*JSON, "-d", "{}", *origin[:2], f"{BASE}/v1/say")
    expect((headers["access-control-allow-origin"], headers["vary"]), ("https://shop.example", "Origin"))


async def websocket_echo():
    async with websockets.connect(f"{SOCKET}/v1/echo?method=POST") as socket:
        for n in range(100):
            await socket.send(json.dumps({"message": f"{n}"}))
            expect(json.loads(await socket.recv()), {"result": {"message": f"{n}!"}})
        await socket.close()
        expect(socket.close_code, 1000)


async def websocket_fragments_and_pings():
    async with websockets.connect(f"{SOCKET}/v1/echo?method=POST") as socket:
        await socket.send(['{"mess', 'age":"', "\u00fcber", '"}'])
        expect(json.loads(await socket.recv()), {"result": {"message": "\u00fcber!"}})
        await asyncio.wait_for(await socket.ping(b"here"), 30)


async def websocket_of_a_server_stream():
    async with websockets.connect(f"{SOCKET}/v1/echo") as socket:
        messages = [json.loads(message) async for message in socket]
        expect((len(messages), socket.close_code), (5, 1000))


async def websocket_of_one_answer():
    async with websockets.connect(f"{SOCKET}/v1/say?method=POST") as socket:
        await socket.send('{"name":"kitty","msg":"hi"}')
        expect(json.loads(await socket.recv()), {"body": '[{"kitty":"hi"}]'})
        await socket.wait_closed()
        expect(socket.close_code, 1000)


async def websocket_subprotocol():
    async with websockets.connect(f"{SOCKET}/v1/echo?method=POST", subprotocols=["Bearer", "secret"]) as socket:
        expect(socket.subprotocol, "Bearer")


async def close_code(path, message, **options):
    async with websockets.connect(f"{SOCKET}{path}", **options) as socket:
        await socket.send(message)
        texts = []
        try:
            while True:
                texts.append(await asyncio.wait_for(socket.recv(), 30))
        except websockets.ConnectionClosed:
            return socket.close_code, texts


async def websocket_close_codes():
    for path, message, code in [
        ("/v1/echo?method=POST", b"binary", 1003),
        ("/v1/echo?method=POST", '{"no":"field"}', 1007),
        ("/v1/echo?method=POST", "x" * (1024 * 1024 + 1), 1009),
        ("/v1/echo", '{"message":"not taken"}', 1003),
    ]:
        actual, texts = await close_code(path, message)
        assert actual == code, f"{path} {message[:20]!r}: expected {code}, got {actual} {texts}"


async def websocket_error_is_told():
    _, texts = await close_code("/v1/echo?method=POST", '{"no":"field"}')
    expect(json.loads(texts[-1])["error"]["status"], "INVALID_ARGUMENT")


async def websocket_of_another_origin():
    for origin, status in [("https://evil.example", 403), ("https://shop.example", None), (BASE, None)]:
        try:
            async with websockets.connect(f"{SOCKET}/v1/echo?method=POST", origin=origin):
                actual = None
        except websockets.InvalidStatus as error:
            actual = error.response.status_code
        expect((origin, actual), (origin, status))


async def grpc_beside_it():
    """The same service, over its own protocol."""
    channel = grpc.insecure_channel(f"127.0.0.1:{GRPC}")
    echo = channel.stream_stream("/echoserver.EchoService/Echo", lambda text: b"\x0a" + bytes([len(text)]) + text, lambda data: data[2:])
    expect(list(echo(iter([b"a", b"b"]), timeout=30)), [b"a!", b"b!"])
    channel.close()


CASES = [
    unary_over_http, stream_over_http, messages_need_no_lines, server_stream_over_http, heartbeats_until_the_body_ends, both_ways_at_once,
    composed_answer, request_identity, error_of_a_message, error_in_a_stream, deadline_of_the_client, preflight, websocket_echo,
    websocket_fragments_and_pings, websocket_of_a_server_stream, websocket_of_one_answer, websocket_subprotocol, websocket_close_codes,
    websocket_error_is_told, websocket_of_another_origin, grpc_beside_it,
]

for case in CASES:
    try:
        asyncio.run(case())
        print(case.__name__, "ok", flush=True)
    except Exception as error:
        print(case.__name__, f"{type(error).__name__}: {error}".replace("\n", " | "), flush=True)
