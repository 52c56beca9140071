"""The receipt, which its address alone opens, and the page with which an office checks a letter."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache, partial
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from flask import Blueprint, Response, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from msgspec import Struct

from actionmail.flows.actions import confirmation_mail, drafts, submitting
from actionmail.flows.actions import receipt as receipts
from actionmail.flows.campaigns import news
from actionmail.flows.campaigns.reading import details_of
from actionmail.flows.privacy import erasure
from actionmail.rules import moments
from actionmail.rules.actions.copy_mail import one_letter
from actionmail.rules.campaigns.differences import Piece, common
from actionmail.rules.delivery.states import State
from actionmail.rules.speech import Tongue, gettext, ngettext, spoken
from actionmail.web.platform import languages
from actionmail.web.platform.context import services
from actionmail.web.platform.kept import made_for_pages
from actionmail.web.platform.security import POST_LIMIT, limiter
from actionmail.web.supporter import known
from actionmail.web.supporter.kinds import Kind, kind_of
from actionmail.web.supporter.receipt_words import UNDER_WAY, is_by_hand, said_by_phone, shown_state
from actionmail.web.supporter.settled import receipt_lines
from actionmail.web.supporter.sharing import passing_on
from actionmail.web.supporter.standing import standing
from actionmail.web.supporter.taking import fill_in
from actionmail.web.supporter.words import ASKED_TOO_OFTEN, BEING_SENT

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.campaigns import Campaign

bp = Blueprint("receipts", __name__)

_TOKEN: Final = secrets.token_urlsafe()  # it stands for a receipt's in addresses that are kept
_MANY = 3  # legislators who got the same letter: from so many on they share one card


class Addresses(NamedTuple):
    """Of the pages of a receipt, by their views. They differ from those of another one in its token alone."""

    receipt: str
    copy: str
    cancel: str
    confirm_erasure: str


class Card(Struct, frozen=True, kw_only=True):
    """What stands in one frame of the receipt: a legislator, or all who got the same letter, by what became of it.

    `text` are the lines of that letter as the first of them got it; those that differ are marked.
    """

    groups: tuple[tuple[receipts.ReceiptLetter, ...], ...]  # of a state each
    text: tuple[Piece, ...] = ()

    @property
    def count(self) -> int:
        return sum(map(len, self.groups))

    @staticmethod
    def last(lines: Sequence[receipts.ReceiptLetter]) -> datetime:
        """When one of these lines changed last."""
        return max(line.updated_at for line in lines)


def cards(lines: Iterable[receipts.ReceiptLetter]) -> list[Card]:
    """In the order of the lines. Whom a letter has to be carried to by hand has a card for themselves."""
    by_letter: dict[object, list[receipts.ReceiptLetter]] = {}
    for number, line in enumerate(lines):
        key = ("by hand", number) if line.state == State.NO_CHANNEL else (line.letter_id, line.subject)
        by_letter.setdefault(key, []).append(line)
    return list(chain.from_iterable(map(_cards_of, by_letter.values())))


def _cards_of(alike: Sequence[receipts.ReceiptLetter]) -> list[Card]:
    if len(alike) < _MANY:
        return [Card(groups=((line,),)) for line in alike]
    by_state: dict[object, list[receipts.ReceiptLetter]] = {}
    for line in alike:
        looks = (line.state, line.is_held_back, line.is_out_of_office, line.may_arrive_twice, line.waits)
        by_state.setdefault(looks, []).append(line)
    texts = [line.letter for line in alike if line.letter]
    return [Card(groups=tuple(map(tuple, by_state.values())), text=tuple(common(texts)) if texts else ())]


@bp.get("/receipts/<token>")
def receipt(token: str) -> ResponseReturnValue:
    """What became of each letter so far."""
    return _page(token)


@bp.get("/receipts/<token>/letters.txt")
def copy(token: str) -> ResponseReturnValue:
    """The supporter's own copy of every letter, as plain text."""
    receipt = _find(token)
    if receipt is None:
        return _unknown()
    letters = [f"{one_letter(line.name, line.subject, line.letter)}\n" for line in receipt.lines if line.letter]
    if not letters:
        return redirect(url_for(".receipt", token=token), 303)
    response = Response("\n========\n\n".join(letters), mimetype="text/plain")
    response.headers["Content-Disposition"] = "attachment; filename=letters.txt"
    return secret(response)


