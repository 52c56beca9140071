"""Whom a supporter writes to and with which letters: filled once for a request, then given the supporter's words.

`compose_all` and `with_words` are behind the page's letter, its previews and the frozen bytes, so what is shown is what
goes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.roster import Legislator
from actionmail.flows.actions.refusals import LetterRefused, Unwritable
from actionmail.flows.campaigns import recipients as targets
from actionmail.flows.campaigns.recipients import Targets
from actionmail.flows.roster import reading
from actionmail.rules.campaigns.fields import (
    CampaignFields,
    LegislatorFields,
    SupporterFields,
    campaign_values,
    legislator_values,
    supporter_values,
)
from actionmail.rules.campaigns.filled_letter import (
    FilledLetter,
    LetterText,
    cleaned,
    cleaned_line,
    fill_letter,
    reworded,
)
from actionmail.rules.campaigns.letter_faults import Fault, FaultFinder, LetterFault, Part
from actionmail.rules.campaigns.matrix import Sample
from actionmail.rules.campaigns.problems import LetterError
from actionmail.rules.campaigns.subjects import offered
from actionmail.rules.campaigns.targets import Members
from actionmail.rules.delivery import envelope, tokens
from actionmail.rules.delivery.mail_headers import EnvelopeError
from actionmail.rules.roster import titles
from actionmail.settings import Settings

LANGUAGE = "en"  # of the pages; a letter in it is preferred


@dataclass(frozen=True, kw_only=True)
class Supporter:
    """Who is writing. `email` is the address as letters carry it, its domain in A-labels."""

    name: str
    email: str
    zip: str
    street: str = ""
    city: str = ""
    phone: str = ""


def sample_supporter(sample: Sample, *, email: str = "supporter@example.org") -> Supporter:
    """A supporter for previews and test letters, who is nobody."""
    return Supporter(name=sample.name, email=email, zip=sample.zip_code, street=sample.street, city=sample.city)


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the supporter wrote. `subjects` and `bodies` only hold the letters (by name) that they edited."""

    personal: str = ""
    subjects: Mapping[str, str] = field(default_factory=dict)
    bodies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Copy:
    """One letter to one legislator. `unedited` is filled, and `filled` is that with the supporter's words in it.

    `title_name` is "Senator Kelda Roys", `short_name` "Sen. Kelda Roys". `is_own`: they represent the supporter, as far
    as the seats tell; else `why` may say with whom they are written to.
    """

    legislator: Legislator
    letter: Letter
    unedited: FilledLetter
    filled: FilledLetter
    title_name: str
    short_name: str
    chamber_name: str
    is_own: bool = True
    is_thanked: bool = False
    why: Members | None = None

    @property
    def can_go(self) -> bool:
        return bool(self.legislator.email)

    @property
    def is_edited(self) -> bool:
        """Whether a word of the supporter's own is in it."""
        return self.filled != self.unedited

    @property
    def can_be_copied(self) -> bool:
        """No address, but a web form or a phone: the supporter carries the words there."""
        return not self.can_go and bool(self.legislator.website or self.legislator.phone)


@dataclass(frozen=True, kw_only=True)
class Recipients:
    """Whom an action reaches: a copy for each target, the supporter's own first, and what is left of their own:

    the seats in which nobody sits, and the legislators to whom the campaign does not write. `about` is what the letters
    may say of the campaign.
    """

    copies: tuple[Copy, ...]
    vacant: tuple[Legislator, ...]
    passed_over: tuple[Legislator, ...] = ()
    about: CampaignFields
    version: int = -1  # of the content (`flows.campaigns.content`) that they were composed from

    @cached_property
    def own(self) -> tuple[Copy, ...]:
        return tuple(copy for copy in self.copies if copy.is_own)

    @cached_property
    def others(self) -> tuple[Copy, ...]:
        return tuple(copy for copy in self.copies if not copy.is_own)

    @cached_property
    def writable(self) -> tuple[Copy, ...]:
        return tuple(copy for copy in self.copies if copy.can_go)

    @cached_property
    def copied(self) -> tuple[Copy, ...]:
        return tuple(copy for copy in self.copies if copy.can_be_copied)

    @cached_property
    def fingerprint(self) -> str:
        """Which legislators get which version of which letter, about what; short, however many they are."""
        parts = [f"{copy.legislator.id}:{copy.letter.id}" for copy in self.copies]
        parts += campaign_values(self.about).values()
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def compose_all(
    campaign: Campaign, whom: Targets, seats: Iterable[tuple[str, str]], supporter: Supporter, *, key: str
) -> Recipients:
    """The campaign's targets for somebody in these `seats`, each with their letter, filled: one fill each.

    `key` picks the subject among a letter's variants. Raises LetterError where the supporter's own data cannot stand in
    a letter.
    """
    own = reading.holders_of(whom.seats, seats)
    common = _common_values(campaign, supporter)
    copies, written_to = [], set()
    for to in targets.addressed(campaign, whom, own, language=LANGUAGE):
        copies.append(_copy(to, {**_own_values(to), **common}, offered(key, len(to.letter.subjects))))
        written_to.add(to.legislator.id)
    vacant, passed_over = [], []
    for legislator in own:
        if legislator.status == "vacant":
            vacant.append(legislator)
        elif legislator.status == "sitting" and legislator.id not in written_to:
            passed_over.append(legislator)
    return Recipients(
        copies=tuple(copies),
        vacant=tuple(vacant),
        passed_over=tuple(passed_over),
        about=_about(campaign),
        version=whom.version,
    )


