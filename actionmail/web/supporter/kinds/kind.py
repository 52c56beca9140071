"""What a kind of action is, as far as supporters see it: its form, its words, and what its page shows besides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from wtforms import BooleanField, StringField

from actionmail.flows.lookup.by_zip import Home
from actionmail.rules.speech import lazy
from actionmail.web.platform.fields import one_line
from actionmail.web.supporter.forms import MAX_CITY, OneLine, WhoFields

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.campaigns import Campaign


class TakeForm(WhoFields):
    """What every simple action asks; a kind adds its own fields. Nothing is ticked beforehand."""

    city = StringField(lazy("City"), filters=[one_line], validators=[OneLine("The city", MAX_CITY)])
    consent = BooleanField(lazy("You may keep this in my name"))
    updates = BooleanField(lazy("E-mail me updates"))
    copy = BooleanField(lazy("Mail me a copy"))


def _nothing(session: Session, campaign: Campaign) -> Mapping[str, Any]:
    return {}


def _always(campaign: Campaign) -> bool:
    return True


class Texts(Struct, frozen=True, kw_only=True):
    """What the common pages say of the kind, each a whole sentence: `%(campaign)s` is the campaign's title."""

    done: str = ""  # the receipt's heading
    waiting: str = ""  # the same, until it is confirmed
    undone: str = ""
    undo: str = ""  # the button's
    confirm: str = ""  # the button's of the mailed link
    go_on: str = ""  # the button's once it is known who their legislators are
    whose: str = ""  # why that is asked
    nobody: str = ""  # what it means to be not sure, with %(chamber)s
    nobody_as_yours: str = ""  # the same, where others are written to all the same
    choose_one: str = ""
    street_asked: str = ""  # what becomes of a street that goes to %(finder)s
    street_stays: str = ""  # the same, where it is looked up here
    seen: str = lazy("This link needs no account. Whoever has it can see what you typed, so keep it to yourself.")
    must_consent: str = ""
    before: str = ""  # the mailbox has one already
    over: str = lazy("“%(campaign)s” takes nothing more.")
    closed: str = lazy("“%(campaign)s” is closed. Thank you for coming.")
    paused: str = lazy("“%(campaign)s” is paused at the moment. Please come back later.")
    early: str = lazy("“%(campaign)s” is not open yet. Please come back later.")


class Kind(Struct, frozen=True, kw_only=True):
    """One kind of action. `act` says on the list and on its button what one does; `counted` puts a count into words.

    `form` is None where nothing is taken by the one common step: where there is none to take, or where the kind has
    steps of its own (`has_steps`), or where its templates bring forms along (`has_own_forms`). Once a supporter's
    legislators are known, it goes on at the page `after_lookup`. `asks` tells whether a campaign shows its form now.
    `place` is where it is done, of a form that asks for no ZIP code.
    `details` is what the action keeps of the filled form; `draft` what the form shows of a draft's details. `shown`
    gives the page's and the receipt's templates what they need besides the campaign.
    """

    code: str
    name: str  # "Petition"
    act: str
    counted: Callable[[int], str] = lambda count: ""
    form: type[TakeForm] | None = None
    place: Callable[[Any], Home] | None = None
    has_steps: bool = False
    has_own_forms: bool = False
    after_lookup: str = "supporter.who"
    asks: Callable[[Campaign], bool] = _always
    details: Callable[[Any], dict[str, Any]] = lambda form: {}
    shown: Callable[[Session, Campaign], Mapping[str, Any]] = _nothing
    texts: Texts = field(default_factory=Texts)

    @property
    def is_act(self) -> bool:
        """Whether there is anything to do on its page."""
        return bool(self.form) or self.has_steps or self.has_own_forms
