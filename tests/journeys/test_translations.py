"""A page in Khmer, Burmese, Lao and Hmong on a narrow screen, in a real browser."""

from __future__ import annotations

from secrets import token_hex

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Look, View, opened_page
from tests.journeys.house import House
from tests.journeys.steps import choose_language, go_on, who
from tests.samples import sample_campaign

pytestmark = pytest.mark.browser

NARROW = View(360, scripts=True)
KHMER = "សូមកុំឱ្យប៉ូលិសប្រដាប់អាវុធត្រឡប់មកសាលារៀនរបស់យើងវិញ"
HMONG = "Txhob coj tub ceev xwm nqa phom rov qab los rau hauv peb cov tsev kawm ntawv"
SAID = {
    "km": {
        "title": KHMER,
        "stage": "គណៈកម្មាធិការអប់រំព្រឹទ្ធសភា",
        "summary": "សិស្ស ឪពុកម្តាយ និងគ្រូបង្រៀន ដឹងច្បាស់ថាអ្វីធ្វើឱ្យសាលារៀនរបស់ពួកគេមានសុវត្ថិភាព។",
    },
    "hmn": {"title": HMONG, "summary": "**Cov tub ntxhais kawm ntawv** thiab niam txiv paub zoo tshaj."},
    "lo": {"title": "ຢ່າໃຫ້ຕຳຫຼວດຕິດອາວຸດກັບຄືນມາໂຮງຮຽນຂອງພວກເຮົາ"},
    "my": {"title": "ကျွန်ုပ်တို့၏ကျောင်းများသို့လက်နက်ကိုင်ရဲများပြန်မလာပါစေနှင့်"},
    "zh-Hant": {"title": "不要讓武裝警察重返我們的學校"},
}


@pytest.mark.parametrize("view", [NARROW], ids=str)
def test_somebody_reads_the_page_in_their_language(
    browser: Browser, house: House, email: str, view: View, look: Look
) -> None:
    slug = f"schools-{token_hex(4)}"
    with house.database.write() as session:
        sample_campaign(
            session, slug=slug, title=f"The campaign {slug}", stage="Senate Education Committee", translations=SAID
        )
    with opened_page(browser, house, view) as page:
        page.goto(f"{house.site}/campaigns/{slug}")
        heading = page.get_by_role("heading", level=1)
        for tag, name in (("lo", "ລາວ"), ("my", "မြန်မာ"), ("zh-Hant", "繁體中文")):
            choose_language(page, name)
            expect(heading).to_have_text(SAID[tag]["title"])
            look(page, f"campaign-{tag}")
        choose_language(page, "ខ្មែរ")
        expect(heading).to_have_attribute("lang", "km")
        expect(heading).to_have_text(KHMER)
        expect(heading).to_have_css("letter-spacing", "normal")  # and room for signs above and below the line
        look(page, "campaign-km")
        choose_language(page, "Hmoob")
        expect(heading).to_have_text(HMONG)
        look(page, "campaign-hmn")
        choose_language(page, "English")
        who(page, email, "53703")
        go_on(page)
        choose_language(page, "ລາວ")
        expect(page.locator(".steps [lang=lo]")).to_have_text(SAID["lo"]["title"])
        choose_language(page, "ខ្មែរ")
        expect(page.locator(".steps [lang=km]")).to_have_text(KHMER)
        look(page, "legislators-km")
