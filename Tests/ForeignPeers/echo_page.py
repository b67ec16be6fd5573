"""Uses the page of `serve echo --demo` as somebody at a browser does.

Usage: echo_page.py CHROMIUM HTTP_PORT [FOLDER]. Prints a line for each step: its name and `ok`, or what is wrong. With a folder, it
leaves pictures of the page there.
"""

import json
import sys
import urllib.error
import urllib.request

from browser import Browser, Page

CHROMIUM, PORT = sys.argv[1], sys.argv[2]
FOLDER = sys.argv[3] if len(sys.argv) > 3 else None
BASE = f"http://127.0.0.1:{PORT}"
BREAKER = "document.getElementById('breaker').textContent"


def ask(path, body=None, **headers):
    """The status of an answer, and its JSON."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(BASE + path, data, {"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def echo(word):
    return ask("/v1/echo", {"message": word})


def row(text):
    """The page's line for what was said last so, with what came back."""
    return ("[...document.querySelectorAll('#log li')].filter(row => row.children.length == 2 && "
            f"row.children[0].textContent == {json.dumps(text)}).at(-1)?.children[1]?.textContent")


def say(page, text):
    page.press("#text")
    page.type(text)
    page.enter()


def picture(page, name):
    if FOLDER:
        page.picture(f"{FOLDER}/{name}.png")


def quota():
    return next(quota["available"] for quota in ask("/v1/demo")[1]["quotas"] if quota["isOwn"])


def talk(page):
    page.wait("document.getElementById('status').textContent == 'connected'")
    say(page, "hello out there")
    page.wait(f"{row('hello out there')} == 'hello out there!'")
    say(page, "<b>markup</b>")
    page.wait(f"{row('<b>markup</b>')} == '<b>markup</b>!'")
    assert page.evaluate("document.querySelectorAll('#log b').length") == 0
    page.wait(f"{BREAKER} == 'closed'")


def broken(page):
    page.press("#break")
    page.wait("document.getElementById('backend').textContent == 'broken'")
    # What was under way ends; what the page then tries opens the breaker.
    page.wait(f"{row('still there?')}.startsWith('UNAVAILABLE: the backend is broken')")
    page.wait(f"{BREAKER} == 'open'")
    page.wait("document.getElementById('line').textContent.includes('refuses')")
    status, answer = echo("others feel it too")
    assert status == 503 and answer["error"]["status"] == "UNAVAILABLE", answer
    say(page, "while it is broken")
    page.wait(f"{row('while it is broken')} == 'waits for the connection'")


def mended(page):
    page.press("#mend")
    page.wait("document.getElementById('backend').textContent == 'working'")
    page.wait(f"{BREAKER} == 'closed'")
    page.wait(f"{row('while it is broken')} == 'while it is broken!'")
    status, answer = echo("again")
    assert status == 200 and answer == {"result": {"message": "again!"}}, answer


def spent(page):
    page.press("#burst")
    page.wait("document.getElementById('outcome').textContent.includes('echoed')")
    page.press("#burst")
    page.wait("document.getElementById('outcome').textContent.includes('429 RESOURCE_EXHAUSTED')")
    page.wait("document.querySelector('#quotas .number').textContent.endsWith('of 20 left')")
    assert quota() < 20


def refused(_):
    """Neither another page nor a name that leads here gets at the switch, and no form."""
    change = {"backend": "broken"}
    for headers, expected in [
        ({"Origin": "http://evil.example"}, 403), ({"Host": f"evil.example:{PORT}"}, 403), ({"Content-Type": "text/plain"}, 415),
    ]:
        status, answer = ask("/v1/demo", change, **headers)
        assert status == expected, (headers, status, answer)
    for change, complaint in [({"backend": "brokn"}, 'did you mean "broken"?'), ({}, "backend"), ({"backend": "broken", "for": 1}, "for")]:
        status, answer = ask("/v1/demo", change)
        assert status == 400 and complaint in answer["error"], (change, answer)
    assert ask("/v1/demo")[1]["backend"] == "working"


def quiet(page):
    assert not page.browser.complaints, page.browser.complaints
    for width in (1100, 390):
        page.look(width, 844)
        page.wait("document.documentElement.scrollWidth <= innerWidth")


with Browser(CHROMIUM) as browser:
    page = Page(browser, BASE + "/")
    steps = [
        ("what is typed is echoed", talk), ("the button breaks the backend, and the breaker opens", broken),
        ("mending closes it, and what waited is sent", mended), ("the quota is spent", spent), ("strangers are refused", refused),
        ("nothing went wrong in the page, and it fits", quiet),
    ]
    for name, step in steps:
        try:
            step(page)
            print(name, "ok", sep=": ", flush=True)
        except Exception as error:
            print(name, repr(error), sep=": ", flush=True)
            sys.exit(1)
        if step is broken and FOLDER:
            for name, width, height, dark in [("light", 1100, 900, False), ("dark", 1100, 900, True), ("phone", 390, 1400, False)]:
                page.look(width, height, dark)
                picture(page, name)
            page.look(1100, 900)
