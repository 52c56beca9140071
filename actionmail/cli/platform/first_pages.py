"""What the first visitors of a process would wait for, made before it listens: the pages of campaigns that are live.

To read a campaign, SQLAlchemy compiles what reads it; to make its page, Jinja and Werkzeug make what all pages share.
In a rush the threads of a process would do so at once, each for itself, and `/healthz` would wait for all of them.
"""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Final

from werkzeug.exceptions import HTTPException

from actionmail.db.engine import TROUBLE
from actionmail.flows.campaigns import reading
from actionmail.rules import speech
from actionmail.web.platform.languages import known_tongues
from actionmail.web.supporter.step import Shut

if TYPE_CHECKING:
    from flask import Flask

    from actionmail.web.platform.context import Services

MOST: Final = 4  # campaigns: one makes what all pages share, and few have a crowd at the same time
PATIENCE_SECONDS: Final = 1.0


def make_first_pages(app: Flask, *, patience: float = PATIENCE_SECONDS) -> None:
    """In a thread of its own: where the database is long in answering, the process listens before it is done."""
    making = Thread(target=_make, args=(app,), daemon=True)
    making.start()
    making.join(patience)


def _make(app: Flask) -> None:
    services: Services = app.extensions["actionmail"]
    try:
        with services.database.read() as db:
            slugs = reading.newest_live(db, limit=MOST)
        for slug in slugs:
            with app.test_request_context(f"/campaigns/{slug}", base_url=services.settings.base_url):
                _visit(app, slug)
    except TROUBLE:
        return  # whoever comes is told


def _visit(app: Flask, slug: str) -> None:
    """The page alone, without what counts requests or tells of them: nobody came. So no hook told the languages."""
    speech.learn(known_tongues())
    try:
        app.view_functions["supporter.who"](slug)
    except (Shut, HTTPException):
        return  # its time is over, or somebody closed it a moment ago
