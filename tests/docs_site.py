"""The documents as a site: `make docs` lays them out as they lie in the repository, and Zensical builds it.

`docs/*.md` and the few files beside them are the only source. For the site pictures of the architecture are drawn from
their Mermaid text, folders that a document links to get a list of what is in them, and nothing else is changed. Runs
in an environment of its own (`.venv-docs`, the group `docs` of the lock file), without ActionMail.
"""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

ROOT: Final = Path(__file__).resolve().parent.parent
OUTPUT: Final = ROOT / "dist" / "docs"
START: Final = "README.md"
# What stands on the site, with all that is below a folder.
_SOURCES: Final = (
    START,
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "LICENSE",
    "docs",
    "data/README.md",
    "data/fonts/README.md",
    "data/fonts/OFL.txt",
    "data/campaigns",
    "deploy",
)
_CONFIG: Final = ROOT / "docs" / "zensical.toml"
_LINK: Final = re.compile(r"(?<=\]\()(?!\w+:|#|/)([^)#\s]+)")
_PICTURE: Final = re.compile(r"<!-- picture of (\w+) -->\n\n```mermaid\n(.*?)```\n", re.DOTALL)
_SHOWN: Final = 60  # characters of a block
_FOR_ANY_ADDRESS: Final = "404.html"  # its links begin at the root
_TITLE: Final = re.compile(r"^# (.+)$", re.MULTILINE)

Draw = Callable[[str], str]  # an SVG of a Mermaid text


class Amiss(Exception):
    """The site cannot be built as the documents are; `str()` says what is wrong, a line for each."""


