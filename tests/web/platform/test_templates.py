"""What templates call gets what it asks for."""

from __future__ import annotations

from typing import Any

from flask import Flask
from jinja2 import Environment as JinjaEnvironment
from jinja2 import pass_context, pass_environment, pass_eval_context

from actionmail.web.platform.templates import SharingEnvironment

_SOURCE = """
{% macro twice(text, more="") %}{{ text }}{{ text }}{{ more }}{{ varargs|join }}{% if caller %}{{ caller() }}{% endif %}
{% endmacro %}
{% block main %}{% set inner = "in" %}{{ twice("<a>") }} {{ twice("b", "c", "d") }} {% call twice("e") %}f{% endcall %}
{{ plain(1, two=2) }} {{ of_context("who") }} {{ of_environment() }} {{ of_eval() }} {{ thing.said() }} {{ thing() }}
{% for one in [1, 2] %}
{% set loop_own = one %}{{ plain(one, two=loop.index) }}{{ of_context("loop_own") }}{{ twice(one) }}
{% endfor %}
{% endblock %}"""


class _Thing:
    def __init__(self, name: str) -> None:
        self.name = name

    def said(self) -> str:
        return f"says {self.name}"

    @pass_context
    def __call__(self, context: Any) -> str:
        return f"{self.name} knows {context['who']}"


def _plain(one: int, *, two: int) -> str:
    return f"<{one} {two}>"


@pass_context
def _of_context(context: Any, name: str) -> str:
    return str(context.get(name))


@pass_environment
def _of_environment(environment: Any) -> bool:
    return bool(environment.trim_blocks)


@pass_eval_context
def _of_eval(context: Any) -> bool:
    return bool(context.autoescape)


def test_pages_are_what_jinja_itself_makes(site: Flask) -> None:
    called = {"plain": _plain, "of_context": _of_context, "of_environment": _of_environment, "of_eval": _of_eval}
    pages = []
    for environment in (SharingEnvironment(site), JinjaEnvironment()):
        environment.autoescape = True
        pages.append(environment.from_string(_SOURCE).render(who="Mai", thing=_Thing("x"), **called))
    assert pages[0] == pages[1]
    assert "&lt;1 2&gt; Mai False True says x x knows Mai" in pages[0]


def test_pages_of_the_site_are_filled_by_it(site: Flask) -> None:
    assert isinstance(site.jinja_env, SharingEnvironment)
