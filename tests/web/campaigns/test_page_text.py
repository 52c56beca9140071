"""The page's text is written with a little Markdown, previewed, and shown to supporters."""

from __future__ import annotations

from actionmail.db.engine import Database
from tests.web.campaigns.test_editor import campaign
from tests.web.staff_pages import StaffBrowser, save, words

PAGE = "/staff/campaigns/ab969/page"
TYPED = {
    "privacy_line": "Nobody.",
    "notice": "A *notice*",
    "summary": "## Why\r\n\r\n**No** <b onclick=x>to</b> it.\r\n",
}
SHOWN = "<h3>Why</h3><p><strong>No</strong> &lt;b onclick=x&gt;to&lt;/b&gt; it.</p>"


def test_the_preview_shows_what_supporters_will_see_and_saves_nothing(
    browser: StaffBrowser, database: Database
) -> None:
    assert "How to write this" in browser.get(PAGE).text
    page = save(browser, PAGE, go="preview", **TYPED)
    assert page.status_code == 200
    assert SHOWN in page.text
    assert "A *notice*" in page.text
    assert "Draft kept" in words(page)
    assert campaign(database).summary.startswith("The bill names")
    wrong = save(browser, PAGE, go="preview", **{**TYPED, "summary": "a\x00b"})
    assert wrong.status_code == 422
    assert "No preview yet It comes as soon as this is mended: What the page says:" in words(wrong)


def test_supporters_see_the_same(browser: StaffBrowser) -> None:
    assert save(browser, PAGE, **TYPED).status_code == 303
    assert SHOWN in browser.get("/campaigns/ab969").text


def test_plain_text_of_before_looks_as_it_did(browser: StaffBrowser) -> None:
    page = browser.get("/campaigns/ab969").text
    assert "<p>The bill names grounds for putting armed police back in schools.</p><p>We ask for a no.</p>" in page
