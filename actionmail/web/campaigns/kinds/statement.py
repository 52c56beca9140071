"""The form in which a statement is written."""

from __future__ import annotations

from typing import Final

from wtforms import Form, SelectField

from actionmail.rules.campaigns.kinds.statement import ALPHABET, APPROVAL
from actionmail.web.campaigns.kinds.kind import Kind
from actionmail.web.platform.fields import area_field, choices_of

_ORDERS: Final = (
    (ALPHABET, "By the alphabet, without a leading “The”"),
    (APPROVAL, "In the order in which they were approved"),
)


class StatementForm(Form):
    text = area_field("What organisations sign", "Plain text. It is fixed: signers cannot change it.", 12)
    order = SelectField("In which order the organisations stand", choices=choices_of(_ORDERS), default=ALPHABET)


KIND: Final = Kind(
    code="statement",
    name="Statement",
    about="Organisations sign a fixed text by a day, and staff look at each before it stands in public.",
    form=StatementForm,
    heading="The statement",
    hint="What organisations sign, and in which order they stand.",
    word_names={"text": "what organisations sign"},
)
