"""DMARC aggregate reports in a mail: XML, gzipped or zipped, written by strangers.

A library reads what is in an attachment, within bounds of its packed and unpacked size, of records and of texts; it
refuses XML that declares a type or an entity. What is not our domain's is left out. Nothing raises: what cannot be read
is None.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from ipaddress import ip_address
from typing import Final

from dmarc_report.parser import DMARCParser, ParserLimits
from dmarc_report.schema import DMARCResult, Record, Report
from msgspec import Struct

from actionmail.rules.delivery.mail_limits import why_unreasonable

_LARGEST: Final = 2_000_000  # octets of a mail
_MOST_ATTACHMENTS: Final = 3
_MOST_PARTS: Final = 20
_LIMITS: Final = ParserLimits(
    max_input_bytes=_LARGEST,
    max_decompressed_bytes=5_000_000,
    max_zip_members=3,
    max_records=20_000,
    max_dkim_results_per_record=20,
    max_text_bytes=4_000,
)
MOST_SOURCES: Final = 500  # of one report
_MOST_MESSAGES: Final = 10**12
_TYPES: Final = frozenset(
    {
        *("application/gzip", "application/x-gzip", "application/zip", "application/x-zip-compressed"),
        *("text/xml", "application/xml", "application/octet-stream"),
    }
)
_ENDINGS: Final = (".xml", ".gz", ".zip")
_EARLIEST: Final = datetime(2012, 1, 1, tzinfo=UTC)  # DMARC's first year


class Source(Struct, frozen=True, kw_only=True):
    """Mails with our domain in From that came from one address and fared alike."""

    address: str
    by_dkim: bool
    by_spf: bool
    disposition: str


class Aggregate(Struct, frozen=True, kw_only=True):
    """One report, of the mails that said to come from us. `more` are sources beyond `MOST_SOURCES`, left out."""

    reporter: str
    report_id: str
    domain: str
    policy: str
    begins: datetime
    ends: datetime
    sources: tuple[tuple[Source, int], ...]
    more: int = 0


def aggregate_of(raw: bytes, *, domain: str) -> Aggregate | None:
    """The report about `domain` that a mail brings; None where it brings none that can be read."""
    text = raw[:_LARGEST]
    if not domain or why_unreasonable(text):
        return None
    try:
        for attachment in _attachments(message_from_bytes(text, policy=compat32)):
            aggregate = _read(attachment, domain.lower())
            if aggregate is not None:
                return aggregate
    except Exception:  # parsers fed by strangers fail in ways that nobody lists
        return None
    return None


def _attachments(mail: Message) -> Iterator[bytes]:
    count = 0
    for number, part in enumerate(mail.walk()):
        if number >= _MOST_PARTS or count >= _MOST_ATTACHMENTS:
            return
        name = str(part.get_filename() or "").lower()
        if part.get_content_type() not in _TYPES and not name.endswith(_ENDINGS):
            continue
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and content:
            count += 1
            yield content


def _read(attachment: bytes, domain: str) -> Aggregate | None:
    try:
        report = DMARCParser.parse_bytes(attachment, limits=_LIMITS)
    except ValueError:  # what it refuses
        return None
    about = report.policy_published.domain.lower().rstrip(".")
    if domain != about and not domain.endswith(f".{about}"):
        return None
    return _aggregate(report, about, domain)


def _aggregate(report: Report, about: str, domain: str) -> Aggregate | None:
    metadata = report.report_metadata
    begins, ends = metadata.date_range.begin_datetime, metadata.date_range.end_datetime
    if not _EARLIEST <= begins <= ends:
        return None
    counts: Counter[Source] = Counter()
    for record in report.records:
        if 0 < record.count <= _MOST_MESSAGES and _is_ours(record, domain):
            counts[_source(record)] += record.count
    sources = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0].address))
    return Aggregate(
        reporter=_plain(metadata.org_name or metadata.email)[:100] or "?",
        report_id=_plain(metadata.report_id)[:200] or "?",
        domain=about,
        policy=report.policy_published.p.value,
        begins=begins,
        ends=ends,
        sources=tuple(sources[:MOST_SOURCES]),
        more=max(len(sources) - MOST_SOURCES, 0),
    )


def _is_ours(record: Record, domain: str) -> bool:
    sender = str(record.identifiers.header_from).lower().rstrip(".")
    return sender == domain or sender.endswith(f".{domain}")


def _source(record: Record) -> Source:
    judged = record.policy_evaluated
    return Source(
        address=str(ip_address(record.source_ip.strip()))[:45],
        by_dkim=judged.dkim is DMARCResult.PASS,
        by_spf=judged.spf is DMARCResult.PASS,
        disposition=judged.disposition.value,
    )


def _plain(text: str) -> str:
    """One line of what can be seen."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())
