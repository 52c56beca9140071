"""Pages in Khmer, Lao and Burmese bring their letters: every one of them, joined as the whole font joins them."""

from __future__ import annotations

import io
import re
import shutil
import tomllib
from pathlib import Path

import pytest
import uharfbuzz
from babel.messages.pofile import read_po
from fontTools.ttLib import TTFont

from actionmail.web.platform.tongues import FONTS, TRANSLATIONS, TongueError, of_installation
from tests.web_fonts import SCRIPTS, SOURCE, TARGET, Script, file_of

_BY_SCRIPT = [
    (about.parent, tomllib.loads(about.read_text(encoding="utf-8")).get("font", ""))
    for about in sorted(TRANSLATIONS.glob("*/language.toml"))
]
_WITH_FONTS = [(folder, font) for folder, font in _BY_SCRIPT if font]


def _sentences(folder: Path) -> list[str]:
    with (folder / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalog = read_po(file)
    said: list[str] = []
    for message in catalog:
        said.extend([message.string] if isinstance(message.string, str) else message.string)
    return [one for one in said if one]


def _pieces(folder: Path, script: Script) -> set[str]:
    """All that stands together in the script's letters."""
    signs = "".join(f"{chr(first)}-{chr(last)}" for first, last in script.letters)
    run = re.compile(f"[{signs}\u200b-\u200d]+")
    pieces: set[str] = set()
    for sentence in _sentences(folder):
        pieces.update(run.findall(sentence))
    return pieces


def _shaping(font: bytes, text: str) -> list[tuple[int, int, int]]:
    """Of each glyph how far it leads on, and where it stands; 0 glyphs are boxes."""
    shaper = uharfbuzz.Font(uharfbuzz.Face(font))
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    uharfbuzz.shape(shaper, buffer)
    assert all(one.codepoint for one in buffer.glyph_infos), f"a letter of {text!r} is missing"
    return [(one.x_advance, one.x_offset, one.y_offset) for one in buffer.glyph_positions]


def _opened(woff2: Path) -> bytes:
    font = TTFont(woff2)
    font.flavor = None
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def test_there_is_a_font_for_each_script_that_a_language_may_name() -> None:
    assert set(SCRIPTS) == FONTS
    for name in FONTS:
        sheet = (TARGET / f"{name}.css").read_text(encoding="utf-8")
        for weight in ("Regular", "Bold"):
            assert f'url("{file_of(name, weight).name}")' in sheet
            assert file_of(name, weight).stat().st_size < 48_000


@pytest.mark.parametrize("weight", ["Regular", "Bold"])
@pytest.mark.parametrize(("folder", "name"), _WITH_FONTS, ids=[folder.name for folder, _ in _WITH_FONTS])
def test_every_sentence_is_shaped_as_by_the_whole_font(folder: Path, name: str, weight: str) -> None:
    script = SCRIPTS[name]
    ours = _opened(file_of(name, weight))
    whole = (SOURCE / f"{script.font}-{weight}.ttf").read_bytes()
    pieces = _pieces(folder, script)
    assert len(pieces) > 100
    for piece in pieces:
        assert _shaping(ours, piece) == _shaping(whole, piece), piece


def test_a_font_that_is_not_there_is_refused_with_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "translations" / "km"
    shutil.copytree(TRANSLATIONS / "km", folder)
    about = folder / "language.toml"
    about.write_text(about.read_text(encoding="utf-8").replace('font = "khmer"', 'font = "osmanya"'), encoding="utf-8")
    with pytest.raises(TongueError, match="osmanya"):
        of_installation(tmp_path)


@pytest.mark.parametrize("tag", ["Dari", "fa_AF", "fa-AF-x-of-wisconsin", "es.old"])
def test_a_folder_that_is_no_languages_tag_is_refused_with_its_name(tmp_path: Path, tag: str) -> None:
    shutil.copytree(TRANSLATIONS / "km", tmp_path / "translations" / tag)
    with pytest.raises(TongueError, match=f"{tag}' is no language's tag"):
        of_installation(tmp_path)
