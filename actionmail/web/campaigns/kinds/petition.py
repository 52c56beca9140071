"""The form in which a petition is written."""

from __future__ import annotations

from typing import Final

from wtforms import Form

from actionmail.web.campaigns.kinds.kind import Kind
from actionmail.web.platform.fields import area_field, box_field, line_field


class PetitionForm(Form):
    to = line_field("To whom", "A person or an office, such as Governor Kathy Hochul.")
    to_title = line_field("Their title (optional)", "Such as Governor of New York.")
    to_address = area_field("Their postal address (optional)", "As it stands on an envelope.", 4)
    to_email = line_field(
        "Their e-mail address (optional)",
        "For the mail with which you hand the petition over. It stands on no page, and in no answer of the API.",
    )
    text = area_field("What supporters sign", "Plain text. It is fixed: signers cannot change it.", 12)
    comments = box_field("Signers may say in their own words why they sign")
    public_names = box_field(
        "Show the names of signers who agree to it", "With city and state, on the petition's own page."
    )
    only_from_state = box_field("Only people who live in the campaign's state may sign", "By their ZIP code.")


KIND: Final = Kind(
    code="petition",
    name="Petition",
    about="Supporters sign a fixed text to somebody.",
    form=PetitionForm,
    heading="The petition",
    hint="To whom it goes, and what supporters sign.",
    details_words=lambda details: details.get("comment", ""),
    word_names={"text": "what supporters sign"},
)