def still_holds(session: Session, campaign: Campaign, recipients: Recipients, seats: Iterable[tuple[str, str]]) -> bool:
    """Whether the campaign writes from these seats to the same people with the same letters at this moment, without
    filling anything: to the same names and addresses, about the same.
    """
    whom = targets.targets_of(session, campaign)
    own = reading.holders_of(whom.seats, seats)
    now = [_destination(to.legislator, to.letter) for to in targets.addressed(campaign, whom, own, language=LANGUAGE)]
    then = [_destination(copy.legislator, copy.letter) for copy in recipients.copies]
    return now == then and _about(campaign) == recipients.about


def _destination(legislator: Legislator, letter: Letter) -> tuple[int, int, str, str]:
    return legislator.id, letter.id, legislator.name, legislator.email


def _about(campaign: Campaign) -> CampaignFields:
    return CampaignFields(
        bill=campaign.bill,
        bill_title=campaign.bill_title,
        session=campaign.session,
        position=campaign.position,
        title=campaign.title,
        organisation=campaign.organisation,
    )


def with_words(recipients: Recipients, words: Words) -> Recipients:
    """The same letters with the supporter's words in them, each text cleaned once. Raises LetterRefused."""
    personal = _cleaned(words.personal, "", Part.PERSONAL)
    subjects: dict[str, str] = {}
    bodies: dict[str, str] = {}
    for name, subject in words.subjects.items():
        subjects[name] = _cleaned(subject, name, Part.SUBJECT)
    for name, body in words.bodies.items():
        bodies[name] = _cleaned(body, name, Part.BODY)
    copies: list[Copy] = []
    for copy in recipients.copies:
        name = copy.letter.name
        filled = reworded(copy.unedited, personal=personal, body=bodies.get(name), subject=subjects.get(name))
        copies.append(replace(copy, filled=filled))
    return replace(recipients, copies=tuple(copies))


def _cleaned(text: str, letter: str, part: Part) -> str:
    try:
        return cleaned_line(text) if part is Part.SUBJECT else cleaned(text)
    except LetterError as error:
        where = f"{error.line}:{error.column}"
        raise LetterRefused([LetterFault(letter=letter, part=part, code=Fault.UNREADABLE, value=where)]) from None


def faults(recipients: Recipients) -> list[LetterFault]:
    """What keeps these letters from being sent, each distinct text looked at once; empty when nothing does."""
    finder = FaultFinder()
    for copy in recipients.copies:
        finder.look_at(copy.letter.name, copy.filled)
    return list(finder.faults)


def compose(
    campaign: Campaign, to: targets.Addressed, supporter: Supporter, *, key: str, variant: int | None = None
) -> Copy:
    """One letter filled for one target. Raises LetterError where the supporter's data cannot stand in a letter.

    The subject is the one that `key` picks, or else the `variant`th.
    """
    many = len(to.letter.subjects)
    picked = offered(key, many) if variant is None else variant % many
    return _copy(to, {**_own_values(to), **_common_values(campaign, supporter)}, picked)


def _copy(to: targets.Addressed, values: Mapping[str, str], picked: int) -> Copy:
    """With the subject of this number."""
    letter, legislator = to.letter, to.legislator
    text = LetterText(
        opening=letter.opening,
        body=letter.body,
        closing=letter.closing,
        subject=letter.subjects[picked],
    )
    filled = fill_letter(text, values)
    return Copy(
        legislator=legislator,
        letter=letter,
        unedited=filled,
        filled=filled,
        title_name=f"{titles.title(legislator.state, legislator.chamber)} {legislator.name}",
        short_name=f"{titles.short_title(legislator.state, legislator.chamber)} {legislator.name}",
        chamber_name=titles.chamber_name(legislator.state, legislator.chamber),
        is_own=to.is_own,
        is_thanked=to.is_thanked,
        why=to.why,
    )


def _own_values(to: targets.Addressed) -> dict[str, str]:
    """Of the fields that differ among the targets."""
    legislator = to.legislator
    return legislator_values(
        LegislatorFields(
            state=legislator.state,
            chamber=legislator.chamber,
            name=legislator.name,
            family_name=legislator.family_name,
            district=legislator.district,
            committee=to.committee,
        )
    )


def _common_values(campaign: Campaign, supporter: Supporter) -> dict[str, str]:
    """Of all others."""
    writer = SupporterFields(
        name=supporter.name,
        zip_code=supporter.zip,
        state=campaign.state,
        street=supporter.street,
        city=supporter.city,
    )
    return {**supporter_values(writer), **campaign_values(_about(campaign))}


def frozen(
    campaign: Campaign,
    supporter: Supporter,
    copy: Copy,
    key: str,
    *,
    settings: Settings,
    now: datetime,
    recipient: str = "",
) -> bytes:
    """The bytes that every try will send; `key` is the message's. Raises Unwritable where they cannot be made."""
    verify_url = f"{settings.base_url}/v/{tokens.verify_token(key, settings.secret_key)}"
    try:
        parts = envelope.Parts(
            organisation=campaign.organisation,
            from_address=settings.from_address,
            supporter_name=supporter.name,
            supporter_email=supporter.email,
            recipient_name=copy.short_name,
            recipient=recipient or copy.legislator.email,
            subject=copy.filled.subject,
            text=copy.filled.text,
            message_id=tokens.new_message_id(key, settings.mail_domain),
            date=now.astimezone(ZoneInfo(campaign.timezone)),
            verify_url=verify_url,
        )
        return envelope.freeze(parts)
    except EnvelopeError as error:
        raise Unwritable(copy.title_name, error) from None


def kept_to_copy(copy: Copy) -> bytes:
    """The words for a web form or a call; b"" where there is neither. Raises Unwritable."""
    if not copy.can_be_copied:
        return b""
    try:
        return envelope.keep_text(subject=copy.filled.subject, text=copy.filled.text)
    except EnvelopeError as error:
        raise Unwritable(copy.title_name, error) from None