def build(folder: Path, draw: Draw) -> Path:
    """Lay the documents out in `folder`, which is emptied, and build the site there. Where it is. Raises Amiss."""
    shutil.rmtree(folder, ignore_errors=True)
    lay_out(folder / "source", draw)
    shutil.copyfile(_CONFIG, folder / "zensical.toml")
    command = [Path(sys.executable).with_name("zensical"), "build", "--clean", "--strict", "-f", "zensical.toml"]
    plain = {**os.environ, "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=plain)
    said = f"{done.stdout}{done.stderr}".partition("Traceback ")[0].strip()
    if done.returncode or "warning" in said.lower():
        raise Amiss(said)
    site = folder / "site"
    pages = {path.relative_to(site).as_posix(): read_page(path) for path in sorted(site.rglob("*.html"))}
    if found := [*lost(site, pages), *foreign(site, pages)]:
        raise Amiss("\n".join(found))
    return site


def lay_out(folder: Path, draw: Draw) -> None:
    """The documents in `folder` as they lie in the repository. Raises Amiss where one cannot be read alike here."""
    amiss = []
    for path in _files():
        target = folder / _place(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix != ".md":
            shutil.copyfile(ROOT / path, target)
            continue
        text = (ROOT / path).read_text(encoding="utf-8")
        amiss += [f"{path}: {words}" for words in read_otherwise(text)]
        for linked in _linked_folders(path, text):
            _list(folder, linked)
        target.write_text(_drawn(_with_lists(path, text), target.parent, draw), encoding="utf-8")
    if amiss:
        raise Amiss("\n".join(amiss))


def _files() -> Iterator[PurePosixPath]:
    """What stands on the site, relative to the repository."""
    for name in _SOURCES:
        path = ROOT / name
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        for one in found:
            if one.is_file() and one != _CONFIG and "__pycache__" not in one.parts:
                yield PurePosixPath(one.relative_to(ROOT).as_posix())


def _place(path: PurePosixPath) -> PurePosixPath:
    return PurePosixPath("index.md") if str(path) == START else path


def _linked_folders(path: PurePosixPath, text: str) -> set[PurePosixPath]:
    """Folders of the repository that a document links to."""
    targets = {_resolved(path, link) for link in _LINK.findall(text)}
    return {target for target in targets if (ROOT / target).is_dir()}


def _with_lists(path: PurePosixPath, text: str) -> str:
    """The document with each link to a folder leading to the list of what is in it."""

    def leads(match: re.Match[str]) -> str:
        is_folder = (ROOT / _resolved(path, match[1])).is_dir()
        return f"{match[1].rstrip('/')}/index.md" if is_folder else match[1]

    return _LINK.sub(leads, text)


def _resolved(path: PurePosixPath, link: str) -> PurePosixPath:
    """Where a link of a document leads, relative to the repository."""
    parts: list[str] = []
    for part in (path.parent / link).parts:
        if part == "..":
            parts = parts[:-1]
        else:
            parts.append(part)
    return PurePosixPath(*parts)


def _list(folder: Path, linked: PurePosixPath) -> None:
    """A page with what is in a folder: documents by their titles, other files by their names."""
    lines = [f"# {linked.name.capitalize()}", ""]
    for path in sorted((ROOT / linked).iterdir()):
        if path.is_file():
            title = _TITLE.search(path.read_text(encoding="utf-8")) if path.suffix == ".md" else None
            lines.append(f"- [{title[1] if title else path.name}]({path.name})")
    target = folder / linked / "index.md"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join([*lines, ""]), encoding="utf-8")


def _drawn(text: str, folder: Path, draw: Draw) -> str:
    """The document with each Mermaid text as a picture beside it: the site runs no script of another host for that."""

    def picture(match: re.Match[str]) -> str:
        name = f"picture-of-{match[1]}.svg"
        (folder / name).write_text(draw(match[2]), encoding="utf-8")
        return f"![What of {match[1]} uses what]({name})\n"

    return _PICTURE.sub(picture, text)


def read_otherwise(text: str) -> list[str]:
    """What the site would show otherwise than a reader of CommonMark does, such as GitHub; a sentence each.

    Zensical reads lists by Python-Markdown's rules: what belongs to an item is indented by four.
    """
    found = []
    for number, (here, there) in enumerate(zip(_blocks(_commonmark(text)), _blocks(_as_site(text)), strict=False), 1):
        if here != there:
            found.append(f"block {number} is {here} for CommonMark and {there} for the site.")
            break
    return found


def _commonmark(text: str) -> str:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table").render(text)


def _as_site(text: str) -> str:
    import markdown

    return markdown.markdown(text, extensions=["tables", "pymdownx.superfences", "sane_lists"])


class _Blocks(HTMLParser):
    """The blocks of a page in their order, with the words that stand in each."""

    # No paragraphs: by them alone do tight lists differ from loose ones.
    _NAMES: Final = frozenset({"h1", "h2", "h3", "h4", "li", "ol", "ul", "pre", "table", "tr", "blockquote"})

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._NAMES:
            self.blocks.append([f"<{tag}> "])

    def handle_data(self, data: str) -> None:
        if self.blocks:
            self.blocks[-1].append(data)


def _blocks(html: str) -> list[str]:
    parser = _Blocks()
    parser.feed(html)
    return [" ".join("".join(block).split())[:_SHOWN] for block in parser.blocks]


class Page(HTMLParser):
    """What a page has its reader's browser fetch by itself, where its links lead, and where links to it may lead."""

    _FETCHED: Final[Mapping[str, str]] = {**dict.fromkeys(("script", "img", "iframe", "source"), "src"), "link": "href"}
    _NOT_FETCHED: Final = frozenset({"canonical", "next", "prev", "alternate"})  # by `rel`

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.anchors |= {values.get("id", ""), values.get("name", "")}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        url = values.get(self._FETCHED.get(tag, ""), "")
        if url and not (tag == "link" and values.get("rel") in self._NOT_FETCHED):
            self.fetched.append(url)


def read_page(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def lost(site: Path, pages: Mapping[str, Page]) -> Iterator[str]:
    """A sentence for each link and picture that leads to nothing. Zensical looks at links between documents alone."""
    for name, page in pages.items():
        for url in [*page.links, *page.fetched]:
            parts = urlsplit(url)
            if parts.scheme or parts.netloc or name == _FOR_ANY_ADDRESS:
                continue
            path = _led_to(site, name, unquote(parts.path))
            other = pages.get(path)
            if not (site / path).is_file():
                yield f"{name}: {url} leads to nothing."
            elif other is not None and unquote(parts.fragment) not in other.anchors | {""}:
                yield f"{name}: {url} leads to no place on that page."


def _led_to(site: Path, page: str, path: str) -> str:
    """The file of the site that a link of a page leads to."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page
    return posixpath.join(target, "index.html") if (site / target).is_dir() else target


def foreign(site: Path, pages: Mapping[str, Page]) -> Iterator[str]:
    """A sentence for each thing that a page or a style sheet takes from another host."""
    fetched = [(name, page.fetched) for name, page in pages.items()]
    for path in sorted([*site.rglob("*.css"), *site.rglob("*.svg")]):
        urls = re.findall(r"(?:url\(|@import )[\"']?([^\"')]+)", path.read_text(encoding="utf-8"))
        fetched.append((path.relative_to(site).as_posix(), urls))
    for name, urls in fetched:
        for url in urls:
            if re.match(r"(?:https?:)?//", url):
                yield f"{name} takes {url} from another host."


def _svg(source: str) -> str:
    import mermaidx

    return str(mermaidx.render(source).svg())


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else OUTPUT
    try:
        site = build(folder, _svg)
    except Amiss as error:
        sys.exit(str(error))
    print(f"Written: {site / 'index.html'}")


if __name__ == "__main__":
    main()
