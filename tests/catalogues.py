"""The catalogues of what supporters read: taken from the code, brought up to date in every language, and compiled.

`make messages` does it; `tests/web/platform/test_translations.py` asks whether it was done. Babel does not know all of
our languages (`hmn`), and of some a plural that .po files have not: so each folder's `language.toml` says its plural
rule, and no catalogue is bound to a locale of Babel's.
"""

from __future__ import annotations

import io
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = ROOT / "actionmail" / "translations"
TEMPLATE = TRANSLATIONS / "messages.pot"
PO = Path("LC_MESSAGES") / "messages.po"
MO = Path("LC_MESSAGES") / "messages.mo"
_HEAD = "# What supporters read. Made by `make messages`: docs/translating.md.\n"

# What marks a sentence, in the code and in templates.
KEYWORDS = {
    "gettext": None,
    "lazy": None,
    "mark": None,
    "ngettext": (1, 2),
    "_": None,
    "_a": None,
    "_t": None,
    "_n": (1, 2),
    "_an": (1, 2),
}
_SEEN_IN = (
    *(("python", folder, "*.py") for folder in ("rules", "flows", "web", "cli")),
    *(("jinja2.ext:babel_extract", folder, "*.html") for folder in ("supporter", "errors")),
    ("jinja2.ext:babel_extract", "", "base.html"),
    ("jinja2.ext:babel_extract", "", "macros.html"),
)
_OPTIONS = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}


def messages() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    """Every marked sentence of the code, with the file that says it; lines would change with each commit."""
    for method, folder, names in _SEEN_IN:
        base = ROOT / "actionmail" if method == "python" else ROOT / "templates"
        files = (base / folder).rglob(names) if folder else base.glob(names)
        for path in sorted(files):
            if method == "python" and "actionmail.rules.speech import" not in path.read_text(encoding="utf-8"):
                continue
            for _, message, _, _ in extract_from_file(method, path, KEYWORDS, (), _OPTIONS):
                if isinstance(message, str) or (message and message[0]):
                    yield str(path.relative_to(ROOT)), message


def template() -> Catalog:
    """A catalogue of them all, without translations."""
    catalog = Catalog(project="ActionMail", charset="utf-8", fuzzy=False)
    for name, message in sorted(messages(), key=lambda found: found[0]):
        catalog.add(message, locations=[(name, None)])
    return catalog


def languages() -> list[Path]:
    return sorted(about.parent for about in TRANSLATIONS.glob("*/language.toml"))


def read(folder: Path) -> Catalog:
    path = folder / PO
    if not path.exists():
        return Catalog(charset="utf-8")
    return read_po(io.BytesIO(_without_language(path.read_bytes())), charset="utf-8")


def _without_language(raw: bytes) -> bytes:
    """Babel would bind the catalogue to a locale, and refuse one that it does not know."""
    return re.sub(rb'^"Language: [^\n]*\n', b"", raw, flags=re.M)


def updated(folder: Path, wanted: Catalog) -> bytes:
    """The folder's catalogue as it has to be: what is new is empty, and what is gone is gone."""
    before, catalog = read(folder), Catalog(charset="utf-8")
    catalog._num_plurals = _plurals(folder)
    for message in wanted:
        if message.id:
            catalog[message.id] = _kept(message, before.get(_first(message.id)), catalog._num_plurals)
    out = io.BytesIO()
    write_po(out, catalog, width=118, omit_header=True, ignore_obsolete=True, include_lineno=False)
    return _header(folder).encode() + out.getvalue()


def _kept(message: Message, before: Message | None, plurals: int) -> Message:
    said = before.string if before and before.id == message.id else ""
    if isinstance(message.id, tuple):
        forms = said if isinstance(said, tuple) else ()
        said = tuple(forms[:plurals]) + ("",) * (plurals - len(forms))
    flags = before.flags & {"fuzzy"} if before else ()
    kept = Message(message.id, said, message.locations, flags=flags)
    kept.auto_comments, kept.user_comments = message.auto_comments, before.user_comments if before else []
    return kept


def _first(message: str | tuple[str, ...]) -> str:
    return message[0] if isinstance(message, tuple) else message


def _about(folder: Path) -> dict[str, str]:
    return tomllib.loads((folder / "language.toml").read_text(encoding="utf-8"))


def _plurals(folder: Path) -> int:
    return int(re.findall(r"nplurals=(\d+)", _about(folder)["plural"])[0])


def _header(folder: Path) -> str:
    about = _about(folder)
    state = "reviewed by people who speak it" if about.get("reviewed") else "UNREVIEWED MACHINE TRANSLATION"
    fields = (
        ("Language", folder.name),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "8bit"),
        ("Plural-Forms", f"{about['plural'].rstrip(';')};"),
        ("X-Review", state),
    )
    lines = "".join(f'"{name}: {value}\\n"\n' for name, value in fields)
    return f'{_HEAD}# {about["name"]}: {state}.\nmsgid ""\nmsgstr ""\n{lines}\n'


def compiled(folder: Path) -> bytes:
    """The catalogue as processes read it: translations that are whole, and the header with the plural rule."""
    catalog = read(folder)
    catalog.fuzzy = False
    whole = Catalog(charset="utf-8")
    for message in catalog:
        if message.id and all(message.string if isinstance(message.string, tuple) else [message.string]):
            whole[message.id] = message
    out = io.BytesIO()
    write_mo(out, with_header(whole, _header(folder)))
    return out.getvalue()


def with_header(catalog: Catalog, header: str) -> Catalog:
    """The catalogue as it is compiled with these lines at its head, which Babel would make of a locale."""
    lines = re.findall(r'^"(.*)\\n"$', header, flags=re.M)

    class Headed(Catalog):
        @property
        def mime_headers(self) -> list[tuple[str, ...]]:
            return [tuple(line.split(": ", 1)) for line in lines]

    headed = Headed(charset="utf-8", fuzzy=False)
    headed._messages = catalog._messages
    return headed


def write_added(folder: Path, about: str, said: Mapping[str | tuple[str, str], str]) -> None:
    """A language of one plural form as an installation adds it to its data folder: `about` is its language.toml."""
    (folder / MO).parent.mkdir(parents=True)
    (folder / "language.toml").write_text(about, encoding="utf-8")
    catalog = Catalog(charset="utf-8", fuzzy=False)
    for message, words in said.items():
        catalog[message] = Message(message, (words,) if isinstance(message, tuple) else words)
    with (folder / MO).open("wb") as file:
        write_mo(file, with_header(catalog, _header(folder)))


def untranslated(folder: Path) -> list[str]:
    """What has no words yet in this language."""
    missing = []
    for message in read(folder):
        if message.id and not all(message.string if isinstance(message.string, tuple) else [message.string]):
            missing.append(_first(message.id))
    return missing


def template_bytes(wanted: Catalog) -> bytes:
    out = io.BytesIO()
    write_po(out, wanted, width=118, omit_header=True, include_lineno=False)
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    return f"{_HEAD}{head}".encode() + out.getvalue()


def main() -> None:
    """Bring every catalogue up to date with the code, and compile it."""
    wanted = template()
    TEMPLATE.write_bytes(template_bytes(wanted))
    for folder in languages():
        (folder / PO).parent.mkdir(exist_ok=True)
        (folder / PO).write_bytes(updated(folder, wanted))
        (folder / MO).write_bytes(compiled(folder))
        missing = len(untranslated(folder))
        sys.stdout.write(f"{folder.name}: {len(wanted) - missing} of {len(wanted)} sentences\n")


if __name__ == "__main__":
    main()
