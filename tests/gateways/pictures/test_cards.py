"""Cards are drawn in the scripts of all our languages; what cannot be drawn is replaced or left out, never a box."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import features

from actionmail.gateways.pictures.cards import CardPress
from actionmail.gateways.pictures.fonts import faces, runs
from actionmail.rules.campaigns.cards import HEIGHT, WIDTH, CardWords
from actionmail.rules.campaigns.translations import languages
from actionmail.settings import bundled
from tests.pictures import decoded

FONTS = bundled("data") / "fonts"
TITLES = {
    "es": "Por la señal: ¡no a la policía!",
    "vi": "Giữ trường học an toàn",
    "hmn": "Tsev kawm ntawv",
    "lo": "ໂຮງຮຽນທີ່ປອດໄພ",
    "km": "សាលារៀនដែលមានសុវត្ថិភាព",
    "zh-Hans": "安全的学校",
    "zh-Hant": "安全的學校",
    "my": "လုံခြုံသောကျောင်းများ",
    "to": "ʻApiako malu",
}
CHINESE = {"zh-Hans", "zh-Hant"}


@pytest.fixture
def press() -> CardPress:
    """With the fonts that come with the code alone."""
    return CardPress(FONTS, system=())


def card(*titles: str, label: str = "Oppose AB 969", position: str = "oppose", of: str = "Example Org") -> CardWords:
    return CardWords(titles=titles, label=label, position=position, organisation=of)


def ink(content: bytes) -> int:
    """How many points are white, or nearly."""
    return sum(decoded(content).convert("L").histogram()[240:])


def test_every_language_has_a_title_here() -> None:
    assert TITLES.keys() == languages().keys()


def test_text_is_shaped() -> None:
    assert features.check("raqm")


@pytest.mark.parametrize("language", sorted(TITLES.keys() - CHINESE))
def test_the_shipped_fonts_have_every_letter_of_the_language(press: CardPress, language: str) -> None:
    title = TITLES[language]
    assert press.title_drawn(card(title, "Own")) == title
    assert ink(press.draw(card(title))) > ink(press.draw(card(""))) + 1000


@pytest.mark.parametrize("language", sorted(CHINESE))
def test_chinese_is_drawn_with_the_systems_fonts(language: str) -> None:
    if not faces(FONTS)[4:]:
        pytest.skip("no Chinese font on this system")
    assert CardPress(FONTS).title_drawn(card(TITLES[language], "Own")) == TITLES[language]


ARABIC = "لا تُعيدوا الشرطة المسلّحة (AB 969) إلى مدارس ويسكونسن!"


def edges(content: bytes, rows: tuple[int, int]) -> tuple[int, int]:
    """Where the first and the last light points are within these rows."""
    image = decoded(content).convert("L").crop((0, rows[0], WIDTH, rows[1])).point(lambda light: 255 * (light > 240))
    box = image.getbbox()
    assert box
    return box[0], box[2]


def test_arabic_is_joined_and_begins_at_the_right(press: CardPress) -> None:
    assert press.title_drawn(card(ARABIC, "Own")) == ARABIC
    drawn = press.draw(card(ARABIC, label="نعارض AB 969"))
    for rows in ((72, 145), (170, 480), (540, 600)):  # label, title, organisation
        begin, end = edges(drawn, rows)
        assert WIDTH - end < 80 < begin, rows
    begin, _ = edges(press.draw(card("Safe schools")), (170, 480))
    assert begin < 80
    apart = card("\u200c".join("مدارس"))  # a sign that is not seen keeps each letter from its neighbours
    assert press.draw(card("مدارس")) != press.draw(apart)


def test_arabic_within_a_line_of_latin_letters_is_read_from_right_to_left(press: CardPress) -> None:
    two = [press.draw(card(title)) for title in ("Stop شرطة مدارس now", "Stop مدارس شرطة now")]
    assert ink(two[0]) == pytest.approx(ink(two[1]), rel=0.02)
    assert two[0] != two[1]
    assert edges(two[0], (170, 480)) == edges(two[1], (170, 480))


def test_without_a_chinese_font_the_campaigns_own_title_is_drawn(press: CardPress) -> None:
    assert press.title_drawn(card(TITLES["zh-Hans"], "Safe schools")) == "Safe schools"
    assert press.draw(card(TITLES["zh-Hans"], "Safe schools")) == press.draw(card("Safe schools"))


def test_what_no_font_has_is_left_out(press: CardPress) -> None:
    assert press.title_drawn(card("🚨 Act now 👍🏽")) == "Act now"
    assert press.title_drawn(card("ห้ามตำรวจ")) == ""
    assert press.draw(card("🚨 Act now")) == press.draw(card("Act now"))
    stretches, lacking = runs("Act 🚨", faces(FONTS, ()))
    assert ("".join(part for _, part in stretches), lacking) == ("Act ", "🚨")


def test_what_turns_text_or_cannot_be_seen_is_not_drawn(press: CardPress) -> None:
    assert press.draw(card("Act\u202e now\x00\n")) == press.draw(card("Act now"))


def test_a_card_has_the_size_that_networks_show_whole(press: CardPress) -> None:
    image = decoded(press.draw(card("Safe schools")))
    assert (image.format, image.size, image.mode) == ("PNG", (WIDTH, HEIGHT), "RGB")


def test_support_and_oppose_differ_in_form_and_none_has_no_sign(press: CardPress) -> None:
    signs = {}
    for position in ("support", "oppose", ""):
        image = decoded(press.draw(card("Safe schools", position=position))).convert("L")
        signs[position] = image.crop((60, 60, 160, 160)).tobytes()
    assert len(set(signs.values())) == 3


@pytest.mark.parametrize("title", ["word " * 200, "x" * 1000, "ក្ខា" * 300, "长" * 399])
def test_a_long_title_stays_on_the_card(press: CardPress, title: str) -> None:
    for drawn in (CardPress(FONTS), press):
        image = decoded(drawn.draw(card(title))).convert("L")
        margin = image.crop((WIDTH - 40, 0, WIDTH, HEIGHT - 20))
        assert margin.getextrema()[0] == margin.getextrema()[1]
        above_foot = image.crop((0, 508, WIDTH, 528))
        assert above_foot.getextrema()[0] == above_foot.getextrema()[1]


def test_the_same_words_are_the_same_card(press: CardPress) -> None:
    assert press.draw(card("Safe schools")) == press.draw(card("Safe schools"))
    assert card("Safe schools").version == card("Safe schools").version
    assert card("Safe schools").version != card("Safe schools", of="Others").version


def test_a_broken_font_file_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "NotoSansSC-Bold.otf").write_bytes(b"no font")
    assert faces(FONTS, (tmp_path,)) == faces(FONTS, ())
    assert faces(tmp_path, ()) == ()
    assert decoded(CardPress(tmp_path, system=()).draw(card("Safe schools"))).size == (WIDTH, HEIGHT)
