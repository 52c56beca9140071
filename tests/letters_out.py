"""A letter in the queue, and the commands that send it and read what comes back, each as a program of its own."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from actionmail.db.engine import Database
from actionmail.db.messages import FrozenLetter, Message
from actionmail.rules.delivery.envelope import Parts, freeze
from actionmail.rules.delivery.tokens import new_message_id, verp_address
from tests.samples import sample_action, sample_campaign, sample_legislator, sample_message

SECRET: Final = "0123456789abcdef" * 4
NAME: Final = "សុខា វណ្ណា Example"
KEY: Final = "khmer0123456789abcdef01234"
RETURN_PATH: Final = verp_address(KEY, SECRET, "act.example.org")


def environment(url: str, port: int) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "ACTIONMAIL_DATABASE_URL": url,
        "ACTIONMAIL_SECRET_KEY": SECRET,
        "ACTIONMAIL_BASE_URL": "http://127.0.0.1:8000",
        "ACTIONMAIL_ORGANISATION": "Example Org",
        "ACTIONMAIL_FROM_ADDRESS": "letters@act.example.org",
        "ACTIONMAIL_SMTP_URL": f"smtp://127.0.0.1:{port}",
        "ACTIONMAIL_LOOPBACK_ONLY": "1",
    }


def actionmail(*arguments: str, env: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "actionmail.cli", *arguments],
        env=env,
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def queue_letter(database: Database, recipient: str = "nobody.here@legis.example") -> int:
    """A letter of a supporter with a Khmer name, frozen as the action page freezes it."""
    now = datetime.now(UTC)
    with database.write() as session:
        campaign = sample_campaign(session)
        legislator = sample_legislator(session, email=recipient)
        action = sample_action(session, campaign, name=NAME, email="mai@example.org", created_at=now)
        message_id = new_message_id(KEY, "act.example.org")
        parts = Parts(
            organisation="Example Org",
            from_address="letters@act.example.org",
            supporter_name=NAME,
            supporter_email="mai@example.org",
            recipient_name="Representative Lara Sample",
            recipient=recipient,
            subject="Oppose AB 969 - a constituent in 53703",
            text=f"Dear Representative Sample,\n\nខ្ញុំសូមស្នើឱ្យលោកស្រីបោះឆ្នោតប្រឆាំង។\n\nSincerely,\n{NAME}",
            message_id=message_id,
            date=now,
            verify_url="http://127.0.0.1:8000/v/x",
        )
        raw = freeze(parts)
        message = sample_message(
            session,
            action,
            legislator,
            campaign.letters[0],
            message_id=message_id,
            return_path=RETURN_PATH,
            recipient=recipient,
            created_at=now,
            updated_at=now,
            next_attempt_at=now - timedelta(seconds=1),
            expires_at=now + timedelta(hours=96),
        )
        session.get_one(FrozenLetter, message.id).raw = raw
        message.sha256 = hashlib.sha256(raw).hexdigest()
        return message.id


def state_of(database: Database, id_: int) -> str:
    with database.read() as session:
        return session.get_one(Message, id_).state
