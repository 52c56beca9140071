"""What a WSGI server runs: `gunicorn wsgi:application`."""

import gc
import os
import sys

from actionmail.app import create_app
from actionmail.settings import Settings
from actionmail.settings_names import sentence_of_unknown, unknown_names
from actionmail.settings_reading import SettingsError, load_config

try:
    load_config(os.environ)
    for unknown in unknown_names(os.environ):
        print(f"Warning: {sentence_of_unknown(unknown)}", file=sys.stderr)
    application = create_app(Settings.from_env())
except SettingsError as error:
    print(f"ActionMail cannot start: {error}", file=sys.stderr)
    raise SystemExit(3) from None  # gunicorn's own "worker failed to boot": it stops instead of trying for ever

gc.freeze()  # what was read stays: the collector would walk through the whole ZIP table again and again
