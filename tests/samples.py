"""Small, obviously fictional rows. Each factory adds and flushes; any column can be named to differ."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, date, datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.messages import FrozenLetter, Message
from actionmail.db.roster import Legislator
from actionmail.flows.actions import search_index
from actionmail.flows.staff import PasswordHash, hash_password
from actionmail.rules.campaigns.kinds.days import week

NOW = datetime(2026, 3, 4, 15, 12, 5, tzinfo=UTC)
# For accounts in tests that are about something else: the real cost is 64 MiB and some 50 ms for each password.
LIGHT_HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def light_hash(password: str = "correct horse battery") -> PasswordHash:
    """A password as an account keeps it, at next to no cost."""
    return hash_password(password, hasher=LIGHT_HASHER)


def sample_campaign(session: Session, **columns: Any) -> Campaign:
    """A live campaign against AB 969 with one letter for both chambers."""
    campaign = Campaign(
        **{
            "slug": "ab969",
            "status": "live",
            "posted_on": date(2026, 3, 2),
            "title": "Keep armed police out of Wisconsin's schools",
            "state": "WI",
            "session": "2021-2022",
            "bill": "AB 969",
            "bill_title": "School safety",
            "position": "oppose",
            "chambers": ["upper", "lower"],
            "summary": "The bill names grounds for putting armed police back in schools.\n\nWe ask for a no.",
            "organisation": "Example Org",
            "privacy_line": "We pass your name, address and letter to your legislators and to nobody else.",
            "notice": "This is a sample.",
            "deadline_at": None,
            "deadline_label": "",
            "timezone": "America/Chicago",
            "goal": None,
            "created_at": NOW,
            "updated_at": NOW,
            **columns,
        }
    )
    session.add(campaign)
    session.flush()
    sample_letter(session, campaign)
    return campaign


def sample_petition(session: Session, **columns: Any) -> Campaign:
    """A live petition to a governor, signed by nobody yet, from anywhere."""
    campaign = Campaign(
        **{
            "slug": "clemency",
            "kind": "petition",
            "status": "live",
            "title": "A second chance after long sentences",
            "state": "NY",
            "session": "",
            "bill": "",
            "bill_title": "",
            "position": "",
            "chambers": [],
            "summary": "The bill would let people ask for clemency and get an answer.",
            "organisation": "Example Justice Network",
            "privacy_line": "We hand your name to the Governor and to nobody else.",
            "posted_on": date(2026, 3, 1),
            "deadline_at": None,
            "timezone": "America/New_York",
            "goal": None,
            "details": {
                "to": "Governor Example",
                "to_title": "Governor of New York",
                "to_address": "State Capitol\nAlbany, NY 12224",
                "text": "Let people earn a second chance.",
                "comments": True,
                "public_names": True,
                "only_from_state": False,
            },
            "created_at": NOW,
            "updated_at": NOW,
            **columns,
        }
    )
    session.add(campaign)
    session.flush()
    return campaign


def sample_call(session: Session, **columns: Any) -> Campaign:
    """A live call to one fixed number, Tuesday to Thursday, 11 to 3 Eastern."""
    details = {
        "whom": "number",
        "name": "the comment line",
        "number": "202-456-1111",
        "tty": "202-456-6213",
        "chambers": [],
        "committees": [],
        "script": "My name is ____ from (city, state). Please act.",
        "timezone": "America/New_York",
        "closed": [],
        "hours": [{"days": ["tue", "wed", "thu"], "from": "11:00", "to": "15:00"}],
        **columns.pop("details", {}),
    }
    call = {
        "slug": "comment-line",
        "kind": "call",
        "title": "Call the comment line",
        "state": "",
        "summary": "A call takes two minutes.",
        "privacy_line": "Nobody learns who called.",
        "details": details,
    }
    return sample_petition(session, **{**call, **columns})


def action_day(key: str, on: date, states: list[str], **changes: Any) -> dict[str, Any]:
    """One day as a campaign's details keep it, from noon to one by the clocks of Chicago."""
    noon = {"title": "Teach-in", "from": "12:00", "to": "13:00", "timezone": "America/Chicago", "link": ""}
    day = {"key": key, "date": on.isoformat(), "region": key.capitalize(), "states": states, "host": "Example Group"}
    words = {"link": "https://example.org/join", "text": "Bring a neighbor.", "after": "", "sessions": [noon]}
    return {**day, **words, **changes}


def sample_days(session: Session, *days: dict[str, Any], **columns: Any) -> Campaign:
    """A live week of action around `NOW`, a Wednesday: the East's day is over, the Midwest's is on Friday."""
    listed = days or (
        action_day("east", date(2026, 3, 3), ["NY", "MA"]),
        action_day("midwest", date(2026, 3, 6), ["WI", "MN"]),
        action_day("west", date(2026, 3, 7), ["CA", "HI"]),
    )
    details = week.KIND.remember({}, {"reminders": True, "after": "", "day": list(listed)}, False, NOW)
    texts = {"slug": "week", "kind": "days", "title": "Week of action", "state": "", "timezone": "America/Chicago"}
    words = {"summary": "Every region has a day of its own.", "privacy_line": "For the reminders, and nothing else."}
    return sample_petition(session, **{**texts, **words, "details": details, **columns})


def sample_statement(session: Session, **columns: Any) -> Campaign:
    """A live statement for organisations of the whole country, without a deadline."""
    text = "We, the organisations below, stand with every student."
    return sample_petition(
        session,
        **{
            "slug": "together",
            "kind": "statement",
            "title": "Organisations stand together",
            "state": "",
            "details": {"text": text, "order": "alphabet"},
            **columns,
        },
    )


