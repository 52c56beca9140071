"""What a web process reads before it can answer: not what only some pages need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LATER = (
    *("PIL", "actionmail.rules.delivery.answer_words", "actionmail.rules.delivery.word_senses", "alembic", "altcha"),
    *("cryptography.fernet", "cryptography.hazmat.primitives.serialization", "cryptography.x509"),
    *("dmarc_report", "dns", "email_validator", "icalendar", "icu4py", "requests", "segno", "shapefile", "shapely"),
    *("smtplib", "statistics", "uharfbuzz", "webauthn", "yaml"),
)


def test_a_web_process_starts_without_the_libraries_of_some_pages(tmp_path: Path) -> None:
    program = (
        "import gc, sys; looked = lambda: gc.get_stats()[2]['collections']; before = looked();"
        "import wsgi; after = looked();"
        f"print(*(name for name in {LATER!r} if name in sys.modules), wsgi.application.name,"
        "gc.isenabled(), after - before)"
    )
    # The collector looked at nothing that came to stay.
    assert _said(program, tmp_path) == ["actionmail", "True", "0"]


def test_what_a_crowd_sees_is_made_before_anybody_comes(tmp_path: Path) -> None:
    """A process that made it of the first visitors' time would answer nobody meanwhile, `/healthz` neither."""
    program = (
        "import wsgi; environment = wsgi.application.jinja_env; loader = environment.loader; load = loader.load;"
        "loader.load = lambda *args, **options: print(args[1]) or load(*args, **options);"
        "names = ('supporter/who.html', 'supporter/letter.html', 'supporter/receipt.html', 'staff/sign_in.html');"
        "[environment.get_template(name) for name in names]"
    )
    assert _said(program, tmp_path) == ["staff/sign_in.html"]  # what few see may wait


def _said(program: str, folder: Path) -> list[str]:
    """The words that a fresh Python says, with settings for a web process."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ACTIONMAIL_")},
        "ACTIONMAIL_DATABASE_URL": f"sqlite:///{folder}/actionmail.sqlite3",
        "ACTIONMAIL_SECRET_KEY": "x" * 40,
        "ACTIONMAIL_BASE_URL": "http://127.0.0.1:8000",
        "ACTIONMAIL_FROM_ADDRESS": "letters@act.example.org",
        "ACTIONMAIL_LOOPBACK_ONLY": "1",
    }
    root = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=root, check=True, capture_output=True, text=True
    )
    return done.stdout.split()
