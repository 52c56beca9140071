"""What should be right before letters go out: the sender's domain, the mail server, the roster's age.

What the DNS says is judged here and asked elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import partial
from ipaddress import ip_address
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct

from actionmail.rules.actions.confirmation import OFF
from actionmail.rules.campaigns.filtering import Advice, FilterFault, Score, Scored, Trial, signs
from actionmail.rules.campaigns.problems import Problem
from actionmail.rules.delivery.dkim_keys import is_published
from actionmail.rules.delivery.spf import policies_in
from actionmail.settings import Settings, is_loopback

AskTxt = Callable[[str], Sequence[str]]  # the TXT records of a name, none where there are none
AskNames = Callable[[str], Sequence[tuple[str, Sequence[str]]]]  # the addresses of a host, each with its names


class NoAnswer(Exception):
    """The DNS did not answer; `str()` says why, in a few words."""


_NAMED: Final = 5  # of those of whom something is missing


class Verdict(StrEnum):
    WELL = "well"
    AMISS = "amiss"
    UNKNOWN = "unknown"


class Looked(StrEnum):
    """At what."""

    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"
    RELAY = "relay"
    POINTER = "pointer"  # of the mail server's address
    LETTERS = "letters"  # as a spam filter sees them
    ADDRESSES = "addresses"  # of supporters: who has to confirm them by mail
    ROSTER = "roster"
    TARGETS = "targets"  # whom letters reach
    CALLS = "calls"
    PACE = "pace"  # of letters to one legislator, against the goal and the deadline


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that was looked at. The doors have words for what was found, and for what is to be done then."""

    what: Looked
    verdict: Verdict
    problem: Problem


def _found(what: Looked, verdict: Verdict, code: str, **values: Any) -> Finding:
    return Finding(what=what, verdict=verdict, problem=Problem(f"preflight.{code}", values))


def look_at_sender(
    settings: Settings, *, ask_txt: AskTxt | None, ask_names: AskNames | None, records: Mapping[str, str]
) -> Iterator[Finding]:
    """What the DNS says of the domain that letters come from, and of the mail server's address.

    `records` as `look_at_domain` has them: those of the keys that sign now. Of letters that go straight to the domains
    `doctor` looks at this machine's own name.
    """
    yield from look_at_domain(settings.mail_domain, [*settings.dkim_selectors, *records], ask_txt, records=records)
    relay = settings.relay
    if relay is not None and not relay.is_direct:
        yield look_at_pointer(relay.host, ask_names, is_here=is_loopback(relay.host))


def look_at_domain(
    domain: str, selectors: Sequence[str], ask: AskTxt | None, *, records: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Finding]:
    """SPF, DKIM under each of `selectors`, and DMARC of the domain that letters come from.

    `records` are what the DNS has to say under a selector, where that is known.
    """
    if ask is None:
        for what in (Looked.SPF, Looked.DKIM, Looked.DMARC):
            yield _found(what, Verdict.UNKNOWN, "dns-not-asked", domain=domain)
        return
    yield _tried(Looked.SPF, domain, lambda: _spf(domain, ask(domain)))
    if not selectors:
        yield _found(Looked.DKIM, Verdict.UNKNOWN, "dkim-no-key-of-ours")
    for selector in selectors:
        name = f"{selector}._domainkey.{domain}"
        yield _tried(Looked.DKIM, domain, partial(_dkim_at, name, records.get(selector, ""), ask))
    yield _tried(Looked.DMARC, domain, lambda: _dmarc(domain, ask))


