"""What supporters read in other languages: the catalogues, and pages in a language that nobody speaks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from gettext import NullTranslations
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from flask import Flask
from flask_wtf import FlaskForm
from jinja2 import Environment
from jinja2.lexer import TOKEN_DATA

from actionmail.db.engine import Database
from actionmail.rules import moments, speech
from actionmail.settings import Settings, SettingsError
from actionmail.web.platform import places, tongues
from actionmail.web.platform.uploads import ACCEPTED
from actionmail.web.supporter.forms import OneLine
from actionmail.web.supporter.organisations import _ACCEPTED
from tests import catalogues
from tests.samples import sample_campaign, sample_legislators
from tests.web.application import on, open_app
from tests.web.supporter_pages import SupporterBrowser, zip_table

FOLDERS = catalogues.languages()
PLACEHOLDER = re.compile(r"%\(\w+\)s")
TAG = re.compile(r"</?[a-z][^>]*>")


@pytest.fixture(scope="module")
def wanted() -> catalogues.Catalog:
    return catalogues.template()


def _translated(folder: Path) -> Iterator[tuple[Message, str]]:
    """Each translation with the message that it is of, plurals one by one."""
    for message in catalogues.read(folder):
        if message.id:
            for said in message.string if isinstance(message.string, tuple) else (message.string,):
                yield message, said


def _english(message: Message) -> Sequence[str]:
    return message.id if isinstance(message.id, tuple) else (message.id,)


def test_the_template_is_up_to_date_with_the_code(wanted: catalogues.Catalog) -> None:
    assert catalogues.TEMPLATE.read_bytes() == catalogues.template_bytes(wanted), "run `make messages`"


def test_no_sentence_of_the_code_is_left_out(wanted: catalogues.Catalog) -> None:
    """Babel does not look into f-strings."""
    for path in (catalogues.ROOT / "actionmail").rglob("*.py"):
        code = path.read_text(encoding="utf-8")
        if "actionmail.rules.speech import" in code:
            left_out = [said for said in _marked(code) if said not in wanted]
            assert left_out == [], path.name


def _marked(code: str) -> Iterator[str]:
    for call in ast.walk(ast.parse(code)):
        match call:
            case ast.Call(func=ast.Name(id=word), args=[ast.Constant(value=str(said)), *_]):
                if word in catalogues.KEYWORDS:
                    yield said


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_each_catalogue_is_up_to_date_and_compiled(folder: Path, wanted: catalogues.Catalog) -> None:
    assert (folder / catalogues.PO).read_bytes() == catalogues.updated(folder, wanted), "run `make messages`"
    assert (folder / catalogues.MO).read_bytes() == catalogues.compiled(folder), "run `make messages`"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_nothing_follows_a_link_at_once_since_mail_programs_would_take_it_along(folder: Path) -> None:
    for _message, said in _translated(folder):
        assert not re.search(r"%\((?:url|link|website)\)s[^\x00-\x7f]", said), said


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_translations_keep_placeholders_and_markup_and_have_no_other(folder: Path) -> None:
    for message, said in _translated(folder):
        if not said:
            continue
        allowed = [sorted(PLACEHOLDER.findall(text)) for text in _english(message)]
        assert sorted(PLACEHOLDER.findall(said)) in allowed, said
        assert "%" not in PLACEHOLDER.sub("", said), said
        assert sorted(TAG.findall(said)) in [sorted(TAG.findall(text)) for text in _english(message)], said
        if not any(TAG.search(text) for text in _english(message)):
            assert said.count("<") == max(text.count("<") for text in _english(message)), said


def test_spanish_is_whole_and_says_that_nobody_reviewed_it() -> None:
    folder = catalogues.TRANSLATIONS / "es"
    assert catalogues.untranslated(folder) == []
    assert b"UNREVIEWED MACHINE TRANSLATION" in (folder / catalogues.PO).read_bytes()


def test_every_sentence_of_a_supporters_template_is_marked() -> None:
    """Found by Jinja's own lexer: what stands in a template outside of its tags and of HTML's has no letters."""
    environment = Environment(autoescape=True)
    root = catalogues.ROOT / "templates"
    staffs = root / "supporter" / "_preview.html"
    found = []
    for path in (*root.glob("*.html"), *(root / "errors").glob("*.html"), *(root / "supporter").rglob("*.html")):
        data = "\0".join(
            text
            for _, kind, text in environment.lex(path.read_text(encoding="utf-8"))
            if kind == TOKEN_DATA and path != staffs
        )
        labels = re.findall(r'(?:aria-label|alt|title|placeholder)="([^"\0]*[A-Za-z]{2}[^"]*)"', data)
        prose = re.sub(r"<[^>]*>|&\w+;|<!doctype html>", " ", data.replace("\0", ""))
        words = re.findall(r"[A-Za-z]{2,}", prose)
        if labels or set(words) - _NO_SENTENCE.get(path.name, set()):
            found.append((path.name, labels, sorted(set(words) - _NO_SENTENCE.get(path.name, set()))))
    assert found == [], found


def test_scripts_of_supporters_pages_say_nothing_themselves() -> None:
    """What they show stands in the page, in its language: no sentence in quotes, no words beside a number."""
    static = catalogues.ROOT / "actionmail" / "static"
    for name in ("site.js", "check.js", "embedded.js"):
        code = (static / name).read_text(encoding="utf-8")
        assert re.findall(r"[\"'`][A-Z][a-z]+[ .][^\"'`\n]*|\} [a-z]{2,} [a-z][^\"'`\n]*`", code) == [], name


# What stays in English and says so (`lang="en"`), or what only staff read; and the rows of staff's forms.
_NO_SENTENCE = {
    "text.html": {"your"},
    "macros.html": {"Move", "up", "down", "Remove", "aria", "describedby", "invalid", "true"},
    "_language.html": {"lang"},
    **{name: {"wide", "stage"} for name in ("news.html", "who.html", "page.html", "receipt.html")},  # classes
    "letter.html": {"wide", "letter", "page"},
    "_kept.html": {"It", "was", "not", "You", "can", "copy", "it", "from", "here"},
}


@pytest.fixture
def nobodys(settings: Settings, database: Database, tmp_path: Path, wanted: catalogues.Catalog) -> Flask:
    """The application with a language that an installation added: each word is in brackets, and reads right to left."""
    about = (
        'own_name = "Pseudo"\nname = "Pseudo"\ndirection = "rtl"\nplural = "nplurals=1; plural=0"\n[calendar]\n'
        f"months = {['⟦m⟧'] * 12}\nweekdays = {['⟦w⟧'] * 7}\nday = 'd MMMM y'\nweekday_day = 'EEEE d MMMM'\n"
        "weekday_date = 'EEEE d MMMM y'\nmonth = 'MMMM y'\n"
    )
    ids = [message.id for message in wanted if message.id]
    said = {one: f"⟦{one[1] if isinstance(one, tuple) else one}⟧" for one in ids}
    catalogues.write_added(zip_table(tmp_path / "data") / "translations" / "qps", about, said)
    with database.write() as session:
        sample_campaign(session)
        sample_legislators(session)
    return on(database, open_app(replace(settings, data_dir=tmp_path / "data", undo_seconds=60)))


def _unmarked(page: str) -> list[str]:
    """Whatever is read on a page that was neither said by the catalogue nor is in another language, which it says."""
    body = re.sub(r"<(script|style|pre|textarea|title|option)\b.*?</\1>", " ", page, flags=re.S)
    body = re.sub(r'<a class="link".*?</a>', " ", body)
    body = re.sub(r'<(\w+)[^>]*\blang="(?!qps)[^"]*"[^>]*>.*?</\1>', " ", body, flags=re.S)
    labels = re.findall(r'(?:aria-label|placeholder)="([^"]*)"', body)
    text = re.sub(r"<[^>]*>", "", body)
    while "⟦" in text:
        shorter = re.sub(r"⟦[^⟦⟧]*⟧", " ", text)
        if shorter == text:
            break
        text = shorter
    labelled = [label for label in labels if "⟦" not in label]
    return [*re.findall(r"[A-Za-z][\w'’ ,.-]*[A-Za-z]", text), *labelled]


def test_pages_have_no_word_that_the_language_did_not_say(nobodys: Flask) -> None:
    supporter = SupporterBrowser(nobodys)
    home = supporter.get("/?lang=qps")
    assert '<html lang="qps" dir="rtl">' in home.text
    pages = {"home": home, "who": supporter.get("/campaigns/ab969")}
    pages["mistakes"] = supporter.submit(name="", email="a", zip="1")
    pages["choose"] = supporter.begin()
    pages["letter"] = supporter.to_letter()
    pages["no consent"] = supporter.submit(go="send")
    pages["receipt"] = supporter.send()
    receipt = re.search(r'href="(/receipts/[^"/]+)/erasure"', pages["receipt"].text)
    assert receipt
    pages["erasure"] = supporter.get(f"{receipt[1]}/erasure")
    pages["privacy"] = supporter.get("/privacy")
    pages["no such page"] = supporter.get("/nowhere")
    pages["no such receipt"] = supporter.get("/receipts/nobody")
    found = {}
    for name, page in pages.items():
        assert page.status_code < 500, name
        found[name] = [word for word in _unmarked(page.text) if not any(known in word for known in _DATA)]
    assert {name: words for name, words in found.items() if words} == {}


# Names, and the campaign's and the supporter's own words.
_DATA = (
    "Example", "Wisconsin", "AB 969", "Mai", "example.org", "Pattern", "Sample", "Senator", "Representative", "Lorem",
    "Democratic", "Republican", "Pseudo", "Español", "http", "WI", "Rep.", "Sen.", "Bill", "schools",
)  # fmt: skip


def test_missing_words_are_english_and_say_so() -> None:
    tongue = speech.Tongue(tag="xx", own_name="X", name="X")
    with speech.speaking(tongue):
        assert str(tongues.element("Nothing is sent yet.")) == '<span lang="en" dir="ltr">Nothing is sent yet.</span>'
        assert speech.gettext("Nothing is sent yet.") == "Nothing is sent yet."
    assert str(tongues.element("Nothing is sent yet.")) == "Nothing is sent yet."


def test_values_are_escaped_and_the_sentences_own_markup_is_not() -> None:
    assert str(tongues.element("<b>%(name)s</b>", name="<i>")) == "<b>&lt;i&gt;</b>"
    assert str(tongues.elements("%(count)s a", "%(count)s b", 1200)) == "1,200 b"


class _Wrong(NullTranslations):
    def gettext(self, message: str) -> str:
        return "Hola %(nombre)s"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return "100 % de %(count)s"


def test_a_translation_that_cannot_be_filled_is_said_in_english() -> None:
    """Anybody may write a catalogue into the data folder; none may end a page."""
    tongue = speech.Tongue(tag="xx", own_name="X", name="X", messages=_Wrong())
    with speech.speaking(tongue):
        assert speech.gettext("Hello %(name)s", name="Mai") == "Hello Mai"
        assert speech.ngettext("one of %(name)s", "%(count)s of %(name)s", 2, name="Mai") == "2 of Mai"
        assert str(tongues.element("Hello %(name)s", name="<i>")) == "Hello &lt;i&gt;"


def test_what_the_code_says_before_anybody_reads_is_said_in_their_language() -> None:
    spanish = tongues.read([tongues.TRANSLATIONS])["es"]
    label = speech.lazy("Full name")
    assert (str(label), f"{label}") == ("Full name", "Full name")
    with speech.speaking(spanish):
        assert (str(label), f"{label}") == ("Nombre completo", "Nombre completo")


def test_days_are_written_as_the_language_writes_them() -> None:
    spanish = tongues.read([tongues.TRANSLATIONS])["es"]
    at = datetime(2026, 3, 4, 15, 12, tzinfo=UTC)
    assert moments.moment(at, "America/Chicago") == "March 4, 2026, 9:12 AM CST"
    with speech.speaking(spanish):
        assert moments.moment(at, "America/Chicago") == (
            f"4 de marzo de 2026, 9:12{moments.clock(at)[4]}a.m., hora del Centro"
        )
        assert moments.weekday_day(date(2026, 3, 4)) == "miércoles, 4 de marzo"
        assert moments.listed(["Ana", "Bo", "Cy"]) == "Ana, Bo y Cy"


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ("Indiana", "Bo e Indiana"),
        ("Íñigo", "Bo e Íñigo"),
        ("Hilda", "Bo e Hilda"),
        ("Yvonne", "Bo e Yvonne"),
        ("Hiatt", "Bo y Hiatt"),
        ("Yolanda", "Bo y Yolanda"),
        ("Yi", "Bo y Yi"),
        ("Cy", "Bo y Cy"),
    ],
)
def test_a_spanish_list_has_e_before_the_sound_of_i(last: str, said: str) -> None:
    with speech.speaking(tongues.read([tongues.TRANSLATIONS])["es"]):
        assert moments.listed(["Bo", last]) == said
        assert moments.and_all(["Ana", "Bo", last]) == f"Ana, {said}"


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("zh-Hans", "2026年3月4日 中部时间 上午9:12"),  # to whoever reads Chinese, CST is the time of China
        ("vi", "ngày 4 tháng 3 năm 2026, 9:12 AM, giờ miền Trung"),
        ("km", "ថ្ងៃទី 4 ខែមីនា ឆ្នាំ 2026, 9:12 AM ម៉ោង Central"),
    ],
)
def test_a_time_zone_is_said_in_the_words_of_the_language(tag: str, said: str) -> None:
    with speech.speaking(tongues.read([tongues.TRANSLATIONS])[tag]):
        assert moments.moment(datetime(2026, 3, 4, 15, 12, tzinfo=UTC), "America/Chicago") == said
        assert "UTC" in moments.moment(datetime(2026, 3, 4, 15, 12, tzinfo=UTC), "UTC")


@pytest.mark.parametrize(
    ("tag", "ends"), [("en", "settles it."), ("zh-Hans", "。"), ("zh-Hant", "。"), ("km", "។"), ("vi", ".")]
)
def test_a_sentence_made_of_a_clause_ends_as_the_language_ends_it(
    supporter: SupporterBrowser, tag: str, ends: str
) -> None:
    supporter.get(f"/campaigns/ab969?lang={tag}")
    page = supporter.to_letter()
    settled = re.search(r'<h3>Senator Uma Pattern</h3>\s*<p>.*?</p>\s*<p class="hint">(.*?)</p>', page.text, re.DOTALL)
    assert settled
    assert settled[1].endswith(ends)


def test_the_letter_says_that_it_is_in_another_language(supporter: SupporterBrowser) -> None:
    supporter.get("/campaigns/ab969?lang=vi")
    page = supporter.to_letter().text
    assert '<pre class="letter" lang="en">Dear ' in page
    assert re.search(r'<textarea id="body_1"[^>]* lang="en"', page)
    assert re.search(r'<input type="text" id="subject_1"[^>]* lang="en"', page)
    assert not re.search(r'<textarea id="personal"[^>]* lang=', page)  # theirs is in whatever they write it in
    supporter.get("/campaigns/ab969?lang=en")
    assert '<pre class="letter">Dear ' in supporter.to_letter().text


@pytest.mark.parametrize(
    ("state", "chamber", "district", "said"),
    [
        ("WI", "lower", "76", "Distrito 76 (Asamblea)"),
        ("MA", "lower", "3rd Barnstable", "el distrito 3rd Barnstable (Cámara)"),
        ("NH", "lower", "Hillsborough 12", "Distrito 12 de Hillsborough (Cámara)"),
        ("DC", "legislature", "Ward 2", "Barrio electoral 2"),
    ],
)
def test_districts_with_names_are_said_in_the_language(state: str, chamber: str, district: str, said: str) -> None:
    with speech.speaking(tongues.read([tongues.TRANSLATIONS])["es"]):
        assert places.district_in_house(state, chamber, district) == said


def test_a_language_that_babel_does_not_know_brings_its_own_days() -> None:
    months = [f"Month{number}" for number in range(1, 13)]
    calendar = speech.Calendar(
        months=months,
        weekdays=["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
        day="'hnub' d MMMM y",
        weekday_day="EEEE d MMMM",
        weekday_date="EEEE d MMMM y",
        month="MMMM y",
    )
    with speech.speaking(speech.Tongue(tag="hmn", own_name="Hmoob", name="Hmong", calendar=calendar)):
        assert moments.day(date(2026, 3, 4)) == "hnub 4 Month3 2026"
        assert moments.weekday_day(date(2026, 3, 4)) == "Wed 4 Month3"


def test_days_and_lists_in_lao_have_the_words_that_cldr_leaves_out() -> None:
    with speech.speaking(tongues.read([tongues.TRANSLATIONS])["lo"]):
        assert moments.moment(datetime(2026, 3, 4, 15, 12, tzinfo=UTC), "America/Chicago") == (
            "ວັນທີ 4 ມີນາ 2026, 9:12 AM ເວລາພາກກາງ (Central)"
        )
        assert moments.weekday_date(date(2026, 3, 4)) == "ວັນພຸດ ທີ 4 ມີນາ 2026"
        assert moments.month_year(date(2026, 3, 4)) == "ເດືອນມີນາ 2026"
        assert moments.listed(["Ana", "Bo", "Cy"]) == "Ana, Bo ແລະ Cy"


def test_another_language_keeps_what_was_typed(supporter: SupporterBrowser) -> None:
    supporter.get("/campaigns/ab969")
    page = supporter.submit(name="Mai Example", email="not yet", go="lang:es")
    assert '<html lang="es">' in page.text
    assert 'value="Mai Example"' in page.text
    assert 'value="not yet"' in page.text
    assert "error-summary" not in page.text
    supporter.to_letter()
    page = supporter.submit(personal="My own words.", go="lang:en")
    assert '<html lang="en">' in page.text
    assert "My own words." in page.text


def test_a_machines_translation_says_so_with_a_way_to_report(supporter: SupporterBrowser) -> None:
    page = supporter.get("/privacy?lang=es").text
    assert "Una máquina tradujo esta página" in page
    assert "Una máquina" not in supporter.get("/privacy?lang=en").text


def test_the_campaigns_own_words_say_that_they_are_english(supporter: SupporterBrowser) -> None:
    page = supporter.get("/campaigns/ab969?lang=es").text
    assert re.search(r'<h1 lang="en">', page)


def test_an_arabic_page_reads_from_right_to_left_and_english_words_do_not(supporter: SupporterBrowser) -> None:
    page = supporter.get("/campaigns/ab969?lang=ar").text
    assert '<html lang="ar" dir="rtl">' in page
    assert '<h1 lang="en" dir="auto">' in page
    for tag in "en", "to", "so":
        assert f'<html lang="{tag}">' in supporter.get(f"/campaigns/ab969?lang={tag}").text


RIGHT_TO_LEFT = speech.Tongue(tag="xx", own_name="X", name="X", direction="rtl")


@pytest.mark.parametrize(
    ("sentence", "value", "said"),
    [
        ("Call %(name)s", "608 555 0100", "Call \u2068608 555 0100\u2069"),
        ("Call %(name)s", "2 E Main St", "Call \u20682 E Main St\u2069"),
        ("Call %(name)s", "53703", "Call 53703"),
        ("Call %(name)s", 1200, "Call 1200"),
        ("Call %(name)s", "Mai منى", "Call Mai منى"),
        ('<a href="tel:%(name)s">Call</a>', "608 555 0100", '<a href="tel:608 555 0100">Call</a>'),
    ],
)
def test_values_keep_their_own_order_where_it_would_be_turned(sentence: str, value: object, said: str) -> None:
    in_markup = said.replace("\u2068", "<bdi>").replace("\u2069", "</bdi>")
    with speech.speaking(RIGHT_TO_LEFT):
        assert speech.gettext(sentence, name=value) == said
        assert str(tongues.title(sentence, name=value)) == said
        assert str(tongues.element(sentence, name=value)) == f'<span lang="en" dir="ltr">{in_markup}</span>'
        assert str(tongues.elements(sentence, sentence, 1, name=value)) == str(tongues.element(sentence, name=value))
    assert "\u2068" not in speech.gettext(sentence, name=value)
    assert "<bdi>" not in tongues.element(sentence, name=value)


def test_no_mark_stands_beside_an_address_that_a_mail_program_makes_a_link_of() -> None:
    with speech.speaking(RIGHT_TO_LEFT):
        assert speech.gettext("Yes: %(link)s", link="https://act.example.org/a") == "Yes: https://act.example.org/a"


def test_arabic_counts_in_six_ways() -> None:
    with speech.speaking(tongues.read([tongues.TRANSLATIONS])["ar"]):
        said = [
            speech.ngettext("%(count)s person has written", "%(count)s people have written", count)
            for count in (0, 1, 2, 3, 11, 100)
        ]
    assert len({re.sub(r"\d+", "", words) for words in said}) == 6, said
    assert [re.findall(r"\d+", words) for words in said] == [["0"], ["1"], ["2"], ["3"], ["11"], ["100"]]


@pytest.mark.parametrize(
    ("tag", "moment", "weekday_day", "listed"),
    [
        (
            "to",
            "ʻaho 4 Maʻasi 2026, 9:12 AM, taimi ʻo e Lotolotó (Central)",
            "Pulelulu, ʻaho 4 Maʻasi",
            "Ana, Bo mo Cy",
        ),
        ("so", "4 Maarso 2026, 9:12 AM, saacadda Dhexe (Central)", "Arbaco, 4 Maarso", "Ana, Bo iyo Cy"),
        ("ar", "4 مارس 2026، 9:12 ص (توقيت الوسط الأمريكي)", "الأربعاء، 4 مارس", "Ana وBo وCy"),
    ],
)
def test_days_and_lists_in_tongan_somali_and_arabic(tag: str, moment: str, weekday_day: str, listed: str) -> None:
    at = datetime(2026, 3, 4, 15, 12, tzinfo=UTC)
    with speech.speaking(tongues.read([tongues.TRANSLATIONS])[tag]):
        assert moments.moment(at, "America/Chicago").replace("\u202f", " ").replace("\xa0", " ") == moment
        assert moments.weekday_day(date(2026, 3, 4)) == weekday_day
        assert moments.listed(["Ana", "Bo", "Cy"]) == listed


def test_stylesheets_say_start_and_end_never_left_and_right() -> None:
    for path in sorted((catalogues.ROOT / "actionmail" / "static").glob("*.css")):
        said = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
        assert re.findall(r"[\w-]*(?:left|right)\b(?=\s*[:;!}])|:\s*(?:left|right)\b", said) == [], path.name
        uneven = [four for four in re.findall(r"(?:padding|margin):([^;}]*)", said) if _is_uneven(four)]
        assert uneven == [], path.name


def _is_uneven(lengths: str) -> bool:
    """Whether the second and the fourth of four lengths differ: right and left."""
    four = re.findall(r"(?:[^\s(]|\([^()]*(?:\([^()]*\)[^()]*)*\))+", lengths)
    return len(four) == 4 and four[1] != four[3]


def test_a_language_that_does_not_exist_is_english(supporter: SupporterBrowser) -> None:
    assert '<html lang="en">' in supporter.get("/campaigns/ab969?lang=xx-nowhere").text


def test_a_folder_that_cannot_be_read_stops_the_start_with_a_sentence(settings: Settings, tmp_path: Path) -> None:
    folder = zip_table(tmp_path / "data") / "translations" / "xx" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.mo").write_bytes(b"nothing")
    (folder.parent / "language.toml").write_text('own_name = "X"\n')
    with pytest.raises(SettingsError, match="A language cannot be read"):
        open_app(replace(settings, data_dir=tmp_path / "data"))


def test_supporters_are_told_the_same_size_of_a_logo_as_staff() -> None:
    assert str(_ACCEPTED) == ACCEPTED


def _forms(form: type[FlaskForm]) -> Iterator[type[FlaskForm]]:
    for inner in form.__subclasses__():
        yield inner
        yield from _forms(inner)


def test_what_is_missing_in_a_supporters_form_is_said_in_their_language() -> None:
    english = []
    for form in _forms(FlaskForm):
        if not form.__module__.startswith("actionmail.web.supporter"):
            continue
        for name, field in vars(form).items():
            for check in getattr(field, "kwargs", {}).get("validators", ()):
                if isinstance(check, OneLine) and check.missing and type(check.missing) is str:
                    english.append((form.__name__, name, check.missing))
    assert english == []
