"""What is asked, and in which words."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, String, Text, UniqueConstraint, case, event, false, func, true
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from actionmail.db.base import Base
from actionmail.rules.campaigns.searching import searchable
from actionmail.rules.campaigns.targets import Audience, Person, first_match


class Campaign(Base):
    """One appeal, with a page, which is also a post of the news. What only its `kind` knows stands in `details`.

    `state` is "" for the whole country; so are session, bill, bill_title and position where a kind needs none.
    """

    __tablename__ = "campaigns"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    status: Mapped[str] = mapped_column(String(16))  # draft, scheduled, live, paused, closed, archived
    kind: Mapped[str] = mapped_column(String(16), default="letter", server_default="letter")  # rules/campaigns/kinds
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(2))
    session: Mapped[str] = mapped_column(String(80))
    bill: Mapped[str] = mapped_column(String(40))
    bill_title: Mapped[str] = mapped_column(String(300))
    stage: Mapped[str] = mapped_column(String(200), default="", server_default="")  # "Senate Public Safety Committee"
    position: Mapped[str] = mapped_column(String(8))  # support, oppose, ""
    chambers: Mapped[
        list[str]
    ]  # of upper, lower, us_upper, us_lower: whom of the supporter's own legislators the letter goes to
    targets: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default="[]")  # rules/targets.py
    summary: Mapped[str] = mapped_column(Text)  # a little Markdown (`rules/page_text.py`)
    organisation: Mapped[str] = mapped_column(String(120))
    organisation_url: Mapped[str] = mapped_column(Text, default="", server_default="")
    posted_on: Mapped[date | None]  # the day that its authors give it in the news, in its time zone
    opened_on: Mapped[date | None]  # the day on which it first was open
    categories: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    listed: Mapped[bool] = mapped_column(default=True, server_default=true())  # in the news
    then: Mapped[list[str]] = mapped_column("next_slugs", default=list, server_default="[]")  # offered after its action
    sites: Mapped[list[str]] = mapped_column(default=list, server_default="[]")  # of others that may show it within
    link_url: Mapped[str] = mapped_column(Text, default="", server_default="")  # the whole letter, elsewhere
    link_text: Mapped[str] = mapped_column(String(200), default="", server_default="")
    picture: Mapped[str] = mapped_column(String(100), default="", server_default="")  # its file's name beside the TOML
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("pictures.id"), index=True)
    picture_alt: Mapped[str] = mapped_column(Text, default="", server_default="")  # "": the words of the picture itself
    outcome: Mapped[str] = mapped_column(Text, default="", server_default="")  # what came of it, once it is over
    thanks: Mapped[str] = mapped_column(Text, default="", server_default="")  # with which a receipt begins
    # Its own look, over that of its organisation (`brands`): rules/campaigns/branding.py
    colours: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    font: Mapped[str] = mapped_column(String(16), default="", server_default="")
    privacy_line: Mapped[str] = mapped_column(Text)
    notice: Mapped[str] = mapped_column(Text, default="")  # shown first: "This is a historical sample. …"
    deadline_at: Mapped[datetime | None]
    grace_until: Mapped[datetime | None]  # until when staff let some in after the deadline
    deadline_label: Mapped[str] = mapped_column(String(200), default="")  # "Hearing on 11 February, 9:00"
    timezone: Mapped[str] = mapped_column(String(64))
    opens_at: Mapped[datetime | None]  # while it is scheduled
    not_opened: Mapped[str] = mapped_column(Text, default="", server_default="")  # why, where its time came
    # since it was paused or closed so: no letter of it begins to wait for a worker
    holds_letters: Mapped[bool] = mapped_column(default=False, server_default=false())
    goal: Mapped[int | None]
    review: Mapped[str] = mapped_column(String(8), default="off", server_default="off")  # rules/actions/reviews.py
    shows_party: Mapped[bool] = mapped_column(default=True, server_default=true())  # of its legislators
    asks_street: Mapped[bool] = mapped_column(default=False, server_default=false())  # of everybody, and the city
    erase_after_days: Mapped[int | None]  # after its end its supporters are erased; None: on request alone
    confirm: Mapped[str] = mapped_column(String(8), default="off", server_default="off")  # rules/confirmation.py
    translations: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # rules/translations.py
    translated_from: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # `made_from` there
    details: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    search_text: Mapped[str] = mapped_column(Text, default="", server_default="")  # rules/searching.py
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    letters: Mapped[list["Letter"]] = relationship(
        primaryjoin="and_(Letter.campaign_id == Campaign.id, Letter.retired_at.is_(None))",
        order_by="Letter.place",
        viewonly=True,
    )

    @hybrid_property
    def day(self) -> date | None:
        """Its day in the news; None before it has one."""
        return self.posted_on or self.opened_on

    @day.inplace.expression
    @classmethod
    def _day(cls) -> ColumnElement[date | None]:
        return func.coalesce(cls.posted_on, cls.opened_on)

    @hybrid_property
    def closes_at(self) -> datetime | None:
        """When it takes nothing more: its deadline, or the end of the grace that staff gave."""
        if self.deadline_at is None or self.grace_until is None:
            return self.deadline_at
        return max(self.deadline_at, self.grace_until)

    @closes_at.inplace.expression
    @classmethod
    def _closes_at(cls) -> ColumnElement[datetime | None]:
        return case((cls.grace_until > cls.deadline_at, cls.grace_until), else_=cls.deadline_at)


@event.listens_for(Campaign, "before_insert")
@event.listens_for(Campaign, "before_update")
def _index(_mapper: object, _connection: object, campaign: Campaign) -> None:
    """Keep what is searched in step with what is read, in every language."""
    texts = [campaign.title, campaign.bill_title, campaign.summary, campaign.organisation]
    for words in campaign.translations.values() if campaign.translations else ():
        texts += [words.get(name, "") for name in ("title", "bill_title", "summary")]
    campaign.search_text = searchable(campaign.bill, [text or "" for text in texts])


class Letter(Base):
    """One immutable version of the text in one language for one audience; editing adds a version, retiring the last.

    `subjects` are variants, used evenly. Every text is in the letter language (`rules/letters.py`).
    """

    __tablename__ = "letters"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]
    place: Mapped[int]  # first match wins
    language: Mapped[str] = mapped_column(String(16))
    chambers: Mapped[list[str]]  # the audience; what is empty names everybody
    parties: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    committees: Mapped[list[str]] = mapped_column(default=list, server_default="[]")  # their keys
    own: Mapped[str] = mapped_column(String(8), default="any", server_default="any")  # any, own, other
    to: Mapped[str] = mapped_column("asks_or_thanks", String(8), default="ask", server_default="ask")  # ask, thank
    subjects: Mapped[list[str]]
    opening: Mapped[str] = mapped_column(Text)  # locked
    body: Mapped[str] = mapped_column(Text)  # the supporter may edit it
    closing: Mapped[str] = mapped_column(Text)  # locked
    sha256: Mapped[str] = mapped_column(String(64))
    saved_by: Mapped[str] = mapped_column(String(254), default="", server_default="")  # "": from a file
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("campaign_id", "name", "version"),)

    @property
    def audience(self) -> Audience:
        return Audience(
            chambers=tuple(self.chambers),
            parties=tuple(self.parties),
            committees=tuple(self.committees),
            own=self.own,
            to=self.to,
        )


def letter_for(campaign: Campaign, person: Person, *, is_own: bool, is_thanked: bool, language: str) -> Letter | None:
    """The first of the campaign's letters for this target in this language, or else in any: offices read what is."""
    letters = [(letter.audience, letter.language, letter) for letter in campaign.letters]
    return first_match(letters, campaign.state, person, is_own=is_own, is_thanked=is_thanked, language=language)