def _tried(what: Looked, domain: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except NoAnswer as error:
        return _found(what, Verdict.UNKNOWN, "dns-no-answer", domain=domain, reason=str(error))


def _spf(domain: str, records: Sequence[str]) -> Finding:
    """RFC 7208 4.5: one record, or it counts for nothing."""
    policies = policies_in(records)
    if len(policies) != 1:
        code = "spf-many" if policies else "spf-none"
        return _found(Looked.SPF, Verdict.AMISS, code, domain=domain, count=len(policies))
    end = policies[0].lower().split()[-1]
    if end in {"+all", "all", "?all"}:
        return _found(Looked.SPF, Verdict.AMISS, "spf-everybody", domain=domain, end=end)
    return _found(Looked.SPF, Verdict.WELL, "spf-well", domain=domain, record=policies[0])


def _dkim_at(name: str, record: str, ask: AskTxt) -> Finding:
    return _dkim(name, record, ask(name))


def _dkim(name: str, record: str, published: Sequence[str]) -> Finding:
    keys = [text for text in published if "p=" in text.replace(" ", "")]
    if record and keys and _tag(keys[0], "p") and not is_published(record, keys):
        return _found(Looked.DKIM, Verdict.AMISS, "dkim-other", name=name)
    if keys and _tag(keys[0], "p"):
        return _found(Looked.DKIM, Verdict.WELL, "dkim-well", name=name)
    return _found(Looked.DKIM, Verdict.AMISS, "dkim-withdrawn" if keys else "dkim-none", name=name)


def _dmarc(domain: str, ask: AskTxt) -> Finding:
    """The record of the domain or of the nearest one above it."""
    labels = domain.split(".")
    for start in range(len(labels) - 1):
        above = ".".join(labels[start:])
        policies = [record for record in ask(f"_dmarc.{above}") if _tag(record, "v") == "DMARC1"]
        if len(policies) == 1 and (policy := _tag(policies[0], "p").lower()) in {"none", "quarantine", "reject"}:
            return _found(Looked.DMARC, Verdict.WELL, "dmarc-well", above=above, policy=policy)
        if policies:
            return _found(Looked.DMARC, Verdict.AMISS, "dmarc-unusable", above=above, record=policies[0])
    return _found(Looked.DMARC, Verdict.AMISS, "dmarc-none", domain=domain)


def _tag(record: str, name: str) -> str:
    for part in record.split(";"):
        key, _, value = part.partition("=")
        if key.strip() == name:
            return value.strip()
    return ""


def look_at_relay(name: str, trouble: str | None) -> Finding:
    """`name` is "" where no mail server is set; `trouble` is why it does not let us in, None where it does."""
    if not name:
        return _found(Looked.RELAY, Verdict.AMISS, "relay-none")
    if trouble:
        return _found(Looked.RELAY, Verdict.AMISS, "relay-trouble", name=name, trouble=trouble)
    return _found(Looked.RELAY, Verdict.WELL, "relay-well", name=name)


def look_at_pointer(host: str, ask: AskNames | None, *, is_here: bool) -> Finding:
    """Whether every address of the mail server has a name in the DNS (PTR), which receivers ask for.

    `is_here`: it is this machine, of whose public address nothing is known here.
    """
    if is_here or ask is None:
        return _found(Looked.POINTER, Verdict.UNKNOWN, "pointer-unknown", host=host)
    try:
        addresses = ask(host)
    except NoAnswer as error:
        return _found(Looked.POINTER, Verdict.UNKNOWN, "dns-no-answer", domain=host, reason=str(error))
    public = [(address, names) for address, names in addresses if ip_address(address).is_global]
    if addresses and not public:
        return _found(Looked.POINTER, Verdict.UNKNOWN, "pointer-unknown", host=host)
    without = tuple(address for address, names in public if not names)
    if without or not addresses:
        return _found(Looked.POINTER, Verdict.AMISS, "pointer-none", host=host, addresses=without)
    return _found(Looked.POINTER, Verdict.WELL, "pointer-well", host=host)


def look_at_scores(name: str, scored: Sequence[Scored]) -> Iterator[Finding]:
    """What the filter called `name` says of each letter."""
    troubles: dict[FilterFault, str] = {}
    for trial, answer in scored:
        if isinstance(answer, Score):
            verdict = Verdict.AMISS if answer.is_high else Verdict.WELL
            yield _found(Looked.LETTERS, verdict, "score", **_which(trial), filter=name, score=answer)
        else:
            troubles.setdefault(answer.fault, answer.detail)
    for fault, detail in troubles.items():
        count = sum(1 for _trial, answer in scored if not isinstance(answer, Score) and answer.fault is fault)
        code = f"filter-{fault.value}"
        yield _found(Looked.LETTERS, Verdict.UNKNOWN, code, filter=name, detail=detail, count=count)


def look_at_signs(trials: Sequence[Trial]) -> Iterator[Finding]:
    """The few rules that matter for such mail, where no filter is at hand."""
    for trial in trials:
        shown = signs(trial.raw)
        amiss = tuple(sign for sign in shown if sign is not Advice.FREE_MAIL)  # which no letter can help
        code, verdict = ("signs", Verdict.AMISS) if amiss else ("signs-none", Verdict.WELL)
        yield _found(Looked.LETTERS, verdict, code, **_which(trial), signs=amiss)
    if trials:
        yield _found(Looked.LETTERS, Verdict.UNKNOWN, "no-filter")


def _which(trial: Trial) -> dict[str, Any]:
    return {"slug": trial.slug, "letter": trial.letter, "variant": trial.variant}


def look_at_no_relay() -> Finding:
    """Where letters go straight to the receiving domains' own servers, nothing is asked before the first letter."""
    return _found(Looked.RELAY, Verdict.UNKNOWN, "relay-direct")


def look_at_confirmation(settings: Mapping[str, str]) -> Finding:
    """Who could write in somebody else's name. `settings` are the campaigns that are or will be open, each by its name
    in the address, with whom it asks to confirm by mail.
    """
    unasked = sorted(slug for slug, confirm in settings.items() if confirm == OFF)
    if unasked:
        return _found(Looked.ADDRESSES, Verdict.AMISS, "nobody-asked", slugs=tuple(unasked))
    if not settings:
        return _found(Looked.ADDRESSES, Verdict.UNKNOWN, "no-campaign")
    return _found(Looked.ADDRESSES, Verdict.WELL, "asked", settings=tuple(sorted(settings.items())))


def look_at_roster(as_of: date | None, alarms: Sequence[str]) -> Finding:
    """`alarms` are the sentences about a roster that is old."""
    if alarms:
        return _found(Looked.ROSTER, Verdict.AMISS, "roster-old", alarm=" ".join(alarms))
    return _found(Looked.ROSTER, Verdict.WELL, "roster-well", as_of=as_of)


def look_at_targets(slug: str, out_of_reach: Sequence[str]) -> Finding:
    """`out_of_reach` are those to whom a campaign writes and whom no letter can reach."""
    if out_of_reach:
        names = tuple(out_of_reach[:_NAMED])
        return _found(
            Looked.TARGETS, Verdict.AMISS, "targets-out-of-reach", slug=slug, count=len(out_of_reach), names=names
        )
    return _found(Looked.TARGETS, Verdict.WELL, "targets-well", slug=slug)


def look_at_call(slug: str, *, has_hours: bool, without_phone: Sequence[str]) -> Iterator[Finding]:
    """What a campaign of calls lacks. `without_phone` are those of its targets of whom the roster has no number."""
    if without_phone:
        names = tuple(without_phone[:_NAMED])
        yield _found(Looked.CALLS, Verdict.AMISS, "call-no-phone", slug=slug, count=len(without_phone), names=names)
    if not has_hours:
        yield _found(Looked.CALLS, Verdict.UNKNOWN, "call-no-hours", slug=slug)
    if has_hours and not without_phone:
        yield _found(Looked.CALLS, Verdict.WELL, "call-well", slug=slug)


def look_at_pace(slug: str, *, goal: int, room: int, an_hour: int, until: str) -> Finding:
    """Whether one legislator can get a letter of as many supporters as are the goal before the deadline, `until`."""
    values = {"slug": slug, "goal": f"{goal:,}", "room": f"{room:,}", "an_hour": f"{an_hour:,}", "until": until}
    if goal > room:
        return _found(Looked.PACE, Verdict.AMISS, "pace-short", **values)
    return _found(Looked.PACE, Verdict.WELL, "pace-well", **values)
