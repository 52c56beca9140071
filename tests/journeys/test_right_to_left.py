"""The three steps in Arabic, from right to left, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Look, View, opened_page
from tests.journeys.house import House
from tests.journeys.steps import go_on

pytestmark = pytest.mark.browser

VIEWS = [View(360, scripts=True), View(1280, scripts=True)]
# Where two words of an element stand, by their left edges.
_EDGES = """([element, first, last]) => {
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const edge = word => {
    texts.currentNode = element;
    for (let text; (text = texts.nextNode());) {
      const at = text.data.indexOf(word);
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(text, at);
      range.setEnd(text, at + word.length);
      return range.getBoundingClientRect().left;
    }
    return null;
  };
  return [edge(first), edge(last)];
}"""


def edges(page: Page, place: str, first: str, last: str) -> tuple[float, float]:
    found = page.evaluate(_EDGES, [page.locator(place).first.element_handle(), first, last])
    assert None not in found, (place, first, last)
    return found[0], found[1]


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_somebody_writes_in_arabic(browser: Browser, house: House, email: str, view: View, look: Look) -> None:
    with opened_page(browser, house, view) as page:
        page.goto(f"{house.site}/campaigns/ab969?lang=ar")
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        expect(page.get_by_role("heading", level=1)).to_have_css("direction", "ltr")  # English, which it says
        look(page, "campaign-ar")
        page.get_by_label("الاسم الكامل").fill("Mai Example")
        page.get_by_label("عنوان البريد الإلكتروني").fill(email)
        page.get_by_label("الرمز البريدي (ZIP)").fill("53703")
        page.locator(".act details summary").first.click()
        page.get_by_label("رقم الهاتف").fill("abc")
        go_on(page)
        first, last = edges(page, ".error-summary", "608", "0100")
        assert first < last, "a telephone number reads from left to right"
        look(page, "mistake-ar")
        page.get_by_label("رقم الهاتف").fill("608 555 0100")
        go_on(page)
        expect(page).to_have_url(re.compile(r"/legislators$"))
        look(page, "legislators-ar")
        for question in page.locator("fieldset:has(input[type=radio])").all():
            question.get_by_role("radio").nth(1).check()
        page.get_by_role("button", name="تابع إلى رسالتك").click()
        expect(page).to_have_url(re.compile(r"/letter$"))
        expect(page.locator("textarea[name^=body]").first).to_have_css("unicode-bidi", "plaintext")
        look(page, "letter-ar")
        page.get_by_label("أرسلوا هذه باسمي").check()
        page.get_by_role("button", name=re.compile("^أرسل إلى ")).click()
        expect(page).to_have_url(re.compile(r"/receipts/"))
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        look(page, "receipt-ar")
