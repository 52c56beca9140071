"""A petition on paper, read back by two programs that others wrote."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pypdfium2
import pytest

from actionmail.gateways.documents.fonts import Fonts
from actionmail.gateways.documents.paper import Paper
from actionmail.gateways.documents.petition_pdf import write_petition
from actionmail.gateways.documents.printing import unprintable_in
from actionmail.gateways.documents.statement_pdf import write_statement
from actionmail.gateways.documents.typesetting import Typesetter
from actionmail.rules.actions.papers import (
    NumberDiffers,
    OutOfOrder,
    PetitionCover,
    PetitionWords,
    Printed,
    PrintedComment,
    PrintedOrganisation,
    PrintedSignature,
    Sheet,
    StatementText,
    UnprintableText,
)
from actionmail.rules.replacing import replace
from actionmail.settings import bundled
from tests import chinese_fonts
from tests.conftest import unavailable
from tests.pictures import drawn, encoded

MADE_AT = datetime(2022, 3, 9, 17, 0, tzinfo=UTC)
TEXTS = {
    "en": "We ask you to pass the Clemency Justice Act.",
    "es": "¡Apruebe la ley, señoría! ¿Cuándo será?",
    "vi": "Nguyễn Thị Ngọc Diễm, Đặng Hữu Phước",
    "hmn": "Kuv kos npe rau tsab ntawv no: Yaj Ntxhi Vaj",
    "lo": "ຂ້າພະເຈົ້າລົງນາມໃນຄຳຮ້ອງຟ້ອງນີ້",
    "km": "ខ្ញុំសូមស្នើឱ្យលោកគាំទ្រច្បាប់នេះ",
    "zh-Hans": "我们请求您支持这项法案",
    "zh-Hant": "我們請求您支持這項法案",
    "my": "ဤဥပဒေကိုထောက်ခံပေးပါရန်မေတ္တာရပ်ခံအပ်ပါသည်",
    "to": "ʻOku ou fakamoʻoni ki he tohi kole ni: Mālō ʻaupito",
}
MIXED = "Nguyễn Ngọc 阮玉 (សុខា) ຄຳ ʻAna Tāufa မြင့် José"
SHEET = Sheet(language="en", title="Pass (the) Act", author="An Organization", page_words="Page {number} of {total}")
WORDS = PetitionWords(
    addressee="To",
    organisation="Organized by",
    dated="Date",
    number="Number of signatures",
    signatures="Signatures",
    comments="Comments",
    text="The petition",
    name="Name",
    place="City",
    state="State",
    signed_on="Signed on",
    nobody="Nobody has signed yet.",
)


def signature(name: str, district: str = "Senate District 26", state: str = "Wisconsin") -> PrintedSignature:
    return PrintedSignature(name=name, place="Madison", state=state, district=district, signed_on="March 9, 2022")


def printed(
    path: Path,
    signatures: list[PrintedSignature],
    comments: tuple[PrintedComment, ...] = (),
    *,
    sheet: Sheet = SHEET,
    text: str = "We ask.",
    number: int | None = None,
) -> Printed:
    cover = PetitionCover(
        addressee="The Honorable Sample\nGovernor",
        title="Pass the Act",
        text=text,
        organisation="An Organization",
        dated="March 9, 2022",
        number=len(signatures) if number is None else number,
        number_text=str(len(signatures)),
    )
    return write_petition(
        path,
        cover,
        iter(signatures),
        iter(comments),
        look=(sheet, WORDS),
        progress=lambda _: None,
        made_at=MADE_AT,
    )


def pages(path: Path) -> list[str]:
    with pypdfium2.PdfDocument(path) as document:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def test_a_districts_heading_has_the_state_once(tmp_path: Path) -> None:
    signers = [
        signature("Ann Sample", "Senate District 26"),
        signature("Bea Sample", "Wisconsin State Senate, District 2"),
        signature("Cy Sample", "", "Wyoming"),
        signature("Di Sample", "", ""),
    ]
    path = tmp_path / "petition.pdf"
    printed(path, signers)
    text = " ".join(pages(path))
    assert "Wisconsin, Senate District 26" in text
    assert "Wisconsin State Senate, District 2" in text
    assert "Wisconsin, Wisconsin" not in text
    assert "Wyoming" in text


def packed(text: str) -> str:
    """Without spaces: PDFium sees some between two fonts where none is."""
    return text.replace(" ", "")


@pytest.fixture
def chinese() -> None:
    if not chinese_fonts.are_there():
        unavailable(chinese_fonts.ADVICE)


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("language", TEXTS)
def test_every_language_is_printed_and_read_back(language: str, tmp_path: Path) -> None:
    path = tmp_path / "petition.pdf"
    text = TEXTS[language]
    comment = PrintedComment(name=MIXED, place="Madison", text=text)
    printed(path, [signature(text), signature(MIXED)], (comment,), text=text, sheet=replace(SHEET, language=language))
    cover, rest = pages(path)
    assert "Pass the Act" in cover
    assert "The Honorable Sample Governor" in cover
    assert packed(rest).count(packed(text)) == 3
    assert packed(rest).count(packed(f"{MIXED} Madison Wisconsin March 9, 2022")) == 1
    assert packed(f"{MIXED}, Madison") in packed(rest)


def test_pages_are_numbered_to_the_last(tmp_path: Path) -> None:
    path = tmp_path / "petition.pdf"
    result = printed(path, [signature(f"Person {number}") for number in range(120)])
    read = pages(path)
    assert result == Printed(pages=len(read), signers=120)
    assert len(read) >= 4
    for number, text in enumerate(read, 1):
        assert text.endswith(f"Page {number} of {len(read)}"), text
    assert " ".join(read).count("Person ") == 120
    for text in read[2:]:
        assert text.startswith("Wisconsin, Senate District 26 Name City State Signed on")


def test_it_says_what_it_is_to_whoever_has_it_read_aloud(tmp_path: Path) -> None:
    path = tmp_path / "petition.pdf"
    printed(path, [signature("Mai"), signature("Pat", "Senate District 27")], sheet=replace(SHEET, language="es"))
    reader = pypdf.PdfReader(path, strict=True)
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "es"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata == {
        "/Title": "Pass (the) Act",
        "/Author": "An Organization",
        "/CreationDate": "D:20220309170000Z",
    }
    names: list[str] = []

    def walk(part: pypdf.generic.DictionaryObject) -> None:
        if "/S" in part:
            names.append(part["/S"])
        for kid in part.get("/K", ()):
            walk(kid.get_object())

    walk(root["/StructTreeRoot"])
    assert (names[:2], names.count("/Table"), names.count("/TR"), names.count("/TH"), names.count("/TD")) == (
        ["/Document", "/H1"],
        2,
        4,
        8,
        8,
    )
    marks = root["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    assert len(marks) == 2 * len(reader.pages)


def test_the_table_of_a_petition_that_nobody_signed_says_so(tmp_path: Path) -> None:
    path = tmp_path / "petition.pdf"
    assert printed(path, []).signers == 0
    assert "Nobody has signed yet." in pages(path)[1]
    assert "Comments" not in pages(path)[1]


def test_characters_that_no_font_has_are_all_named_and_no_paper_is_left(tmp_path: Path) -> None:
    path = tmp_path / "petition.pdf"
    path.write_bytes(b"the one before")
    with pytest.raises(UnprintableText) as refused:
        printed(
            path,
            [signature("Mai \ue123"), signature("Pat")],
            (PrintedComment(name="x", place="", text="\uf8f0\ue123"),),
        )
    assert refused.value.characters == ("\ue123", "\uf8f0")
    assert path.read_bytes() == b"the one before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.usefixtures("chinese")
def test_who_wrote_what_cannot_be_printed_is_found() -> None:
    texts = [MIXED, "Thanks \ue123!", "", "two\nlines \uf8f0\ue123\ue123", "Thanks \ue123!"]
    assert list(unprintable_in(texts, "en")) == [(), ("\ue123",), (), ("\ue123", "\uf8f0"), ("\ue123",)]


def test_no_space_is_drawn_as_a_box() -> None:
    typesetter = Typesetter(Fonts(bundled("data") / "fonts", "en", system=()), "en")
    for space in "\u00a0\u2000\u2003\u200a\u202f\u205f\u3000":
        for text in (f"Mai{space}Xiong", f"{space}សុខា{space}x", f"မြင့်{space}"):
            for line in typesetter.lines(text, 100_000):
                assert 0 not in [glyph.number for run in line.runs for glyph in run.glyphs], ascii(text)
    assert typesetter.fonts.unprintable == set()


def test_chinese_is_named_where_the_system_has_no_font_for_it() -> None:
    typesetter = Typesetter(Fonts(bundled("data") / "fonts", "en", system=()), "en")
    paper = Paper(BytesIO(), typesetter, SHEET, made_at=MADE_AT)
    for text in TEXTS.values():
        paper.text(text, name="P", size=11)
    with pytest.raises(UnprintableText) as refused:
        paper.finish()
    assert set(refused.value.characters) == set(TEXTS["zh-Hans"] + TEXTS["zh-Hant"])


@pytest.mark.parametrize(
    ("signatures", "number", "refusal"),
    [
        ([signature("a", "1"), signature("b", "2"), signature("c", "1")], 3, OutOfOrder),
        ([signature("a")], 2, NumberDiffers),
        ([signature("a"), signature("b")], 1, NumberDiffers),
    ],
)
def test_a_paper_that_would_be_wrong_is_not_made(
    signatures: list[PrintedSignature], number: int, refusal: type[Exception], tmp_path: Path
) -> None:
    with pytest.raises(refusal):
        printed(tmp_path / "petition.pdf", signatures, number=number)
    assert list(tmp_path.iterdir()) == []


def test_only_its_owner_may_read_the_names(tmp_path: Path) -> None:
    path = tmp_path / "petition.pdf"
    printed(path, [signature("Mai")])
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_name_longer_than_a_page_is_printed_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "petition.pdf"
    printed(path, [signature("Longname" * 1250 + "End"), signature("Next")])
    read = "".join(pages(path)[1:])
    assert packed(read).count("Longname") >= 1150  # the rest is parted by the ends of pages and lines
    assert "Next Madison" in read


def test_khmer_and_burmese_are_shaped_and_no_line_begins_inside_a_letter() -> None:
    typesetter = Typesetter(Fonts(bundled("data") / "fonts", "km", system=()), "km")
    (district,) = typesetter.shape("ស្រុក").runs
    assert len(district.glyphs) == 4  # of five characters: the sign that subscribes RO is drawn with it, before SA
    assert district.glyphs[0].number not in {district.font.font.get_nominal_glyph(ord(letter)) for letter in "ស្រុក"}
    (stacked,) = typesetter.shape("မေတ္တာ").runs
    virama = stacked.font.font.get_nominal_glyph(0x1039)
    assert virama not in [glyph.number for glyph in stacked.glyphs]
    for text in (TEXTS["km"] * 4, TEXTS["my"] * 4, TEXTS["lo"] * 4):
        circle = Fonts(bundled("data") / "fonts", "km", system=()).for_cluster(text[0]).font.get_nominal_glyph(0x25CC)
        for width in range(3_000, 20_000, 700):
            lines = list(typesetter.lines(text, width))
            assert len(lines) > 1
            for line in lines:
                assert line.width <= width
                assert circle not in [glyph.number for run in line.runs for glyph in run.glyphs]


def test_progress_is_told_while_signatures_come(tmp_path: Path) -> None:
    asked, told = [0], []

    def signatures() -> Iterator[PrintedSignature]:
        for number in range(1200):
            asked[0] = number + 1
            yield signature(f"Person {number}")

    cover = PetitionCover(
        addressee="x", title="x", text="x", organisation="x", dated="x", number=1200, number_text="1,200"
    )
    write_petition(
        tmp_path / "petition.pdf",
        cover,
        signatures(),
        iter(()),
        look=(SHEET, WORDS),
        progress=lambda done: told.append((done, asked[0])),
        made_at=MADE_AT,
    )
    assert told == [(500, 500), (1000, 1000), (1200, 1200)]


@pytest.mark.slow
def test_four_times_the_signatures_take_no_more_memory(tmp_path: Path) -> None:
    def peak(number: int) -> int:
        signatures = (signature(f"Person {index % 50}") for index in range(number))
        comments = (PrintedComment(name="Ann", place="Madison", text="My cousin waits.") for _ in range(number))
        cover = PetitionCover(
            addressee="x", title="x", text="x", organisation="x", dated="x", number=number, number_text="x"
        )
        tracemalloc.start()
        write_petition(
            tmp_path / "petition.pdf",
            cover,
            signatures,
            comments,
            look=(SHEET, WORDS),
            progress=lambda _: None,
            made_at=MADE_AT,
        )
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(100)
    few, many = peak(1_000), peak(4_000)
    assert many - few < 3_000 * 40  # bytes; where the objects of a signature and its comment lie would alone be 80


STATEMENT = StatementText(
    title="We stand together",
    text="A statement.\n\nIn two paragraphs.",
    dated="March 9, 2022",
    signers="Signed by",
    nobody="No organization has signed yet.",
)


STATEMENT_WITH_LOGOS = replace(STATEMENT, has_logos=True)


def test_a_statement_leaves_room_for_the_letterhead(tmp_path: Path) -> None:
    path = tmp_path / "statement.pdf"
    organisations = [PrintedOrganisation(name=f"Organization {number}", place="Madison, WI") for number in range(60)]
    sheet = replace(SHEET, top=200.0)
    result = write_statement(path, STATEMENT, iter(organisations), sheet=sheet, made_at=MADE_AT)
    assert result.signers == 60
    assert result.pages > 1
    with pypdfium2.PdfDocument(path) as document:
        for page in document:
            text = page.get_textpage()
            tops = [text.get_charbox(index)[3] for index in range(text.count_chars())]
            assert 792 - 200 - 25 < max(tops) <= 792 - 200
    read = " ".join(pages(path))
    assert (
        "We stand together A statement. In two paragraphs. Signed by Organization 0, Madison, WI Organization 1" in read
    )


def figures(part: Any) -> list[str]:
    """What is read aloud of a structure tree's pictures, in its order."""
    kids = part.get_object().get("/K", [])
    read = [part["/Alt"]] if part.get("/S") == "/Figure" else []
    for kid in kids if isinstance(kids, list) else [kids]:
        if isinstance(kid.get_object(), pypdf.generic.DictionaryObject):
            read += figures(kid.get_object())
    return read


