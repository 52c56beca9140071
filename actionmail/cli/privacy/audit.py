"""The audit trail, from the command line: read, and checked against its chain."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import click

from actionmail.cli.platform.database import open_database
from actionmail.cli.privacy import words
from actionmail.flows.privacy import audit as trail
from actionmail.flows.privacy import audit_chain
from actionmail.flows.privacy.audit import Entry, Wanted
from actionmail.flows.privacy.audit_chain import Noted
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind
from actionmail.settings import Settings
from actionmail.web.staff import audit_words

_DAYS = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
_NOTED = re.compile(r"([0-9]{1,12}):([0-9a-f]{64})")


@click.group()
def audit() -> None:
    """Who of the staff did what, and whether that record is whole."""


@audit.command("list")
@click.option("--who", default="", metavar="ADDRESS", help="Only what this member of the staff did; a part is enough.")
@click.option(
    "--action", type=click.Choice([action.value for action in AuditAction]), metavar="CODE", help="Only this."
)
@click.option("--object", "about", default="", metavar="KIND[:KEY]", help="Only on this, such as message:12.")
@click.option("--since", type=_DAYS, metavar="DAY", help="Only from this day on (UTC), or 2026-03-04T15:12.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="Entries at most.")
@click.option("--before", type=click.IntRange(1, 2**31 - 1), help="Only entries older than the one of this number.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line, with codes in place of sentences.")
@click.pass_obj
def list_entries(
    settings: Settings,
    /,
    who: str,
    action: str | None,
    about: str,
    since: datetime | None,
    **how: int | bool | None,
) -> None:
    """Show who did what, the newest first: number, time (UTC), who, what."""
    kind, key = _object(about)
    wanted = Wanted(
        who=who,
        action=AuditAction(action) if action else None,
        object_kind=kind,
        object_key=key,
        since=since.replace(tzinfo=UTC) if since else None,
    )
    line = _json if how["as_json"] else _line
    with open_database(settings).read() as session:
        for entry in trail.entries(session, limit=how["limit"] or 50, before=how["before"], wanted=wanted):
            click.echo(line(entry))


@audit.command("verify")
@click.option(
    "--noted", metavar="COUNT:HEAD", help="Also see whether it goes on from what was noted at an earlier time."
)
@click.pass_context
def verify(ctx: click.Context, noted: str | None) -> None:
    """See whether every entry is as it was written. Status 1 where one is not, and which is the first.

    Note what it prints somewhere else: whoever may do everything in the database could write all of the trail anew, and
    only a note kept elsewhere shows that.
    """
    settings: Settings = ctx.obj
    with open_database(settings).snapshot() as session:
        verified = audit_chain.verify(session, _noted(noted) if noted else None)
    click.echo(words.verified(verified))
    if verified.fault is not None:
        ctx.exit(1)


def _object(text: str) -> tuple[ObjectKind | None, str]:
    kind, _, key = text.partition(":")
    if not kind:
        return None, key
    try:
        return ObjectKind(kind), key
    except ValueError:
        kinds = ", ".join(sorted(ObjectKind))
        raise click.UsageError(f"--object begins with one of: {kinds}.") from None


def _noted(text: str) -> Noted:
    parts = _NOTED.fullmatch(text.strip())
    if parts is None:
        raise click.UsageError(
            "--noted is the number of entries and the head, as `audit verify` printed them: 12:9f86…"
        )
    return Noted(count=int(parts[1]), head=parts[2])


def _line(entry: Entry) -> str:
    columns = [audit_words.actor(entry), audit_words.deed(entry), *audit_words.details(entry)]
    return "\t".join([str(entry.id), f"{entry.at:%Y-%m-%d %H:%M:%S}", *columns])


def _json(entry: Entry) -> str:
    values = {
        "number": entry.id,
        "at": entry.at.isoformat(),
        "actor_kind": entry.actor,
        "actor": entry.actor_email,
        "action": entry.action,
        "object_kind": entry.object_kind,
        "object_key": entry.object_key,
        "details": entry.details,
        "words": entry.words,
    }
    return json.dumps(values)
