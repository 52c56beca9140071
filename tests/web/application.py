"""The application as `create_app` puts it together, without doing again for each test what never differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import CodeType
from typing import ClassVar

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

from actionmail.app import Application, create_app
from actionmail.db.engine import Database
from actionmail.db.replica import LargeReads
from actionmail.flows.campaigns.in_force import CampaignsInForce
from actionmail.settings import Settings
from tests.samples import LIGHT_HASHER


class _Compiled(BytecodeCache):
    """Templates compiled once for all applications of this process; one that has changed is compiled anew."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._code[bucket.key, bucket.checksum] = bucket.code


_COMPILED = _Compiled()
_Build = Callable[..., tuple[str, str]]


class _Rule(Rule):
    """Werkzeug compiles two functions for each of some ninety addresses; here once for all applications."""

    _built: ClassVar[dict[tuple[object, ...], _Build]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> _Build:
        key = (self.rule, self.subdomain, repr(self.defaults), append_unknown)
        if key not in self._built:
            self._built[key] = super()._compile_builder(append_unknown)
        return self._built[key]


class _Application(Application):
    url_rule_class = _Rule


def open_app(settings: Settings) -> Flask:
    """The application; passwords cost next to nothing in it. Raises SettingsError, as `create_app` does."""
    app = create_app(settings, application=_Application)
    app.jinja_env.bytecode_cache = _COMPILED
    app.extensions["actionmail"] = replace(app.extensions["actionmail"], hasher=LIGHT_HASHER)
    return app


def on(database: Database, app: Flask) -> Flask:
    """Let it use the connections of the test itself: what SQLAlchemy compiled for one of them serves both."""
    app.extensions["actionmail"].database.engine.dispose()
    app.extensions["actionmail"] = replace(
        app.extensions["actionmail"],
        database=database,
        large_reads=LargeReads(database),
        campaigns=CampaignsInForce(database),
    )
    return app