@bp.post("/receipts/<token>/cancellation")
@limiter.limit(POST_LIMIT)
def cancel(token: str) -> ResponseReturnValue:
    """Take back what has not left."""
    with services().database.write() as db:
        taken_back = receipts.cancel(db, token, now=services().clock())
    if taken_back is None:
        return _unknown()
    if taken_back == 0:
        return _page(token, 409, [gettext("It was too late to take anything back: see below what became of it.")])
    return redirect(url_for(".receipt", token=token), 303)


@bp.post("/receipts/<token>/confirmation-mail")
@limiter.limit(POST_LIMIT)
def mail_again(token: str) -> ResponseReturnValue:
    """Mail the link by which the letters are confirmed once more."""
    try:
        with services().database.write() as db:
            goes = confirmation_mail.again(db, token, settings=services().settings, now=services().clock())
    except confirmation_mail.AskedTooOften:
        return _page(token, 429, [str(ASKED_TOO_OFTEN)])
    if not goes:
        return _page(
            token, 409, [gettext("There is nothing to confirm at the moment: see below where your letters stand.")]
        )
    return redirect(url_for(".receipt", token=token, mailed="again"), 303)


@bp.get("/receipts/<token>/erasure")
def confirm_erasure(token: str) -> ResponseReturnValue:
    """Ask once more: erasing cannot be undone."""
    receipt = _find(token)
    if receipt is None:
        return _unknown()
    if receipt.erased_at:
        return redirect(url_for(".receipt", token=token), 303)
    return secret(
        make_response(render_template("supporter/erase.html", receipt=receipt, kind=kind_of(receipt.campaign.kind)))
    )


@bp.post("/receipts/<token>/erasure")
@limiter.limit(POST_LIMIT)
def erase(token: str) -> ResponseReturnValue:
    """Erase the person; what has not left is taken back, and what could count without them where they ask for that."""
    is_ended = "ends" in request.form
    try:
        with services().database.write() as db:
            is_known = erasure.erase(db, token, now=services().clock(), is_ended=is_ended)
            if is_known:
                drafts.drop_all(db, session.get("drafts", {}).values())
    except erasure.BeingSent:
        return _page(token, 409, [str(BEING_SENT)])
    if not is_known:
        return _unknown()
    session.pop("drafts", None)
    session.pop("receipts", None)
    services().database.empty_log()
    return known.forget(redirect(url_for(".receipt", token=token), 303))


@bp.get("/v/<token>")
def verify(token: str) -> ResponseReturnValue:
    """For an office: whether a letter is genuine, and whom to tell if something is wrong with it."""
    settings = services().settings
    with services().database.read() as db:
        letter = receipts.verification(db, token, secret=settings.keys, domain=settings.mail_domain)
    if letter is None:
        return secret(make_response(render_template("supporter/verify_unknown.html"), 404))
    return secret(make_response(render_template("supporter/verify.html", letter=letter)))


def again(status: int, sentence: str) -> ResponseReturnValue:
    """The receipt with `sentence` on top, for a post to it that could not be done."""
    return _page((request.view_args or {}).get("token", ""), status, [sentence])


@bp.app_template_filter("at")
def local_time(moment: datetime, timezone: str) -> str:
    """ "March 4, 2026, 9:12 AM CST" """
    return _local_time(moment, timezone, spoken())


@lru_cache(maxsize=64)
def _local_time(moment: datetime, timezone: str, _tongue: Tongue) -> str:
    """In the language that is spoken. Several letters of a receipt changed at one moment."""
    return moments.moment(moment, timezone)


def _read(db: Session, token: str) -> receipts.Receipt | None:
    undo_seconds, now = services().settings.undo_seconds, services().clock()
    return receipts.find(db, token, undo_seconds=undo_seconds, now=now, campaigns=services().campaigns)


def _find(token: str) -> receipts.Receipt | None:
    with services().database.look() as db:
        return _read(db, token)


@bp.post("/receipts/<token>/next/<slug>")
@limiter.limit(POST_LIMIT)
def go_on(token: str, slug: str) -> ResponseReturnValue:
    """To the action that is offered next, with what was typed filled in: in a draft of this browser, in no address."""
    with services().database.read() as db:
        receipt = _read(db, token)
        following = _offered(db, receipt) if receipt else []
    if receipt is None:
        return _unknown()
    campaign = next((campaign for campaign in following if campaign.slug == slug), None)
    if campaign is None:
        return _page(token, 409, [gettext("This is not open any more.")])
    if not receipt.erased_at:
        fill_in(campaign, _typed(receipt))
    return redirect(url_for("supporter.who", slug=slug), 303)


