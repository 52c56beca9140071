"""What a WSGI server runs: `gunicorn wsgi:application`."""

from actionmail.app import create_app

from actionmail.settings import Settings

application = create_app(Settings.from_env())
