"""The documents as a site: built without a warning, with all documents in it, and nothing that leads to nothing."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests import docs_site
from tests.conftest import unavailable
from tests.docs_site import ROOT, Page, foreign, lost

PYTHON = ROOT / ".venv-docs" / "bin" / "python"
PATHS = ("for-supporters", "for-staff", "for-reviewers", "for-installers")


def in_docs_environment(*words: str) -> subprocess.CompletedProcess[str]:
    if not PYTHON.exists():
        unavailable("no .venv-docs: `make docs` makes it")
    return subprocess.run([PYTHON, *words], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    done = in_docs_environment("-m", "tests.docs_site", str(tmp_path / "site"))
    assert done.returncode == 0, done.stderr
    for name in ("index.html", "docs/for-supporters.html", "docs/decisions/index.html", "deploy/systemd/index.html"):
        assert (tmp_path / "site" / "site" / name).is_file(), name
    architecture = (tmp_path / "site" / "site" / "docs" / "architecture.html").read_text(encoding="utf-8")
    assert "picture-of-floors.svg" in architecture
    assert "flowchart TD" not in architecture


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "is_alike"),
    [
        ("1. one\n\n    more of it\n\n2. two\n", True),
        ("1. one\n\n   more of it\n\n2. two\n", False),  # three blanks do for CommonMark
        ("1. one\n\n    more of it\n2. two\n", False),  # no empty line before the item
        ("| a | b |\n|---|---|\n| c | d |\n## Heading\n", False),
    ],
)
def test_what_the_site_would_show_otherwise_is_found(text: str, is_alike: bool) -> None:
    done = in_docs_environment("-c", f"from tests.docs_site import read_otherwise; print(read_otherwise({text!r}))")
    assert (done.stdout.strip() == "[]") == is_alike, done.stdout + done.stderr


def written(site: Path, **pages: str) -> dict[str, Page]:
    read = {}
    for name, html in pages.items():
        path = site / f"{name}.html"
        path.write_text(html)
        read[path.name] = docs_site.read_page(path)
    return read


def test_what_leads_to_nothing_is_found(tmp_path: Path) -> None:
    (tmp_path / "there.png").touch()
    pages = written(
        tmp_path,
        a='<h2 id="x"></h2><a href="b.html#y"></a><a href="b.html#z"></a><a href="c.html"></a><a href="#x"></a>'
        '<img src="there.png"><img src="away.png"><a href="https://example.org/none"></a><a href="mailto:a@b.example">',
        b='<p id="y"></p>',
    )
    assert list(lost(tmp_path, pages)) == [
        "a.html: b.html#z leads to no place on that page.",
        "a.html: c.html leads to nothing.",
        "a.html: away.png leads to nothing.",
    ]


def test_what_is_taken_from_another_host_is_found(tmp_path: Path) -> None:
    (tmp_path / "site.css").write_text("@import 'https://fonts.example.org/a.css'; a { background: url(there.png) }")
    pages = written(
        tmp_path,
        a='<script src="//cdn.example.org/a.js"></script><link rel="stylesheet" href="site.css">'
        '<link rel="canonical" href="https://example.org/a"><a href="https://example.org/b"></a>',
    )
    assert list(foreign(tmp_path, pages)) == [
        "a.html takes //cdn.example.org/a.js from another host.",
        "site.css takes https://fonts.example.org/a.css from another host.",
    ]


def pages_in(nav: Any) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    entries = nav.values() if isinstance(nav, dict) else nav
    found: list[str] = []
    for entry in entries:
        found += pages_in(entry)
    return found


def test_every_document_has_its_place_in_the_navigation_once() -> None:
    with (ROOT / "docs" / "zensical.toml").open("rb") as file:
        nav = pages_in(tomllib.load(file)["project"]["nav"])
    documents = [f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))]
    assert sorted(name for name in nav if name.startswith("docs/") and name.count("/") == 1) == documents
    assert len(nav) == len(set(nav))


@pytest.mark.parametrize("name", PATHS)
def test_each_of_the_four_has_a_path_that_begins_in_the_readme(name: str) -> None:
    assert f"](docs/{name}.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
