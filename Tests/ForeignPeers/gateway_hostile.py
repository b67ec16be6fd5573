"""Sends a gateway what no honest client sends, and looks that it says so, that its memory stays bounded, and that others are served.

Usage: gateway_hostile.py HTTP_PORT PID. Prints a line for each case: its name and `ok`, or what is wrong.
"""

import base64
import json
import os
import select
import socket
import struct
import sys
import threading
import urllib.request

from process_memory import kept_by_sanitizer, peak

PORT, PID = int(sys.argv[1]), sys.argv[2]
# What an answer may take; a case that needs longer has failed.
PATIENCE = 30


def connect():
    return socket.create_connection(("127.0.0.1", PORT), timeout=PATIENCE)


def read_all(connection, longest=1 << 20):
    data = b""
    try:
        while len(data) < longest:
            part = connection.recv(65536)
            if not part:
                break
            data += part
    except ConnectionResetError:
        pass
    return data


def send_all(connection, parts):
    """Sends until the other side has had enough."""
    try:
        for part in parts:
            connection.sendall(part)
    except (BrokenPipeError, ConnectionResetError):
        pass


def ask(*parts):
    with connect() as connection:
        send_all(connection, parts)
        return read_all(connection)


def status(answer):
    return answer.split(b"\r\n", 1)[0].split(b" ")[1].decode() if answer.startswith(b"HTTP/1.") else f"no answer: {answer[:80]!r}"


