"""A server on this machine that answers as the Census geocoder does, and misbehaves as asked.

`python -m tests.gateways.census_server 8765` runs it for trying `actionmail lookup` by hand:
ACTIONMAIL_GEOCODER_URL=http://127.0.0.1:8765/geocoder
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from actionmail.rules.districts.states import FIPS

CAPITOL = (43.0747, -89.3841)  # 2 E Main St, Madison: WI Senate 26, Assembly 76
_MINUTE = 60.0

# The vintages of the benchmark Public_AR_Current in November 2026, the default first, each with the year in the names
# of its legislative layers and the number of its Congress.
VINTAGES = {
    "Current_Current": (2026, 120),
    "Census2020_Current": (2018, 116),
    "ACS2023_Current": (2022, 118),
    "ACS2024_Current": (2024, 119),
    "ACS2025_Current": (2024, 119),
}
_NUMBERS = {state: number for number, state in FIPS.items()}
Answer = Callable[[BaseHTTPRequestHandler, dict[str, str]], None]


def layer(chamber: str, code: str, state: str = "55") -> dict[str, Any]:
    """A record of a district layer, with the members that the Census gives."""
    key, house = ("SLDU", "State Senate") if chamber == "upper" else ("SLDL", "Assembly")
    number = code.lstrip("0")
    return {
        "GEOID": state + code,
        "STATE": state,
        key: code,
        "LSY": "2024",
        "NAME": f"{house} District {number}",
        "BASENAME": number,
    }


def match(
    point: tuple[float, float] = CAPITOL,
    *,
    upper: Any = "026",
    lower: Any = "076",
    year: str = "2024 ",
    congress: int = 119,
    district: str = "02",
    state: str = "WI",
    zip5: str = "53703",
    ground: str = "",
) -> dict[str, Any]:
    """A place with a postal address in `state`; `ground` is the state that it lies in, where that is another."""
    number = _NUMBERS.get(ground or state, "66")
    geographies: dict[str, Any] = {
        "States": [{"NAME": "Wisconsin"}],
        f"{congress}th Congressional Districts": [{f"CD{congress}": district}],
    }
    for name, code in (("upper", upper), ("lower", lower)):
        if code is not None:
            records = [layer(name, code, number)] if isinstance(code, str) else code
            geographies[f"{year}State Legislative Districts - {name.title()}"] = records
    return {
        "matchedAddress": f"2 E MAIN ST, MADISON, {state}, {zip5}",
        "coordinates": {"x": point[1], "y": point[0]},
        "addressComponents": {"state": state, "zip": zip5, "city": "MADISON", "streetName": "MAIN"},
        "geographies": geographies,
    }


def document(*matches: dict[str, Any]) -> dict[str, Any]:
    return {"result": {"input": {}, "addressMatches": list(matches)}}


def send(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content-Type": "application/json;charset=UTF-8", **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def says(value: Any, status: int = 200, **headers: str) -> Answer:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return lambda handler, question: send(handler, body, status, **headers)


def silent(handler: BaseHTTPRequestHandler, question: dict[str, str]) -> None:
    """Says nothing for as long as the client waits, but a minute at most, and then hangs up."""
    handler.connection.settimeout(_MINUTE)
    handler.connection.recv(1)


def drips(handler: BaseHTTPRequestHandler, question: dict[str, str]) -> None:
    """A byte now and then for a minute, or until the client has had enough."""
    handler.send_response(200)
    handler.end_headers()
    until = time.monotonic() + _MINUTE
    while time.monotonic() < until:
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


def drips_headers(handler: BaseHTTPRequestHandler, question: dict[str, str]) -> None:
    """A header now and then for a minute, or until the client has had enough: it takes no more than a hundred."""
    handler.send_response(200)
    until = time.monotonic() + _MINUTE
    while time.monotonic() < until:
        handler.send_header("X", "y")
        handler.flush_headers()
        time.sleep(0.05)


def hangs_up(handler: BaseHTTPRequestHandler, question: dict[str, str]) -> None:
    handler.connection.close()


def finds(street: str, **there: Any) -> Answer:
    """What the Census says today: `street` lies at what `there` has for `match`, every other one has no match.

    The districts are those of the vintage that is asked for, which the Census must know. A point has the same ones.
    """

    def answer(handler: BaseHTTPRequestHandler, question: dict[str, str]) -> None:
        if question.get("vintage") not in VINTAGES:
            send(handler, json.dumps({"errors": ["Invalid vintage"], "status": "400"}).encode(), 400)
            return
        year, congress = VINTAGES[question["vintage"]]
        place = match(year=f"{year} ", congress=congress, **there)
        asked = " ".join(question.get(name, "") for name in ("address", "street", "city", "state", "zip")).upper()
        if urlsplit(handler.path).path.endswith("/coordinates"):
            said: dict[str, Any] = {"result": {"input": {}, "geographies": place["geographies"]}}
        else:
            said = document(*([place] if street.upper() in asked else []))
        send(handler, json.dumps(said).encode())

    return answer


madison = finds("2 E Main St")  # the Capitol's neighbour


class CensusServer:
    """`answers` are given in turn, the last of them from then on. `asked` keeps (path, question).

    Its list of `vintages` is answered apart, and counted in `listed`; None: it has no such page.
    """

    def __init__(self, *answers: Answer, port: int = 0) -> None:
        self.answers = list(answers) or [madison]
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.vintages: tuple[str, ...] | None = tuple(VINTAGES)
        self.listed = 0
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                question = {name: values[0] for name, values in parse_qs(parts.query).items()}
                if parts.path.endswith("/vintages"):
                    server.list_vintages(self)
                    return
                server.asked.append((parts.path, question))
                answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
                try:
                    answer(self, question)
                except OSError:
                    self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.http.daemon_threads = True

    def list_vintages(self, handler: BaseHTTPRequestHandler) -> None:
        """The list in the form in which the Census gives it."""
        self.listed += 1
        if self.vintages is None:
            send(handler, b"<html>Not Found</html>", 404)
            return
        vintages = [
            {"isDefault": number == 0, "id": str(number), "vintageName": name, "vintageDescription": name}
            for number, name in enumerate(self.vintages)
        ]
        send(handler, json.dumps({"vintages": vintages}).encode())

    def wait_until_asked(self, times: int) -> None:
        """A client that has had enough may be gone before its question is read."""
        until = time.monotonic() + _MINUTE
        while len(self.asked) < times and time.monotonic() < until:
            time.sleep(0.01)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}/geocoder"


@contextmanager
def census(*answers: Answer) -> Iterator[CensusServer]:
    server = CensusServer(*answers)
    thread = Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.http.shutdown()
    server.http.server_close()
    thread.join()


if __name__ == "__main__":
    running = CensusServer(port=int(sys.argv[1]) if len(sys.argv) > 1 else 8765)
    print(f"Answering at {running.url}", flush=True)
    running.http.serve_forever()
