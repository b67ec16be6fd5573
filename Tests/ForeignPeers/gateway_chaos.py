"""Breaks what is behind a gateway in every way, one after the other, while HTTP and WebSocket clients hold the gateway to its promises.

Usage: gateway_chaos.py HOLDFAST FOLDER, the command and the folder of its policies. Starts Say, Echo, a fault proxy in front of each,
and the gateway. Prints a line for each breakage: its name, how many exchanges went well and how many were degraded, and `ok`, or what
is wrong.

The promises: every request is answered, with the answer of the service, with a fallback that is marked, or with an error whose status,
close code and Retry-After are right. When what was broken is mended everything is served as before, and nothing is left over.
"""

import collections
import http.client
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time

from process_memory import kept_by_sanitizer, resident
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

HOLDFAST, POLICIES = sys.argv[1], sys.argv[2]
# What an answer may take; all timeouts of the gateway and its clients are far below. Who needs longer is not answered.
PATIENCE = 30
# So many exchanges of each client see each breakage from their beginning.
EXCHANGES = 6

HTTP_STATUS = {1: 499, 2: 500, 4: 504, 8: 429, 13: 500, 14: 503}
CLOSE_CODE = {2: 1011, 4: 1011, 8: 1013, 13: 1011, 14: 1013}
# What a service that is broken like this ends with: it did not answer in time, or not at all.
BROKEN_CODES = {4, 14}


