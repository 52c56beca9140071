"""Letters for spam filters, frozen as every letter is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from actionmail.rules.campaigns.filtering import FREE_MAIL_SUPPORTER
from actionmail.rules.delivery.envelope import Parts, freeze

LONG: Final = """Dear Representative Sample,

I live in your district, and I ask you to vote against AB 969. It would make it easier to deport people who came here as
children and have lived among us for decades. My family came from Cambodia, and we are part of this town.

Please stand with us and vote no.

Sincerely,
Mai Example
12 Sample Street
Springfield 12345"""
KHMER: Final = "ខ្ញុំសូមស្នើឱ្យលោកស្រីបោះឆ្នោតប្រឆាំងនឹងច្បាប់ AB 969 ដែលធ្វើឱ្យគ្រួសាររបស់យើងត្រូវបានបំបែក។ " * 4


def trial_letter(**changes: Any) -> bytes:
    """A plain letter of a supporter with a free-mail address, or with some of it changed."""
    parts = {
        "organisation": "Example Org",
        "from_address": "letters@act.example.org",
        "supporter_name": "Mai Example",
        "supporter_email": FREE_MAIL_SUPPORTER,
        "recipient_name": "Rep. Lara Sample",
        "recipient": "rep.sample@legis.example",
        "subject": "Oppose AB 969 - a constituent in 12345",
        "text": LONG,
        "message_id": "<am.0123456789abcdef0123456789@act.example.org>",
        "date": datetime.now(UTC),
        "verify_url": "https://act.example.org/v/abcdefghijklmnopqrstuvwxyz",
    }
    return freeze(Parts(**{**parts, **changes}))
