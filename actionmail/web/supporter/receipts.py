"""The receipt, which its address alone opens, and the page with which an office checks a letter."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
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
from actionmail.rules.delivery.waiting import Why
from actionmail.rules.speech import Tongue, gettext, lazy, ngettext, spoken
from actionmail.web.platform import languages
from actionmail.web.platform.context import services
from actionmail.web.platform.kept import made_for_pages
from actionmail.web.platform.security import POST_LIMIT, limiter
from actionmail.web.supporter import known
from actionmail.web.supporter.kinds import Kind, kind_of
from actionmail.web.supporter.settled import receipt_lines
from actionmail.web.supporter.sharing import passing_on
from actionmail.web.supporter.standing import standing
from actionmail.web.supporter.taking import fill_in
from actionmail.web.supporter.words import ASKED_TOO_OFTEN, BEING_SENT

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.campaigns import Campaign

bp = Blueprint("receipts", __name__)

# What each state means for the supporter: how it looks, and the words. Never "delivered", never "read".
STATE_WORDS: dict[State, tuple[str, str]] = {
    State.UNCONFIRMED: ("", lazy("Not sent: it waits for you to confirm it.")),
    State.REVIEW: ("", lazy("Not sent yet: the campaign's staff read letters before they go.")),
    State.QUEUED: ("", lazy("Queued: it waits for its turn to leave.")),
    State.SENDING: ("", lazy("Being handed to the mail server at this moment.")),
    State.DEFERRED: ("", lazy("Waiting: the mail server asked us to try again later, and we will.")),
    State.AMBIGUOUS: (
        "",
        lazy(
            "Unclear: the connection broke off at the last moment, so nobody can tell whether the mail server took it. "
            "We try once more; a second copy may arrive."
        ),
    ),
    State.ACCEPTED: ("good", lazy("Accepted by the mail server. Nobody can tell from here whether it was opened.")),
    State.SETTLED: ("good", lazy("Accepted by the mail server, and no failure was reported in the days after.")),
    State.HELD: ("", lazy("On hold: the campaign's staff are looking into it.")),
    State.BOUNCED: (
        "bad",
        lazy("Came back: the legislator's mail system did not take it. The campaign's staff can see this."),
    ),
    State.FAILED: ("bad", lazy("Not sent: the mail server refused it. The campaign's staff can see this.")),
    State.NO_CHANNEL: ("bad", lazy("Not sent: this legislator takes no letters by e-mail, or we know no address.")),
    State.EXPIRED: ("bad", lazy("Not sent: its time ran out before a mail server took it.")),
    State.CANCELLED: ("", lazy("Taken back: it was not sent.")),
    State.REJECTED: ("bad", lazy("Not sent: the campaign's staff read it and did not let it go.")),
}
# Where the legislator does not hold the seat; of all other states the words above are right.
OUT_OF_OFFICE: dict[State, tuple[str, str]] = {
    **dict.fromkeys(
        (State.QUEUED, State.DEFERRED),
        ("", lazy("Not sent: they do not hold the seat at the moment. It goes only if they do while there is time.")),
    ),
    State.EXPIRED: ("bad", lazy("Not sent: they did not hold the seat any more when its turn came.")),
    State.HELD: (
        "",
        lazy(
            "On hold: they do not hold the seat any more, and nobody can tell whether the mail server took the letter "
            "before. The campaign's staff are looking into it."
        ),
    ),
}
# What keeps a letter that waits, where the supporter gains by knowing it.
WAITING_WORDS: Mapping[Why, str] = {
    Why.STOPPED: lazy(
        "The campaign's staff stopped letters for a moment. It goes once they let it, while there is time."
    ),
    Why.NO_WORKER: lazy("Our own mail service is not at work right now. Nothing is lost: it goes as soon as it is."),
    Why.RELAY_AWAY: lazy(
        "Our mail server is out of order right now. Nothing is lost: it goes as soon as that is mended."
    ),
    Why.OUTSIDE_HOURS: lazy("Letters leave at certain hours of the day only."),
    Why.SLOWED: lazy(
        "Many people write to them, and we send only so many letters an hour, so that none is turned away."
    ),
}
# Letters that reach somebody, as far as is known: only over these stand the author's thanks.
UNDER_WAY: Final = frozenset(
    {
        *(State.QUEUED, State.SENDING, State.DEFERRED, State.AMBIGUOUS, State.ACCEPTED, State.SETTLED),
        *(State.HELD, State.REVIEW),
    }
)
# Letters that their supporter can carry to the legislator by hand.
BY_HAND: Final = frozenset({State.NO_CHANNEL, State.BOUNCED, State.FAILED, State.EXPIRED})
_NOT_CONFIRMED = {**STATE_WORDS, State.EXPIRED: ("bad", lazy("Not sent: nobody confirmed it in time."))}


_TOKEN: Final = secrets.token_urlsafe()  # it stands for a receipt's in addresses that are kept
_MANY = 3  # legislators who got the same letter: from so many on they share one card


def is_by_hand(line: receipts.ReceiptLetter) -> bool:
    """Whether their own words can still reach this legislator through the supporter: through a web form, or a call."""
    return line.state in BY_HAND and not line.is_out_of_office and bool(line.letter or line.state == State.NO_CHANNEL)


def said_by_phone(receipt: receipts.Receipt, line: receipts.ReceiptLetter) -> str:
    """What a supporter may say on the phone: in English on every page, like the letter, since an office hears it."""
    verb = "support" if receipt.campaign.position == "support" else "oppose"
    return (
        f"Hello, my name is {receipt.name}, and I live in {receipt.who['zip']}. "
        f"I ask {line.name} to {verb} {receipt.campaign.bill}. Thank you for noting it."
    )


class Addresses(NamedTuple):
    """Of the pages of a receipt, by their views. They differ from those of another one in its token alone."""

    receipt: str
    copy: str
    cancel: str
    confirm_erasure: str


class ShownState(Struct, frozen=True):
    """How a line of a receipt stands: its look, and sentences, of which `wait` may be ""."""

    look: str
    sentence: str
    wait: str
    is_held_back: bool
    may_have_arrived_twice: bool


def _shown_state(receipt: receipts.Receipt, line: receipts.ReceiptLetter) -> ShownState:
    if line.is_out_of_office and line.state in OUT_OF_OFFICE:
        look, sentence = OUT_OF_OFFICE[line.state]
    else:
        look, sentence = (_NOT_CONFIRMED if receipt.unconfirmed else STATE_WORDS)[line.state]
    wait = "" if line.is_out_of_office or line.waits is None else WAITING_WORDS.get(line.waits, "")
    is_twice = line.may_arrive_twice and line.state != State.AMBIGUOUS
    return ShownState(look, sentence, wait, line.is_held_back, is_twice)


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
    with services().database.read() as db:
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
    with services().database.read() as db:
        receipt = _read(db, token)
        if receipt is None:
            return _unknown()
        kind = kind_of(receipt.campaign.kind)
        read = languages.reading_as_kept(receipt.campaign, receipt.language)
        following = _offered(db, receipt)
        if not kind.has_steps:
            shown = {**kind.shown(db, receipt.campaign), "details": details_of(receipt.campaign)}
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
        shown_state=partial(_shown_state, receipt),
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
