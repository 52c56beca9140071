"""Whatever is typed into the editor is refused at its field, at little cost, and stays on the page."""

from __future__ import annotations

import html
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from actionmail.db.engine import Database
from actionmail.rules.campaigns.letter_language import MAX_SOURCE
from actionmail.settings import Settings
from tests.growth import LINEAR, growth
from tests.hostile import BOMBS, GROWING, HEADERS, PASTED
from tests.web.campaigns.test_editor import LETTER, in_use
from tests.web.staff_pages import StaffBrowser, revision, save, words

LETTER_PAGE = "/staff/campaigns/ab969/letter"
PAGE = "/staff/campaigns/ab969/page"


def test_every_bomb_is_refused_at_its_field_and_stays(browser: StaffBrowser, database: Database) -> None:
    for name, (bomb, said) in BOMBS.items():
        for go in ("save", "preview"):
            page = browser.post(LETTER_PAGE, **{**LETTER, "body": bomb}, chambers="upper", go=go)
            assert page.status_code == 422, name
            assert said in words(page), name
            assert bomb[:500] in html.unescape(page.text), name
    assert [letter.name for letter in in_use(database)] == ["everyone"]


@pytest.mark.parametrize("name", ["nested", "fields", "long", "underscores"])  # the rules' tests ask all of them
def test_a_page_takes_no_longer_than_its_text_is(browser: StaffBrowser, name: str) -> None:
    def preview(size: int) -> None:
        browser.post(LETTER_PAGE, **{**LETTER, "body": GROWING[name](size)}, chambers="upper", go="preview")

    assert growth(preview, MAX_SOURCE // 2, MAX_SOURCE) <= LINEAR


def test_a_form_that_is_too_large_costs_what_it_takes_to_read_it(browser: StaffBrowser) -> None:
    assert growth(lambda size: browser.post(LETTER_PAGE, body="x" * size), 5_000_000, 10_000_000) <= LINEAR


@pytest.mark.parametrize("subject", HEADERS)
def test_a_subject_holds_no_other_header(browser: StaffBrowser, subject: str) -> None:
    page = save(browser, LETTER_PAGE, **{**LETTER, "subjects": subject}, chambers="upper")
    assert page.status_code == 422
    assert f"Line {subject.count(chr(10)) + 1}, column 1" in words(page)
    assert "belongs to the head of a message" in words(page)


def test_what_a_word_processor_pastes_is_taken(browser: StaffBrowser, database: Database) -> None:
    body = f"Please vote no on {{{{ bill }}}}. {PASTED}"
    assert save(browser, LETTER_PAGE, **{**LETTER, "body": body}, chambers="upper").status_code == 303
    assert in_use(database)[-1].body == body


@pytest.mark.parametrize("bad", ["a\x00b", "a\u202eb", "x" * 20_001, " \n "])
def test_the_pages_own_text_is_refused_likewise(browser: StaffBrowser, bad: str) -> None:
    typed = {"summary": "Why.", "privacy_line": bad, "notice": ""}
    page = browser.post(PAGE, revision=revision(browser.get(PAGE)), **typed)
    assert page.status_code == 422
    assert "What becomes of supporters' data:" in words(page)


@pytest.mark.parametrize("path", [LETTER_PAGE, PAGE, "/staff/drafts"])
def test_10_mb_are_answered_with_a_sentence_and_the_page_before_may_be_shown_again(
    browser: StaffBrowser, path: str
) -> None:
    before = browser.get(path)
    assert "no-store" not in before.headers["Cache-Control"]  # or the back button would ask for an empty page
    page = browser.post(path, body="My words. " * 1_000_000)
    assert page.status_code == 413
    assert "Nothing was sent or saved" in words(page)
    assert "go back, where your text still stands" in words(page)


_MEASURED = """
import sys
from pathlib import Path
from actionmail.db.engine import Database
from tests.hostile import BOMBS
from tests.web.staff_pages import staff_app
from tests.web.campaigns.test_editor import LETTER, signed_in
from actionmail.settings import Settings
settings = Settings(database_url=sys.argv[1], secret_key="0123456789abcdef" * 4, base_url="http://127.0.0.1:8000",
    organisation="Example Org", contact_address="hello@act.example.org", from_address="letters@act.example.org",
    loopback_only=True)
browser = signed_in(staff_app(settings, Path(sys.argv[2])), "anna@example.org")
for bomb, _ in BOMBS.values():
    assert browser.post("/staff/campaigns/ab969/letter", **{**LETTER, "body": bomb}).status_code == 422
assert browser.post("/staff/campaigns/ab969/letter", body="x" * 10_000_000).status_code == 413
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(peak.split()[1])
"""


def test_it_takes_less_than_300_mb(app: Flask, settings: Settings, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _MEASURED, settings.database_url, str(tmp_path)]
    root = Path(__file__).parents[3]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 300 * 1024
