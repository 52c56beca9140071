"""Fill a page's form as a browser without JavaScript does, for the demo's letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

_TIMEOUT_SECONDS = 30


class WalkError(RuntimeError):
    """The pages led somewhere else than to the receipt; `str()` says where and what stood there."""


@dataclass
class Control:
    """One input, textarea or button. `label` is the text of its <label>."""

    name: str
    kind: str
    value: str = ""
    checked: bool = False
    label: str = ""


@dataclass
class Form:
    action: str
    method: str
    controls: list[Control] = field(default_factory=list)

    def filled(self, answers: Mapping[str, str]) -> dict[str, str]:
        """What a browser would send: the form's own values, the answers in their place, the first button pressed."""
        sent: dict[str, str] = {}
        pressed = False
        for control in self.controls:
            if control.kind == "submit":
                if control.name and not pressed:
                    sent[control.name] = control.value
                pressed = True
            elif control.name and (control.kind not in {"radio", "checkbox"} or control.checked):
                sent[control.name] = control.value
        unknown = set(answers) - {control.name for control in self.controls}
        if unknown:
            raise WalkError(f"the form has no field {', '.join(sorted(unknown))}")
        return sent | dict(answers)

    def choices(self, kind: str) -> dict[str, list[Control]]:
        """The radio buttons or check boxes by name, in their order."""
        by_name: dict[str, list[Control]] = {}
        for control in self.controls:
            if control.kind == kind:
                by_name.setdefault(control.name, []).append(control)
        return by_name


class Page(HTMLParser):
    """A fetched page: its address, its forms, its words."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__()
        self.url = response.url
        self.status = response.status_code
        self.title = ""
        self.words: list[str] = []
        self.forms: list[Form] = []
        self._by_id: dict[str, Control] = {}
        self._label_of: dict[str, str] = {}
        self._text_of: Control | None = None
        self._label: str | None = None
        self._in = ""
        self.feed(response.text)
        for control_id, text in self._label_of.items():
            if control_id in self._by_id:
                self._by_id[control_id].label = " ".join(text.split())

    def form(self) -> Form:
        """The page's own form: its first that is posted. Raises WalkError."""
        for form in self.forms:
            if form.method == "post":
                return form
        raise WalkError(f"no form at {self.url} (status {self.status}): {self.excerpt()}")

    def excerpt(self) -> str:
        return " ".join(" ".join(self.words).split())[:600]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = {name: value or "" for name, value in attrs}
        if tag in {"title", "script", "style"}:
            self._in = tag
        elif tag == "form":
            self.forms.append(Form(urljoin(self.url, got.get("action") or self.url), got.get("method", "get").lower()))
        elif tag == "label":
            self._label = got.get("for", "")
        elif self.forms and tag in {"input", "textarea", "button"}:
            default = {"input": "text", "textarea": "textarea", "button": "submit"}[tag]
            kind = got.get("type", default)
            default_value = "on" if kind in {"radio", "checkbox"} else ""
            control = Control(got.get("name", ""), kind, got.get("value", default_value), "checked" in got)
            self.forms[-1].controls.append(control)
            if "id" in got:
                self._by_id[got["id"]] = control
            if tag == "textarea":
                self._text_of = control

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._text_of:
            self._text_of.value = self._text_of.value.removeprefix("\n")
            self._text_of = None
        elif tag == "label":
            self._label = None
        elif tag == self._in:
            self._in = ""

    def handle_data(self, data: str) -> None:
        if self._text_of:
            self._text_of.value += data
        elif self._in == "title":
            self.title += data
        elif not self._in:
            self.words.append(data)
        if self._label:
            self._label_of[self._label] = self._label_of.get(self._label, "") + data


class Browser:
    """A session with cookies that knows no proxy, so that it reaches nothing but the site it is given."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False

    def get(self, url: str) -> Page:
        return Page(self._session.get(url, timeout=_TIMEOUT_SECONDS))

    def submit(self, page: Page, answers: Mapping[str, str]) -> Page:
        form = page.form()
        return Page(
            self._session.post(
                form.action, data=form.filled(answers), headers={"Referer": page.url}, timeout=_TIMEOUT_SECONDS
            )
        )
