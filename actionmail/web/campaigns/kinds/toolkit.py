"""The form in which a toolkit is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from wtforms import Form, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from actionmail.flows.campaigns import toolkits
from actionmail.flows.campaigns.sources import by_source
from actionmail.rules.campaigns.kinds.toolkit import ARTICLES, LINK_ROOM
from actionmail.rules.campaigns.sharing import MOST, Network
from actionmail.rules.campaigns.translations import OWN
from actionmail.web.campaigns.kinds.kind import Kind
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import area_field, choices_of, line_field

NETWORK_NAMES: Final[Mapping[str, str]] = {
    Network.EMAIL.value: "E-mail",
    Network.SMS.value: "Text message",
    Network.WHATSAPP.value: "WhatsApp",
    Network.FACEBOOK.value: "Facebook",
    Network.BLUESKY.value: "Bluesky",
    Network.MASTODON.value: "Mastodon",
    Network.X.value: "X",
}
# Of the characters that fit, what the link takes.
_ROOM: Final = {Network.BLUESKY: f"up to {LINK_ROOM}", Network.MASTODON: "23", Network.X: "23"}

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.campaigns import Campaign


def _most(network: Network) -> str:
    return f"At most {MOST[network]} characters, with hashtags and link; the link takes {_ROOM[network]} of them."


def _offered(form: Form, field: Any) -> list[SelectChoice]:
    with services().database.read() as db:
        offered = toolkits.to_choose_from(db, field.data or [])
    pairs: list[tuple[str, str]] = []
    for sha256, picture in offered:
        label = picture.alternative(OWN.tag) if picture else f"A picture that is not on this site ({sha256[:8]} …)"
        pairs.append((sha256, label))
    return choices_of(pairs)


class ToolkitForm(Form):
    share = line_field(
        "Campaign to share (optional)",
        "The last part of its page's address, such as ab969. Left empty, this toolkit's own page is shared.",
    )
    hashtags = line_field(
        "Hashtags (optional)",
        "With spaces between, such as #Clemency #SecondChance. They are posted along on Facebook, Bluesky, Mastodon "
        "and X.",
    )
    email = area_field("E-mail (optional)", "The campaign's title is the subject; the link is added.")
    sms = area_field("Text message (optional)", "The link is added, here and below.", 3)
    whatsapp = area_field("WhatsApp (optional)", "", 4)
    facebook = area_field("Facebook (optional)", "Facebook takes no text by a link: people copy it.", 4)
    bluesky = area_field("Bluesky (optional)", _most(Network.BLUESKY), 4)
    mastodon = area_field("Mastodon (optional)", _most(Network.MASTODON), 4)
    x = area_field("X (optional)", _most(Network.X), 4)
    op_ed = area_field("Sample op-ed (optional)", "A letter to a newspaper, to be changed by whoever sends it.", 12)
    phone_tree = area_field("Phone tree (optional)", "Who calls whom, and what to say.", 10)
    pictures = SelectMultipleField(
        "Pictures to take away (optional)",
        choices=_offered,  # type: ignore[arg-type]  # callables are newer than its stubs
        description="The newest of those under Pictures, by what they show. Upload others there first.",
    )


def _typed(form: ToolkitForm) -> dict[str, Any]:
    tags = [f"#{word.lstrip('#')}" for word in (form.hashtags.data or "").split()]
    return {**form.data, "hashtags": tags, "pictures": form.pictures.data or []}


def _shown(details: Mapping[str, Any]) -> dict[str, Any]:
    return {**details, "hashtags": " ".join(details["hashtags"])}


def _too_long(network: str, used: int, most: int) -> str:
    return (
        f"The text for {NETWORK_NAMES[network]} is too long: with hashtags and link {used:,} characters, as "
        f"{NETWORK_NAMES[network]} counts them, and {most:,} fit."
    )


def _on_page(session: Session, campaign: Campaign) -> Mapping[str, Any]:
    toolkit = toolkits.toolkit_of(session, campaign)
    return {"toolkit": toolkit, "shared_sources": by_source(session, toolkit.shares.id)}


KIND: Final = Kind(
    code="toolkit",
    name="Toolkit",
    about="Texts and pictures for supporters to share, network by network.",
    form=ToolkitForm,
    heading="The toolkit",
    hint="What supporters share, and where.",
    typed=_typed,
    shown=_shown,
    on_page=_on_page,
    word_names={
        **{network: f"the text for {name}" for network, name in NETWORK_NAMES.items()},
        **dict(zip(ARTICLES, ("the op-ed", "the phone tree"), strict=True)),
    },
    sentences={
        "toolkit.empty": "There is nothing to share: write at least one text, or choose a picture.",
        "toolkit.too-long": _too_long,
        "toolkit.no-hashtag": 'A hashtag is "#" with letters and digits behind it, such as "#Clemency".',
        "toolkit.no-picture": "A picture is named by the 64 letters and digits of its address under /pictures/.",
    },
)