def test_logos_stand_beside_their_names_whole_and_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "statement.pdf"
    shapes = [drawn(480, 40), drawn(40, 480), drawn(8, 8), drawn(480, 480).convert("RGBA")]
    shapes[3].putalpha(0)
    organisations = []
    for number in range(60):
        logo = b"" if number % 5 == 4 else encoded(shapes[number % 5], "PNG" if number % 5 == 3 else "JPEG")
        name = f"Organization {number} " + "of the long name " * (number % 5 * 6)
        organisations.append(
            PrintedOrganisation(name=name, place="Madison, WI", logo=logo, logo_alternative=f"Logo {number}")
        )
    write_statement(path, STATEMENT_WITH_LOGOS, iter(organisations), sheet=SHEET, made_at=MADE_AT)
    told = [f"Logo {number}" for number in range(60) if number % 5 != 4]
    assert figures(pypdf.PdfReader(path).trailer["/Root"]["/StructTreeRoot"]) == told
    drawn_boxes = []
    with pypdfium2.PdfDocument(path) as document:
        for page in document:
            text = page.get_textpage()
            names = [text.get_charbox(index) for index in range(text.count_chars())]
            for image in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]):
                box = left, bottom, right, top = image.get_bounds()
                drawn_boxes.append(box)
                assert bottom >= 60 and top <= 792 - 54 and left >= 54 and right <= 54 + 86 + 0.1
                assert right - left <= 86.1 and top - bottom <= 30.1
                overlapping = [c for c in names if c[2] > c[0] and c[0] < right and c[3] > bottom and c[1] < top]
                assert overlapping == []
        white = document[0].render().to_numpy()[-1][-1]
    assert len(drawn_boxes) == 48
    assert list(white) == [255, 255, 255]
    assert "Organization 59" in " ".join(pages(path))


def test_a_statement_without_signers_says_so(tmp_path: Path) -> None:
    path = tmp_path / "statement.pdf"
    write_statement(path, STATEMENT, iter(()), sheet=SHEET, made_at=MADE_AT)
    assert "No organization has signed yet." in pages(path)[0]


@pytest.mark.parametrize(
    ("words", "top"),
    [("Page {number}", 54), ("{total} {number}", 54), ("{number}/{total}", 289), ("{number}/{total}", 53)],
)
def test_a_sheet_that_cannot_be_is_refused(words: str, top: float) -> None:
    with pytest.raises(ValueError, match=r"."):
        replace(SHEET, page_words=words, top=top)
