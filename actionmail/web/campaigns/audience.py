"""For whom of a campaign's targets a letter is: the fields of the letter's page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wtforms import Form, RadioField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from actionmail.rules.campaigns.targets import reaches, rules_of
from actionmail.web.platform.fields import choices_of

if TYPE_CHECKING:
    from actionmail.db.campaigns import Campaign
    from actionmail.flows.campaigns.choices import Choices

_OWN = (
    ("any", "Whoever the campaign writes to"),
    ("own", "Only the supporter's own legislators"),
    ("other", "Only legislators who are not the supporter's own"),
)
_TO = (("ask", "It asks for something"), ("thank", "It thanks those whom a rule of the targets thanks"))


class AudienceFields(Form):
    """Nothing ticked means everybody."""

    chambers = SelectMultipleField(
        "Who gets it: members of", validate_choice=False, description="None ticked: everybody the campaign writes to."
    )
    own = RadioField(
        "Of these", choices=choices_of(_OWN), default="any", validate_choice=False
    )  # fmt: skip
    parties = SelectMultipleField(
        "Only members of these parties", validate_choice=False, description="None ticked: of all parties."
    )
    committees = SelectMultipleField(
        "Only members of these committees",
        validate_choice=False,
        description="Those that the targets' rules name. None ticked: whether they sit on one or not.",
    )
    to = RadioField("What the letter does", choices=choices_of(_TO), default="ask", validate_choice=False)

    def audience(self) -> dict[str, Any]:
        """The columns of a letter that say whom it is for."""
        return {
            "chambers": self.chambers.data or [],
            "parties": self.parties.data or [],
            "committees": self.committees.data or [],
            "own": self.own.data or "any",
            "to": self.to.data or "ask",
        }

    def offer(self, choices: Choices, campaign: Campaign) -> None:
        """Put up what there is: the chambers that the campaign reaches, and the committees that its rules name."""
        rules = rules_of(campaign.targets)
        shown = {*(self.committees.data or [])}
        for rule in rules:
            shown.update(rule.committees)
        self.chambers.choices = []
        for chamber, label in choices.chambers:
            is_ticked = chamber in (self.chambers.data or [])
            if is_ticked or reaches(campaign.state, campaign.chambers, rules, chamber):
                self.chambers.choices.append(SelectChoice(chamber, label))
        parties = dict.fromkeys([*choices.parties, *(self.parties.data or [])])
        self.parties.choices = choices_of(zip(parties, parties, strict=True))
        labels = {committee.key: committee.label for committee in choices.committees}
        self.committees.choices = choices_of((key, label) for key, label in labels.items() if key in shown)
        for key in self.committees.data or []:
            if key not in labels:
                self.committees.choices.append(SelectChoice(key, "A committee that is gone"))

    @property
    def is_narrow(self) -> bool:
        """Whether it says more than chambers."""
        return any(self.audience()[key] not in ([], "any", "ask") for key in ("parties", "committees", "own", "to"))
