"""A petition: its text, a form to sign it, and who signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from wtforms import BooleanField, TextAreaField

from actionmail.flows.actions import signatures
from actionmail.rules.campaigns.kinds.petition import MAX_COMMENT
from actionmail.rules.campaigns.plain_text import plain
from actionmail.rules.districts.states import STATES
from actionmail.rules.speech import lazy, ngettext
from actionmail.web.platform.fields import line_ends
from actionmail.web.supporter.forms import free_text
from actionmail.web.supporter.kinds.kind import Kind, TakeForm, Texts

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.campaigns import Campaign


class SignForm(TakeForm):
    comment = TextAreaField(
        lazy("Why do you sign?"),
        filters=[line_ends],
        validators=[free_text("Your comment", MAX_COMMENT)],
        default="",
    )
    show_name = BooleanField(lazy("Show my name on this page"))


def _details(form: SignForm) -> dict[str, Any]:
    return {"comment": plain(form.comment.data or "").strip(), "show_name": bool(form.show_name.data)}


def _shown(session: Session, campaign: Campaign) -> Mapping[str, Any]:
    shows = campaign.details.get("public_names")
    return {
        "signers": signatures.public_signers(session, campaign.id) if shows else [],
        "most_signers": signatures.SHOWN,
        "max_comment": MAX_COMMENT,
        "states": STATES,
    }


KIND: Final = Kind(
    code="petition",
    name=lazy("Petition"),
    act=lazy("Sign the petition"),
    counted=lambda count: ngettext("%(count)s person has signed", "%(count)s people have signed", count),
    form=SignForm,
    details=_details,
    shown=_shown,
    texts=Texts(
        done=lazy("You signed"),
        waiting=lazy("Not signed yet: please confirm"),
        undone=lazy("You took your signature back"),
        undo=lazy("Take my signature back"),
        confirm=lazy("Yes, sign it"),
        must_consent=lazy("Tick this box to say that you sign the petition."),
        before=lazy(
            "Somebody signed this petition with this mailbox already, so nothing was added. It takes one signature "
            "each. The link on the receipt shows it."
        ),
        closed=lazy("“%(campaign)s” takes no signatures any more. Thank you for wanting to sign."),
        paused=lazy("“%(campaign)s” takes no signatures at the moment. Please come back later."),
        early=lazy("“%(campaign)s” takes no signatures yet. Please come back later."),
    ),
)