def _typed(receipt: receipts.Receipt) -> dict[str, str]:
    """What the action kept of who acted; where it keeps nothing, what this browser typed on the page."""
    if any(receipt.who.values()):
        return dict(receipt.who)
    with services().database.read() as db:
        key = session.get("drafts", {}).get(receipt.campaign.slug, "")
        values = drafts.load(db, key, campaign_id=receipt.campaign.id) or {}
    return dict(values.get("who", {}))


def _offered(db: Session, receipt: receipts.Receipt) -> list[Campaign]:
    """What is open of that which is offered after this action."""
    now = services().clock()
    if not receipt.campaign.then:
        return []
    return [campaign for campaign in news.offered_after(db, receipt.campaign) if submitting.is_open(campaign, now)]


def _page(token: str, status: int = 200, sentences: Iterable[str] = ()) -> ResponseReturnValue:
    shown: dict[str, Any] = {}
    with services().database.look() as db:
        receipt = _read(db, token)
        if receipt is not None:
            kind = kind_of(receipt.campaign.kind)
            read = languages.reading_as_kept(receipt.campaign, receipt.language)
            following = _offered(db, receipt)
            if not kind.has_steps:
                shown = {**kind.shown(db, receipt.campaign), "details": details_of(receipt.campaign)}
    if receipt is None:
        return _unknown()
    count = receipt.supporters if receipt.campaign.goal or not kind.has_steps else 0
    addresses = _addresses(receipt)
    page = render_template(
        "supporter/receipt.html" if kind.has_steps else "supporter/kinds/receipt.html",
        **shown,
        receipt=receipt,
        count=count,
        standing=standing(receipt.campaign, count, read),
        kind=kind,
        kind_of=kind_of,
        following=[(campaign, languages.in_language(campaign, read.language.tag)) for campaign in following],
        cards=cards(receipt.lines),
        settled=receipt_lines(receipt),
        reading=read,
        shown_state=partial(shown_state, receipt),
        said_by_phone=said_by_phone,
        by_hand=[] if receipt.unconfirmed else [line for line in receipt.lines if is_by_hand(line)],
        mailed_again="mailed" in request.args,
        heading=_heading(receipt) if kind.has_steps else _heading_of(kind, receipt),
        is_under_way=any(line.state in UNDER_WAY for line in receipt.lines),
        has_undo_window=services().clock() < receipt.undo_until,
        has_letters=any(line.letter for line in receipt.lines),
        addresses=addresses,
        own_link=services().settings.origin + addresses.receipt,
        passed_on=passing_on(receipt.campaign),
        sentences=sentences,
    )
    return secret(make_response(page, status))


def _addresses(receipt: receipts.Receipt) -> Addresses:

    def make() -> Addresses:
        return Addresses(*(url_for(f".{name}", token=_TOKEN) for name in Addresses._fields))

    addresses = made_for_pages(receipt.campaign, Addresses, make)
    return Addresses(*(address.replace(_TOKEN, receipt.token) for address in addresses))


def _heading(receipt: receipts.Receipt) -> str:
    states = {line.state for line in receipt.lines}
    if receipt.erased_at:
        return gettext("Your data was erased")
    if receipt.cancelled_at:
        return gettext("You took your letter back")
    if State.UNCONFIRMED in states:
        return gettext("Not sent yet: please confirm")
    if State.REVIEW in states:
        return gettext("Your letter is kept, and staff read it before it goes")
    if states and states <= {State.REJECTED, State.NO_CHANNEL} and State.REJECTED in states:
        return gettext("Your letter was not sent")
    going = [line for line in receipt.lines if line.state != State.NO_CHANNEL]
    if going and all(line.state == State.QUEUED and not line.is_out_of_office for line in going):
        return ngettext("Your letter is queued", "Your %(count)s letters are queued", len(going))
    if states == {State.NO_CHANNEL} and any(line.letter for line in receipt.lines):
        return ngettext("Your letter is ready to copy", "Your letters are ready to copy", len(receipt.lines))
    return ngettext("What became of your letter", "What became of your letters", len(receipt.lines))


def _heading_of(kind: Kind, receipt: receipts.Receipt) -> str:
    """Of a simple action."""
    if receipt.erased_at:
        return gettext("Your data was erased")
    if receipt.cancelled_at:
        return str(kind.texts.undone)
    if receipt.unconfirmed:
        return str(kind.texts.waiting)
    return str(kind.texts.done)


def _unknown() -> ResponseReturnValue:
    return secret(make_response(render_template("supporter/receipt_unknown.html"), 404))


def secret(response: Response) -> Response:
    """Kept by no cache and no search engine: its address is its key."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
