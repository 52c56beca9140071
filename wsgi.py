"""What a WSGI server runs: `gunicorn wsgi:application`."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def _application() -> Flask:
    """What comes with it is imported here, when the garbage collector rests: next to nothing of it is thrown away."""
    from actionmail.app import create_app
    from actionmail.settings import Settings
    from actionmail.settings_names import sentence_of_unknown, unknown_names
    from actionmail.settings_reading import SettingsError, load_config
    from actionmail.web.platform.templates import read_supporters_templates

    try:
        load_config(os.environ)
        for unknown in unknown_names(os.environ):
            print(f"Warning: {sentence_of_unknown(unknown)}", file=sys.stderr)
        application = create_app(Settings.from_env())
        read_supporters_templates(application.jinja_env)
        return application
    except SettingsError as error:
        print(f"ActionMail cannot start: {error}", file=sys.stderr)
        raise SystemExit(3) from None  # gunicorn's own "worker failed to boot": it stops instead of trying for ever


gc.disable()
application = _application()
gc.freeze()  # what was read stays: the collector would walk through the whole ZIP table again and again
gc.enable()
