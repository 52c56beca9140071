"""As much of WebDriver as one journey needs: by HTTP, as WebKitGTK speaks it, or by Firefox's own Marionette.

Marionette is what geckodriver, which Debian does not have, translates WebDriver into: the same commands by name, as
JSON with its length before it, over TCP.
https://www.w3.org/TR/webdriver2/ and https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar

import requests

_ELEMENT: Final = "element-6066-11e4-a52e-4f735466cecf"  # how the standard marks an element in JSON
_LEFT: Final = "before the unload event"  # WebKitGTK's words for what _PageLeftError says
_PATIENCE: Final = 120  # seconds; nothing is asked of the machine's speed: what hangs ends, some time
_BY_HTTP: Final = {
    "NewSession": ("POST", ""),
    "SetTimeouts": ("POST", "timeouts"),
    "Navigate": ("POST", "url"),
    "FindElements": ("POST", "elements"),
    "ElementClick": ("POST", "element/{id}/click"),
    "ElementSendKeys": ("POST", "element/{id}/value"),
    "GetElementText": ("GET", "element/{id}/text"),
    "ExecuteScript": ("POST", "execute/sync"),
    "DeleteSession": ("DELETE", ""),
}
Ask = Callable[[str, Mapping[str, Any]], Any]  # a command by its name, what goes with it, and what came of it
_Opened = TypeVar("_Opened")


class _PageLeftError(Exception):
    """The page on which something was looked for went away meanwhile, for the one that was asked for."""


class WebDriver:
    """One session of a browser. Whatever is looked for is waited for."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def go(self, url: str) -> None:
        self._ask("Navigate", {"url": url})

    def find(self, css: str) -> list[str]:
        """The elements that fit, at least one."""
        found = _patiently(lambda: self._ask("FindElements", {"using": "css selector", "value": css}), _PageLeftError)
        assert found, f"nothing fits {css}: {self.run('return location.href + document.body.innerText.slice(0, 2000)')}"
        return [one[_ELEMENT] for one in found]

    def click(self, css: str) -> None:
        self.press(self.find(css)[0])

    def press(self, element: str) -> None:
        self._ask("ElementClick", {"id": element})

    def type(self, css: str, text: str) -> None:
        self._ask("ElementSendKeys", {"id": self.find(css)[0], "text": text})

    def text(self, css: str) -> str:
        return str(self._ask("GetElementText", {"id": self.find(css)[0]}))

    def run(self, script: str) -> Any:
        """What a script in the page returns."""
        return self._ask("ExecuteScript", {"script": script, "args": []})


@contextmanager
def by_http(port: int, options: Mapping[str, Any]) -> Iterator[WebDriver]:
    """A session of the WebDriver at a port of this machine, closed at the end."""
    http, server = requests.Session(), f"http://127.0.0.1:{port}"
    http.trust_env = False  # no proxy of this machine
    _patiently(lambda: http.get(f"{server}/status", timeout=_PATIENCE), requests.ConnectionError)
    address = f"{server}/session"

    def ask(command: str, values: Mapping[str, Any]) -> Any:
        method, path = _BY_HTTP[command]
        url = f"{address}/{path.format(**values)}".rstrip("/")
        answer = http.request(method, url, json=values if method == "POST" else None, timeout=2 * _PATIENCE)
        if _LEFT in answer.text:
            raise _PageLeftError(answer.text)
        assert answer.ok, f"{command}: {answer.text}"
        return answer.json()["value"]

    address = f"{address}/{ask('NewSession', {'capabilities': {'alwaysMatch': options}})['sessionId']}"
    yield from _session(ask)


@contextmanager
def by_marionette(port: int) -> Iterator[WebDriver]:
    """A session of the Firefox that listens at a port of this machine, closed at the end."""
    line = _patiently(lambda: socket.create_connection(("127.0.0.1", port), timeout=2 * _PATIENCE), ConnectionError)
    with line, line.makefile("rb") as heard:

        def read() -> Any:
            length = b""
            while (byte := heard.read(1)) != b":":
                length += byte
            return json.loads(heard.read(int(length)))

        def ask(command: str, values: Mapping[str, Any]) -> Any:
            said = json.dumps([0, 1, f"WebDriver:{command}", values]).encode()
            line.sendall(b"%d:%s" % (len(said), said))
            _, _, error, result = read()
            assert not error, f"{command}: {error}"
            return result["value"] if isinstance(result, dict) and "value" in result else result

        read()  # it says first what it is
        ask("NewSession", {})
        yield from _session(ask)


def _session(ask: Ask) -> Iterator[WebDriver]:
    ask("SetTimeouts", {"implicit": _PATIENCE * 1000, "pageLoad": _PATIENCE * 1000})
    yield WebDriver(ask)
    ask("DeleteSession", {})


def _patiently(open_: Callable[[], _Opened], *refusals: type[Exception]) -> _Opened:
    """Tried until somebody is there."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        with suppress(*refusals):
            return open_()
        time.sleep(0.05)
    return open_()
