"""What Jinja made of a template is kept beside it, and made anew once the template or the program is another."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from actionmail.web.platform import templates
from actionmail.web.platform.templates import KeptTemplates

NAME = "page.html"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / NAME).write_text("Hello {{ name }}")
    return tmp_path


@pytest.fixture(autouse=True)
def may_keep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def started(folder: Path) -> tuple[str, list[str]]:
    """What a fresh process makes of the page, and which templates it had to compile for it."""
    environment = Environment(loader=FileSystemLoader(folder), bytecode_cache=KeptTemplates(folder), autoescape=True)
    compiled: list[str] = []
    compile_: Callable[..., object] = environment.compile

    def compile_and_tell(source: str, name: str, *rest: object) -> object:
        compiled.append(name)
        return compile_(source, name, *rest)

    environment.compile = compile_and_tell  # type: ignore[assignment]
    return environment.get_template(NAME).render(name="<Mai>"), compiled


def test_a_second_start_compiles_nothing(folder: Path) -> None:
    assert started(folder) == ("Hello &lt;Mai&gt;", [NAME])
    assert started(folder) == ("Hello &lt;Mai&gt;", [])


def test_a_template_that_was_changed_is_compiled_again(folder: Path) -> None:
    started(folder)
    (folder / NAME).write_text("Good day {{ name }}")
    assert started(folder) == ("Good day &lt;Mai&gt;", [NAME])


def test_another_version_of_the_program_compiles_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started(folder)
    monkeypatch.setattr(templates, "_NAMES", "actionmail-99.0-jinja-99.0-%s.cache")
    assert started(folder) == ("Hello &lt;Mai&gt;", [NAME])


def test_nothing_is_kept_where_python_keeps_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert started(folder) == started(folder) == ("Hello &lt;Mai&gt;", [NAME])
    assert [path.name for path in folder.iterdir()] == [NAME]


def test_a_folder_that_cannot_be_written_is_no_trouble(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, **options: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert started(folder) == started(folder) == ("Hello &lt;Mai&gt;", [NAME])