class Process:
    """One of our programs, and where it listens."""

    def __init__(self, *arguments):
        self.arguments = [HOLDFAST, *arguments]
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.ports = [int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", self.process.stdout.readline())]
        # It comes back where it was.
        self.arguments = ["--port=%d" % self.ports[0] if word == "--port=0" else word for word in self.arguments]
        # Nobody reads what a proxy says of its hits, and it must not wait for that.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def send(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait()


class Proxied:
    """A service behind a fault proxy."""

    def __init__(self, name, *arguments):
        self.service = Process("serve", name, "--port=0", *arguments)
        self.proxy = Process(
            "chaos", "proxy", "--quiet", "--listen", "127.0.0.1:0", "--upstream", f"127.0.0.1:{self.service.ports[0]}",
            "--admin", "127.0.0.1:0")
        self.address = f"127.0.0.1:{self.proxy.ports[0]}"

    def ask(self, method, path, body=None):
        """Asks the proxy."""
        connection = http.client.HTTPConnection("127.0.0.1", self.proxy.ports[-1], timeout=PATIENCE)
        connection.request(method, path, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status < 300, f"{method} {path}: {answer.status} {text}"
        return json.loads(text) if text else None


class Broken(Exception):
    """A promise that was not kept."""


def promise(holds, what, *seen):
    if not holds:
        raise Broken(what + ": " + " ".join(map(str, seen)))


def check_error(error, status=None, headers=None):
    """What is said of an error is right."""
    promise(error["code"] in BROKEN_CODES and error["message"], "an error that says what is broken", error)
    promise(error["httpStatus"] == HTTP_STATUS[error["code"]], "the status of the code", error)
    if status is not None:
        promise(status == error["httpStatus"], "the status that the error says", status, error)
        # Who refuses knows when to come back.
        promise("policy" not in error or int(headers["Retry-After"]) >= 1, "Retry-After", status, error)


def check_say(answer, name):
    """An answer of Say is that to the request, or marked as another. The fallback's step that gave it; None if it went well."""
    mark = answer.get("@fallback")
    step = mark and mark["step"]
    if step == "value":
        promise(answer["body"] == '[{"kitty":"busy, back soon"}]', "the fallback's value", answer)
    else:
        promise(step in (None, "lastGood") and answer["body"] == '[{"%s":"hello"}]' % name, "the answer to what was asked", answer, step)
    if mark:
        check_error(mark["error"])
    return step


def ask(method, path, body=None, timeout=None):
    """The status, the headers and the body that the gateway answers."""
    connection = http.client.HTTPConnection("127.0.0.1", GATEWAY.ports[0], timeout=PATIENCE)
    headers = {"Content-Type": "application/json", **({"Grpc-Timeout": timeout} if timeout else {})}
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


def names(number):
    """Every other request is one whose answer was there before."""
    return f"user{number % 10}" if number % 2 else f"stranger{number}"


def http_say(number):
    name = names(number)
    status, headers, body = ask("POST", "/v1/say", json.dumps({"name": name, "msg": "hello"}))
    promise(status == 200, "Say always answers", status, body)
    step = check_say(json.loads(body), name)
    promise(headers.get("Holdfast-Fallback") == step, "the fallback's step in a header", headers, body)
    return step is None


def http_hello(number):
    """Both services in one answer, of which Say's part is always there."""
    status, headers, body = ask("GET", f"/v1/hello?name=user{number % 10}", timeout="5S")
    promise(status == 200, "an answer made of parts always comes", status, body)
    answer = json.loads(body)
    failed = [name for name, part in answer["parts"].items() if "error" in part]
    promise(answer["failed"] == failed and headers.get("Holdfast-Partial", "") == ", ".join(failed), "failed parts are named", headers, body)
    promise("result" in answer["parts"]["say"], "Say always answers", body)
    if failed:
        check_error(answer["parts"]["echo"]["error"])
    else:
        promise(answer["parts"]["echo"]["result"]["message"] == f"hello user{number % 10}!", "the answer to what was asked", body)
    return not failed and "@fallback" not in body


def http_echo(number):
    """A stream: what was answered stands, and an error is its last line, or the status when nothing was answered."""
    status, headers, body = ask("POST", "/v1/echo", "".join('{"message":"%d"}' % n for n in range(3)), timeout="2S")
    lines = [json.loads(line) for line in body.splitlines()]
    results = [line["result"]["message"] for line in lines if "result" in line]
    promise(results == [f"{n}!" for n in range(len(results))], "answers in order", body)
    errors = [line["error"] for line in lines if "error" in line]
    if errors:
        promise(len(errors) == 1 and "error" in lines[-1] and (status == 200) == bool(results), "one error, at the end", status, body)
        check_error(errors[0], None if results else status, headers)
    else:
        promise(status == 200 and len(results) == 3, "all answers, or an error", status, body)
    return not errors


def socket(path, talk):
    """Talks over a WebSocket; whether that went well. An error is the last message, and the code of the close fits it."""
    error = None
    try:
        with connect(
                f"ws://127.0.0.1:{GATEWAY.ports[0]}{path}?method=POST", additional_headers={"Grpc-Timeout": "2S"},
                open_timeout=PATIENCE, close_timeout=PATIENCE, compression=None) as connection:
            def answer():
                nonlocal error
                message = json.loads(connection.recv(PATIENCE))
                promise(error is None, "the error is the last message", error, message)
                error = message.get("error")
                return message

            def exchange(text):
                try:
                    connection.send(text)
                except ConnectionClosed:
                    pass  # Why, is among what was not read yet.
                return answer()

            try:
                went_well = talk(exchange, answer)
            except ConnectionClosed:
                went_well = None
            connection.close()
            closed = connection.protocol.close_code
    except InvalidStatus as refusal:
        check_error(json.loads(refusal.response.body)["error"], refusal.response.status_code, refusal.response.headers)
        return False
    if error is None:
        promise(went_well is not None and closed == 1000, "all answers, or an error", closed)
        return went_well
    check_error(error)
    promise(closed == CLOSE_CODE[error["code"]], "the close code of the error", closed, error)
    return False


def socket_say(number):
    name = names(number)

    def talk(exchange, answer):
        message = exchange(json.dumps({"name": name, "msg": "hello"}))
        promise("error" not in message, "Say always answers", message)
        step = check_say(message, name)
        try:
            answer()
        except ConnectionClosed:
            return step is None
        raise Broken("one answer, then the end")

    return socket("/v1/say", talk)


def socket_echo(number):
    """Goes on for a while, so that what breaks does so in the middle."""
    def talk(exchange, answer):
        for n in range(20):
            message = exchange('{"message":"%d"}' % n)
            if "error" in message:
                answer()
            promise(message["result"]["message"] == f"{n}!", "answers in order", message)
            time.sleep(0.02)
        return True

    return socket("/v1/echo", talk)


class Client(threading.Thread):
    """Asks all the while, and keeps a count of how that went, by what was broken when it asked."""

    changed = threading.Condition()
    phase, done = "", False

    def __init__(self, exchange):
        super().__init__(daemon=True, name=exchange.__name__)
        self.exchange, self.seen, self.complaints = exchange, collections.defaultdict(collections.Counter), []

    def run(self):
        for number in itertools.count():
            phase = Client.phase
            try:
                how = "well" if self.exchange(number) else "degraded"
            except Exception as error:
                how = "wrong"
                self.complaints.append(f"{self.name} in \"{phase}\": {type(error).__name__}: {error}".replace("\n", " | "))
            with Client.changed:
                if Client.done:
                    return
                self.seen[phase][how] += 1
                Client.changed.notify_all()
            # Who is refused comes back at once; that must not be all that the machine does.
            time.sleep(0.02)

    @staticmethod
    def begin(phase):
        with Client.changed:
            Client.phase = phase

    @staticmethod
    def wait(condition):
        with Client.changed:
            Client.changed.wait_for(lambda: all(map(condition, CLIENTS)) or any(client.complaints for client in CLIENTS))

    @staticmethod
    def complain():
        with Client.changed:
            complaints = [complaint for client in CLIENTS for complaint in client.complaints]
            for client in CLIENTS:
                client.complaints.clear()
        if complaints:
            raise Broken(complaints[0])


def fault(kind, select=None, **settings):
    """A fault in both proxies, which must have hit."""
    fault = {"id": "it", "kind": kind, "with": settings, "select": select}

    def begin():
        for service in SERVICES:
            service.ask("POST", "/faults", {key: value for key, value in fault.items() if value})

    def end():
        for service in SERVICES:
            promise(service.ask("GET", "/faults")["faults"][0]["hits"] > 0, f"{kind} has hit")
            service.ask("DELETE", "/faults/it")

    return begin, end


def each(act):
    def all_of_them():
        for service in SERVICES:
            act(service.service)
    return all_of_them


def breakages():
    yield "killed", each(Process.kill), each(Process.start)
    yield "stopped", each(lambda service: service.send(signal.SIGSTOP)), each(lambda service: service.send(signal.SIGCONT))
    yield "cut off", *fault("tcp.refuse")
    yield "nothing passes", *fault("tcp.blackhole")
    yield "slow", *fault("tcp.latency", delay="3s")
    yield "cut after some bytes", *fault("tcp.limitBytes", bytes=100, then="reset")
    yield "streams reset", *fault("h2.rstStream", {"per": "stream", "probability": 0.9}, errorCode="REFUSED_STREAM")


def descriptors():
    return len(os.listdir(f"/proc/{GATEWAY.process.pid}/fd"))


def memory():
    return resident(GATEWAY.process.pid)


def normal(phase):
    """Waits until every client is served as if nothing had ever happened, a few times in a row."""
    rounds = itertools.count()
    while True:
        name = f"{phase}, {next(rounds)}"
        Client.begin(name)
        Client.wait(lambda client: client.seen[name].total() >= EXCHANGES)
        Client.complain()
        if all(client.seen[name]["degraded"] == 0 for client in CLIENTS):
            return


def tell(name, case):
    try:
        print(name, case() or "ok", sep=": ", flush=True)
    except Exception as error:
        print(name, f"{type(error).__name__}: {error}", sep=": ", flush=True)


def survive(name, begin, end):
    begin()
    Client.begin(name)
    Client.wait(lambda client: client.seen[name].total() >= EXCHANGES)
    end()
    Client.complain()
    count = sum((client.seen[name] for client in CLIENTS), collections.Counter())
    promise(count["degraded"] > 0, "what was broken was noticed", count)
    normal(f"{name}, mended")
    return f"{count['well']} well, {count['degraded']} degraded, and well again: ok"


def leave_nothing():
    with Client.changed:
        Client.done = True
    for client in CLIENTS:
        client.join(PATIENCE)
    promise(not any(client.is_alive() for client in CLIENTS), "every request is answered")
    # Connections end a moment after the last answer.
    deadline = time.monotonic() + PATIENCE
    while descriptors() > before[0] and time.monotonic() < deadline:
        time.sleep(0.05)
    promise(descriptors() <= before[0], "no descriptor is left over", before[0], descriptors())
    allowance = 64 + kept_by_sanitizer(GATEWAY.process.pid)
    promise(memory() - before[1] < allowance, "no memory is left over", before[1], memory())
    GATEWAY.send(signal.SIGTERM)
    promise(GATEWAY.process.wait(PATIENCE) == 0, "the gateway ends well")


SERVICES = []
GATEWAY = None
try:
    SERVICES.append(Proxied("say"))
    SERVICES.append(Proxied("echo", "--no-http", "--no-debug"))
    GATEWAY = Process(
        "serve", "gateway", "--quiet", "--http-port", "0", "--say", SERVICES[0].address, "--upstream", SERVICES[1].address,
        "--gateway-policies", f"{POLICIES}/gateway.json")
    # Asked once, it has all the threads and connections that it needs.
    http_hello(1)
    before = descriptors(), memory()
    CLIENTS = [Client(exchange) for exchange in (http_say, http_hello, http_echo, socket_say, socket_echo)]
    for client in CLIENTS:
        client.start()
    tell("calm", lambda: normal("calm"))
    for name, begin, end in breakages():
        tell(name, lambda: survive(name, begin, end))
    tell("nothing is left over", leave_nothing)
finally:
    for process in [GATEWAY] + [process for service in SERVICES for process in (service.service, service.proxy)]:
        if process:
            process.kill()
