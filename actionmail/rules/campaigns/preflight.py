"""What should be right before letters go out: the sender's domain, the mail server, the roster's age.

What the DNS says is judged here and asked elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from actionmail.rules.actions.confirmation import ASKED, OFF
from actionmail.rules.roster.seats import age_alarm
from actionmail.rules.wording import and_join

AskTxt = Callable[[str], Sequence[str]]  # the TXT records of a name, none where there are none


class NoAnswer(Exception):
    """The DNS did not answer; `str()` says why, in a few words."""


class Standing(StrEnum):
    WELL = "well"
    AMISS = "amiss"
    UNKNOWN = "not known"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at. `to_do` is "" where nothing is to be done."""

    what: str
    standing: Standing
    sentence: str
    to_do: str = ""


NOT_ASKED: Final = "The DNS was not asked: this installation is set to reach nothing but this machine."


def look_at_domain(domain: str, selectors: Sequence[str], ask: AskTxt | None) -> Iterator[Finding]:
    """SPF, DKIM under each of `selectors`, and DMARC of the domain that letters come from."""
    if ask is None:
        for what in ("SPF", "DKIM", "DMARC"):
            yield Finding(
                what=what,
                standing=Standing.UNKNOWN,
                sentence=NOT_ASKED,
                to_do=f"Before real letters go out, look at this page where the DNS can be asked about {domain}.",
            )
        return
    yield _tried("SPF", domain, lambda: _spf(domain, ask(domain)))
    if not selectors:
        yield Finding(
            what="DKIM",
            standing=Standing.UNKNOWN,
            sentence="The worker signs with no key of its own (ACTIONMAIL_DKIM), so the mail server has to sign.",
            to_do="Send yourself a test and look for dkim=pass in its headers.",
        )
    for selector in selectors:
        name = f"{selector}._domainkey.{domain}"
        yield _tried("DKIM", domain, lambda name=name: _dkim(name, ask(name)))  # type: ignore[misc]
    yield _tried("DMARC", domain, lambda: _dmarc(domain, ask))


def _tried(what: str, domain: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except NoAnswer as error:
        return Finding(
            what=what,
            standing=Standing.UNKNOWN,
            sentence=f"The DNS gave no answer about {domain}: {error}",
            to_do="Open this page again in a minute. If it stays so, ask whoever keeps the domain.",
        )


def _spf(domain: str, records: Sequence[str]) -> Finding:
    found = [record for record in records if record.lower().split(" ")[0] == "v=spf1"]
    if len(found) != 1:
        said = "no SPF record" if not found else f"{len(found)} SPF records, which counts as a fault (RFC 7208 4.5)"
        return Finding(
            what="SPF",
            standing=Standing.AMISS,
            sentence=f"{domain} has {said}.",
            to_do=f"Let {domain} have exactly one TXT record that begins with v=spf1 and names your mail server.",
        )
    end = found[0].lower().split()[-1]
    if end in {"+all", "all", "?all"}:
        return Finding(
            what="SPF",
            standing=Standing.AMISS,
            sentence=f"The SPF record of {domain} ends in {end}: it lets everybody send in its name.",
            to_do="Let it end in ~all or -all.",
        )
    return Finding(
        what="SPF",
        standing=Standing.WELL,
        sentence=f"{domain} says: {found[0]}. Whether it names your mail server, a test letter tells (spf=pass).",
    )


def _dkim(name: str, records: Sequence[str]) -> Finding:
    keys = [record for record in records if "p=" in record.replace(" ", "")]
    if keys and _tag(keys[0], "p"):
        return Finding(what="DKIM", standing=Standing.WELL, sentence=f"The key is published at {name}.")
    return Finding(
        what="DKIM",
        standing=Standing.AMISS,
        sentence=f"The key at {name} is withdrawn." if keys else f"There is no key at {name}.",
        to_do="Publish the TXT record that `actionmail worker` prints when it starts.",
    )


def _dmarc(domain: str, ask: AskTxt) -> Finding:
    """The record of the domain or of the nearest one above it."""
    labels = domain.split(".")
    for start in range(len(labels) - 1):
        above = ".".join(labels[start:])
        found = [record for record in ask(f"_dmarc.{above}") if _tag(record, "v") == "DMARC1"]
        if len(found) == 1 and (policy := _tag(found[0], "p").lower()) in {"none", "quarantine", "reject"}:
            return Finding(what="DMARC", standing=Standing.WELL, sentence=f"{above} has the policy {policy}.")
        if found:
            return Finding(
                what="DMARC",
                standing=Standing.AMISS,
                sentence=f"The DMARC record of {above} cannot be used: {found[0]}",
                to_do=f"Let _dmarc.{above} have exactly one record such as: v=DMARC1; p=quarantine",
            )
    return Finding(
        what="DMARC",
        standing=Standing.AMISS,
        sentence=f"{domain} has no DMARC record; large mail systems take less from such domains.",
        to_do=f"Publish a TXT record at _dmarc.{domain}, to begin with: v=DMARC1; p=none",
    )


def _tag(record: str, name: str) -> str:
    for part in record.split(";"):
        key, _, value = part.partition("=")
        if key.strip() == name:
            return value.strip()
    return ""


def look_at_relay(name: str, trouble: str | None) -> Finding:
    """`name` is "" where no mail server is set; `trouble` is why it does not let us in, None where it does."""
    if not name:
        return Finding(
            what="Mail server",
            standing=Standing.AMISS,
            sentence="No mail server is set for the web process.",
            to_do="Set ACTIONMAIL_SMTP_URL for it too.",
        )
    if trouble:
        return Finding(
            what="Mail server",
            standing=Standing.AMISS,
            sentence=f"{name}: {trouble}",
            to_do="Letters wait in the queue until it lets us in. Tell whoever keeps it.",
        )
    return Finding(what="Mail server", standing=Standing.WELL, sentence=f"{name} lets us in.")


def look_at_confirmation(settings: Mapping[str, str]) -> Finding:
    """Who could write in somebody else's name. `settings` are the campaigns that are or will be open, each by its name
    in the address, with whom it asks to confirm by mail.
    """
    unasked = sorted(slug for slug, confirm in settings.items() if confirm == OFF)
    what = "Supporters' addresses"
    if unasked:
        return Finding(
            what=what,
            standing=Standing.AMISS,
            sentence=(
                f"{and_join(unasked)} {'asks' if len(unasked) == 1 else 'ask'} nobody to confirm by mail. A letter "
                "goes out whoever typed the address: somebody can write in another person's name, and the office's "
                "answer goes to the address that was typed."
            ),
            to_do="Under the campaign's details, let addresses that never confirmed before be asked.",
        )
    if not settings:
        return Finding(
            what=what,
            standing=Standing.UNKNOWN,
            sentence="No campaign is being written, scheduled or live.",
            to_do="Choose under a campaign's details who has to confirm by mail: best is whoever never did before.",
        )
    said = [f"{slug} asks {ASKED[confirm]}" for slug, confirm in sorted(settings.items())]
    return Finding(
        what=what,
        standing=Standing.WELL,
        sentence=f"{and_join(said)} to confirm by mail. A worker has to run for that mail to go out.",
    )


def look_at_roster(as_of: date | None, today: date) -> Finding:
    if alarm := age_alarm(as_of, today):
        return Finding(
            what="Roster", standing=Standing.AMISS, sentence=alarm, to_do="Load a newer one, or ask who runs the site."
        )
    return Finding(what="Roster", standing=Standing.WELL, sentence=f"It is as of {as_of}, fresh enough.")