def post(*headers, path="/v1/say", version="1.1"):
    lines = [f"POST {path} HTTP/{version}", "Host: gateway", "Content-Type: application/json", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def get(*headers, path="/v1/hello"):
    return ("\r\n".join([f"GET {path} HTTP/1.1", "Host: gateway", *headers]) + "\r\n\r\n").encode()


def flood(head, part, count):
    yield head
    for _ in range(count):
        yield part


MEBIBYTE = b"x" * (1 << 20)
CHUNK = b"10000\r\n" + b" " * 65536 + b"\r\n"

# Name, what is sent, the status that comes back.
HTTP = [
    ("not HTTP", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200)], "400"),
    ("HTTP/2 without asking", [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"], "400"),
    ("a method that is none", [b"F\x00O / HTTP/1.1\r\nHost: a\r\n\r\n"], "400"),
    ("no Host", [b"GET /v1/hello HTTP/1.1\r\n\r\n"], "400"),
    ("two Hosts", [b"GET /v1/hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"], "400"),
    ("an address that is no path", [b"GET elsewhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"], "400"),
    ("an endless address", flood(b"GET /", MEBIBYTE, 64), "431"),
    ("a long address", [get("Connection: close", path="/" + "a" * 9000)], "414"),
    ("a broken query", [get("Connection: close", path="/v1/hello?name=%zz")], "400"),
    ("a query that is not UTF-8", [get("Connection: close", path="/v1/hello?name=%ff")], "400"),
    ("an endless header", flood(b"GET / HTTP/1.1\r\nHost: a\r\nX: ", MEBIBYTE, 64), "431"),
    ("endless headers", flood(b"GET / HTTP/1.1\r\nHost: a\r\n", b"X: y\r\n" * 100_000, 64), "431"),
    ("a header with a line in it", [b"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n"], "400"),
    ("a space before the colon", [b"GET / HTTP/1.1\r\nHost : a\r\n\r\n"], "400"),
    ("Content-Length and Transfer-Encoding", [post("Content-Length: 4", "Transfer-Encoding: chunked"), b"0\r\n\r\nGET / HTTP/1.1\r\n\r\n"], "400"),
    ("Transfer-Encoding and Content-Length", [post("Transfer-Encoding: chunked", "Content-Length: 4"), b"0\r\n\r\nGET / HTTP/1.1\r\n\r\n"], "400"),
    ("two Content-Lengths", [post("Content-Length: 2", "Content-Length: 3"), b"{}"], "400"),
    ("a Content-Length that is none", [post("Content-Length: +2"), b"{}"], "400"),
    ("a Content-Length beyond counting", [post("Content-Length: 99999999999999999999"), b"{}"], "400"),
    ("an obscure Transfer-Encoding", [post("Transfer-Encoding: xchunked"), b"0\r\n\r\n"], "501"),
    ("a Transfer-Encoding with another in front", [post("Transfer-Encoding: gzip, chunked"), b"0\r\n\r\n"], "501"),
    ("Transfer-Encoding in HTTP/1.0", [post("Transfer-Encoding: chunked", version="1.0"), b"0\r\n\r\n"], "501"),
    ("a chunk whose length is a lie", [post("Transfer-Encoding: chunked"), b"2\r\n{}GET / HTTP/1.1\r\n\r\n"], "400"),
    ("a chunk whose length is none", [post("Transfer-Encoding: chunked"), b"zz\r\n{}\r\n0\r\n\r\n"], "400"),
    ("a chunk with a length beyond counting", [post("Transfer-Encoding: chunked"), b"fffffffffffffffff\r\n{}"], "400"),
    ("endless trailers", flood(post("Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n", b"X: y\r\n" * 100_000, 64), "431"),
    ("a body that is too long, as it says", [post("Content-Length: 1000000000"), MEBIBYTE], "413"),
    ("a body that is too long", flood(post("Transfer-Encoding: chunked") + b"1\r\n{\r\n", CHUNK, 1024), "413"),
    ("a message of a stream that is too long", flood(post("Transfer-Encoding: chunked", path="/v1/echo") + b"1\r\n{\r\n", CHUNK, 1024), "413"),
    ("no JSON", [post("Content-Length: 5", "Connection: close"), b"hello"], "400"),
    ("half a JSON", [post("Content-Length: 9", "Connection: close"), b'{"name":"'], "400"),
    ("JSON of another message", [post("Content-Length: 7", "Connection: close"), b'{"a":1}'], "400"),
    ("JSON that is not UTF-8", [post("Content-Length: 12", "Connection: close"), b'{"name":"\xff"}'], "400"),
    ("deep JSON", [post("Content-Length: 200000", "Connection: close"), b'{"name":' + b"[" * 199_992], "400"),
    ("two messages where one is due", [post("Content-Length: 4", "Connection: close"), b"{}{}"], "400"),
    ("no message", [post("Content-Length: 0", "Connection: close")], "400"),
    ("a form", [b"POST /v1/say HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=b"], "415"),
    ("no content type", [b"POST /v1/say HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}"], "415"),
    ("a compressed body", [post("Content-Encoding: gzip", "Content-Length: 2"), b"{}"], "415"),
    ("an expectation that nobody knows", [post("Expect: miracles", "Content-Length: 2"), b"{}"], "417"),
    ("a GET with a body", [get("Content-Length: 2"), b"{}"], "400"),
    ("another method", [b"DELETE /v1/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"], "405"),
    ("another path", [get("Connection: close", path="/v1/../etc/passwd")], "404"),
    ("a timeout that is none", [get("Grpc-Timeout: soon", "Connection: close")], "400"),
    ("metadata that is the transport's", [get("Grpc-Metadata-Grpc-Status: 0", "Connection: close")], "400"),
    ("a WebSocket of another version", [get("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 8", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", path="/v1/echo")], "426"),
    ("a WebSocket without a key", [get("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", path="/v1/echo")], "400"),
    ("a WebSocket without Connection", [get("Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", path="/v1/echo")], "400"),
    ("a WebSocket at no path", [get("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", path="/nowhere")], "404"),
    ("a WebSocket with half a token", [get("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Protocol: Bearer", path="/v1/echo")], "400"),
    ("h2c", [get("Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABkAAQAAP__", path="/v1/nothing"), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"], "404"),
]


def frame(opcode, payload=b"", fin=True, rsv=0, mask=True, length=None):
    size = len(payload) if length is None else length
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    bit = 0x80 if mask else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 1 << 16:
        head += bytes([bit | 126]) + struct.pack(">H", size)
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", size)
    if not mask:
        return head + payload
    key = os.urandom(4)
    return head + key + bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))


def open_socket(path="/v1/echo?method=POST"):
    connection = connect()
    key = base64.b64encode(os.urandom(16)).decode()
    connection.sendall(get("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}", path=path))
    answer = b""
    while b"\r\n\r\n" not in answer:
        part = connection.recv(1)
        assert part, answer
        answer += part
    assert answer.startswith(b"HTTP/1.1 101 "), answer
    return connection


def frames_of(connection):
    """What the server sends, frame by frame, to the end of the connection: its first byte, and what it carries."""
    data = b""
    while True:
        while len(data) >= 2:
            size, skip = data[1] & 0x7F, 2
            if size >= 126:
                length, skip = (">H", 4) if size == 126 else (">Q", 10)
                size = struct.unpack(length, data[2:skip])[0] if len(data) >= skip else len(data)
            if len(data) < skip + size:
                break
            yield data[0], data[skip:skip + size]
            data = data[skip + size:]
        try:
            part = connection.recv(65536)
        except ConnectionResetError:
            part = b""
        if not part:
            return
        data += part


def closing(connection):
    """The code that the server closes with. It is answered, as an honest client does, and the connection has to end then."""
    code = "none"
    for head, payload in frames_of(connection):
        if head == 0x88:
            code = str(struct.unpack(">H", payload[:2])[0]) if payload else "empty"
            send_all(connection, [frame(8, payload[:2])])
    return code


TEXT = b'{"message":"a"}'

# Name, the frames that are sent, the code that the WebSocket is closed with.
WEBSOCKET = [
    ("a frame that is not masked", [frame(1, TEXT, mask=False)], "1002"),
    ("a reserved bit", [frame(1, TEXT, rsv=4)], "1002"),
    ("a reserved opcode", [frame(3, TEXT)], "1002"),
    ("a reserved control opcode", [frame(11)], "1002"),
    ("a ping in fragments", [frame(9, b"a", fin=False)], "1002"),
    ("a ping that is too long", [frame(9, b"a" * 126)], "1002"),
    ("a fragment of nothing", [frame(0, TEXT)], "1002"),
    ("a message within a message", [frame(1, b"{", fin=False), frame(1, TEXT)], "1002"),
    ("a frame that says it is too long", [frame(1, b"{", length=1 << 30)], "1009"),
    ("a frame whose length has its highest bit set", [frame(1, b"{", length=(1 << 63) + 1)], "1009"),
    ("endless fragments", [frame(1, b"{", fin=False)] + [frame(0, b" " * 65536, fin=False)] * 64, "1009"),
    ("endless empty fragments", [frame(1, b"{", fin=False)] + [frame(0, b"", fin=False) * 1000] * 20 + [frame(8, struct.pack(">H", 1000))], "1000"),
    ("text that is not UTF-8", [frame(1, b'{"message":"\xff"}')], "1007"),
    ("text with a surrogate", [frame(1, b'{"message":"\xed\xa0\x80"}')], "1007"),
    ("UTF-8 that ends too soon", [frame(1, b"\xe2\x82", fin=False), frame(0, b"")], "1007"),
    ("no JSON", [frame(1, b"hello")], "1007"),
    ("binary", [frame(2, TEXT)], "1003"),
    ("half a closing code", [frame(8, b"\x03")], "1002"),
    ("a closing code that is not sent", [frame(8, struct.pack(">H", 1005))], "1002"),
    ("a closing code out of range", [frame(8, struct.pack(">H", 999))], "1002"),
    ("a closing reason that is not UTF-8", [frame(8, struct.pack(">H", 1000) + b"\xff")], "1007"),
    ("a closing frame without a code", [frame(8)], "1000"),
    ("words behind the close", [frame(8, struct.pack(">H", 3000)), frame(1, TEXT)], "3000"),
]


class Bystander(threading.Thread):
    """A client who asks all the while, and must not notice."""

    def __init__(self):
        super().__init__(daemon=True)
        self.done, self.answers, self.complaint = threading.Event(), 0, None

    def run(self):
        while not self.done.is_set():
            try:
                request = urllib.request.Request(
                    f"http://127.0.0.1:{PORT}/v1/echo", b'{"message":"still here"}', {"Content-Type": "application/json"})
                with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                    assert json.load(answer) == {"result": {"message": "still here!"}}
                self.answers += 1
            except Exception as error:
                self.complaint = self.complaint or repr(error)


def tell(name, complaint):
    print(name, complaint or "ok", sep=": ", flush=True)


def run(name, case):
    try:
        tell(name, case())
    except Exception as error:
        tell(name, repr(error))


def expect_status(parts, expected):
    answer = ask(*parts)
    if status(answer) != expected:
        return f"expected {expected}, got {status(answer)}: {answer[:300]!r}"
    body = answer.split(b"\r\n\r\n", 1)[1]
    error = json.loads(body[:int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0])])["error"]
    return None if error["message"] and error["httpStatus"] == int(expected) else f"the error says too little: {error}"


def expect_code(sent, expected):
    with open_socket() as connection:
        send_all(connection, sent)
        code = closing(connection)
    return None if code == expected else f"expected {expected}, got {code}"


def first_message(connection):
    """The first frame that is neither a ping nor an answer to one."""
    return next(each for each in frames_of(connection) if each[0] not in (0x89, 0x8A))


def is_held_back(connection):
    """Whether nothing more is taken, although others have been served meanwhile: a server that is slow has held nobody back."""
    served = bystander.answers + 3
    while bystander.answers < served:
        if bystander.complaint or select.select([], [connection], [], 0.1)[1]:
            return False
    return True


def nobody_reads():
    """Clients who send and never read are held back, and go on when they read."""
    message = frame(1, b'{"message":"' + b"a" * 60_000 + b'"}')
    connections = [open_socket() for _ in range(3)]
    for connection in connections:
        connection.setblocking(False)
        rest, count = message, 0
        while count < 2_000:
            try:
                rest = rest[connection.send(rest):]
            except BlockingIOError:
                if is_held_back(connection):
                    break
            if not rest:
                rest, count = message, count + 1
        else:
            return f"{count} messages were taken of a client who reads nothing"
    for connection in connections:
        connection.settimeout(PATIENCE)
        head, payload = first_message(connection)
        assert head == 0x81 and payload.startswith(b'{"result":'), (head, payload[:100])
        connection.close()
    return None


def ping_flood():
    """Pings whose answers nobody reads are read all the same, and do not keep what follows from being answered."""
    with open_socket() as connection:
        for _ in range(40):
            connection.sendall(frame(9, b"a" * 125) * 1_000)
        connection.sendall(frame(1, TEXT))
        head, payload = first_message(connection)
    return None if (head, payload) == (0x81, b'{"result":{"message":"a!"}}') else f"the message was answered with {payload!r}"


bystander = Bystander()
bystander.start()
before = peak(PID)
for name, parts, expected in HTTP:
    run(f"HTTP, {name}", lambda: expect_status(parts, expected))
for name, frames, expected in WEBSOCKET:
    run(f"WebSocket, {name}", lambda: expect_code(frames, expected))
run("WebSocket, nobody reads", nobody_reads)
run("WebSocket, pings without reading", ping_flood)
bystander.done.set()
bystander.join(PATIENCE)
# Three clients with a few messages of 60 kB each, and what one hostile body may hold; sent was more than 300 MB.
grown = peak(PID) - before
tell("memory is bounded", None if grown < 128 + kept_by_sanitizer(PID) else f"it grew by {grown} MiB")
tell("others were served", bystander.complaint or (None if bystander.answers > 10 else f"only {bystander.answers} times"))