def sample_organisation(session: Session, campaign: Campaign, name: str, **columns: Any) -> Action:
    """A confirmed signature of an organisation that staff have still to look at."""
    own = {"organisation": name, "website": "https://www.example.org", "city": "Madison", "state": "WI"}
    theirs = {"role": "director", "note": "", "is_another": False}
    return sample_action(
        session, campaign, **{"state": "WI", "details": {**own, **theirs}, "review": "waiting", **columns}
    )


def sample_toolkit(session: Session, details: dict[str, Any], **columns: Any) -> Campaign:
    """A live toolkit for the petition."""
    words = {"slug": "ride", "kind": "toolkit", "title": "Tell others", "details": details, **columns}
    return sample_petition(session, **words)


def sample_letter(session: Session, campaign: Campaign, **columns: Any) -> Letter:
    text = {
        "subjects": ["Oppose AB 969 - a constituent in {{ zip }}"],
        "opening": "{{ salutation }}",
        "body": "I ask you to vote no on AB 969. Students need counsellors and nurses.",
        "closing": "Sincerely,\n{{ supporter_name }}\n{{ zip }}",
    }
    letter = Letter(
        **{
            "campaign_id": campaign.id,
            "name": "everyone",
            "version": 1,
            "place": 1,
            "language": "en",
            "chambers": ["upper", "lower"],
            **text,
            "sha256": hashlib.sha256(repr(text).encode()).hexdigest(),
            "created_at": NOW,
            "retired_at": None,
            **columns,
        }
    )
    session.add(letter)
    session.flush()
    return letter


def sample_legislator(session: Session, **columns: Any) -> Legislator:
    """A sitting member of the Wisconsin State Assembly, District 76."""
    unique = secrets.token_hex(6)
    legislator = Legislator(
        **{
            "key": f"sample/{unique}",
            "state": "WI",
            "chamber": "lower",
            "district": "76",
            "status": "sitting",
            "name": "Lara Sample",
            "given_name": "Lara",
            "family_name": "Sample",
            "party": "Example Party",
            "email": f"rep.sample.{unique}@legis.example",
            "source": "made up",
            "as_of": date(2026, 3, 1),
            "gone_at": None,
            **columns,
        }
    )
    session.add(legislator)
    session.flush()
    return legislator


def sample_legislators(session: Session) -> list[Legislator]:
    """Senate 26, Assembly 76 and 77, one member each."""
    return [
        sample_legislator(session, chamber="upper", district="26", name="Uma Pattern", family_name="Pattern"),
        sample_legislator(session, district="76"),
        sample_legislator(session, district="77", name="Tomas Mould", given_name="Tomas", family_name="Mould"),
    ]


def sample_action(session: Session, campaign: Campaign, **columns: Any) -> Action:
    action = Action(
        **{
            "campaign_id": campaign.id,
            "idempotency_key": secrets.token_urlsafe(32),
            "receipt_token": secrets.token_urlsafe(32),
            "name": "Mai Example",
            "email": "mai@example.org",
            "zip": "53703",
            "city": "Madison",
            "state": campaign.state,
            "lookup": {"method": "choice", "data_version": "sample", "districts": ["upper/26", "lower/76"]},
            "consent_text": "Send this letter in my name.",
            "wants_updates": False,
            "created_at": NOW,
            "cancelled_at": None,
            "erased_at": None,
            **columns,
        }
    )
    session.add(action)
    session.flush()
    return action


def sample_message(session: Session, action: Action, legislator: Legislator, letter: Letter, **columns: Any) -> Message:
    """A queued message, due at once, with its frozen letter."""
    unique = secrets.token_hex(13)
    subject = "Oppose AB 969 - a constituent in 53703"
    raw = (
        f"Date: Wed, 04 Mar 2026 09:12:05 -0600\r\nFrom: Mai Example via Example Org <letters@act.example.org>\r\n"
        f"Reply-To: Mai Example <mai@example.org>\r\nTo: {legislator.name} <{legislator.email}>\r\n"
        f"Subject: {subject}\r\nMessage-ID: <am.{unique}@act.example.org>\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
        f"Dear {legislator.name},\r\n\r\nPlease vote no.\r\n\r\nMai Example\r\n"
    ).encode()
    message = Message(
        **{
            "action_id": action.id,
            "campaign_id": action.campaign_id,
            "legislator_id": legislator.id,
            "letter_id": letter.id,
            "supporter_key": hashlib.sha256(action.email.encode()).hexdigest(),
            "target_name": legislator.name,
            "recipient": legislator.email,
            "domain": legislator.email.rpartition("@")[2],
            "subject": subject,
            "state": "queued",
            "next_attempt_at": NOW,
            "expires_at": NOW + timedelta(hours=96),
            "lease_owner": None,
            "lease_until": None,
            "body_started_at": None,
            "message_id": f"<am.{unique}@act.example.org>",
            "return_path": f"b+{unique}@act.example.org",
            "sha256": hashlib.sha256(raw).hexdigest(),
            "template_version": letter.version,
            "last_code": None,
            "created_at": NOW,
            "updated_at": NOW,
            **columns,
        }
    )
    session.add(message)
    session.flush()
    session.add(FrozenLetter(message_id=message.id, raw=raw))
    session.flush()
    return message


def make_searchable(session: Session, *, limit: int = search_index.AT_ONCE) -> int:
    """As the worker does it, in one transaction; how many actions."""
    return search_index.put(session, search_index.prepare(session, limit=limit))
