"""The form in which a letter is written, and what a new one begins with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import SelectField

from actionmail.rules.campaigns.filled_letter import MAX_SUBJECT
from actionmail.rules.campaigns.lint import MAX_BODY
from actionmail.web.campaigns.audience import AudienceFields
from actionmail.web.platform.fields import area_field, choices_of, line_field

SAMPLE_WORDS = ("gave street and city", "gave only a ZIP code", "has a very long name and address")


class LetterForm(AudienceFields):
    name = line_field("Your name for this letter", "Only staff see it. Its versions are kept under it.")
    language = line_field("Language", "A language tag: en, es, hmn, zh-Hans.")
    subjects = area_field(
        "Subjects",
        f"One on each line, used in turn, of at most {MAX_SUBJECT} characters. Supporters can change it.",
        4,
    )
    opening = area_field(
        "Opening", "The greeting. Supporters cannot change it; their own words come right behind it.", 2
    )
    body = area_field("Body", f"The reasons, at most {MAX_BODY:,} characters. Supporters can change it.", 16)
    closing = area_field("Closing", "Thanks and signature. It must contain {{ supporter_name }}.", 5)
    legislator = SelectField("Preview for", choices=[], validate_choice=False)
    supporter = SelectField(
        "from a made-up supporter who",
        choices=choices_of([(str(number), words) for number, words in enumerate(SAMPLE_WORDS)]),
        validate_choice=False,
    )

    def values(self) -> dict[str, Any]:
        """A letter's columns. A closing's or opening's empty last lines say nothing."""
        return {
            "name": self.name.data,
            **self.audience(),
            "language": self.language.data,
            "subjects": [line.strip() for line in (self.subjects.data or "").split("\n") if line.strip()],
            **{part: (self[part].data or "").strip("\n") for part in ("opening", "body", "closing")},
        }


NEW_LETTER: Mapping[str, Any] = {
    "name": "",
    "language": "en",
    "subjects": [],
    "opening": "{{ salutation }}",
    "body": "",
    "closing": "Thank you for your time.\n\nSincerely,\n{{ supporter_name }}\n{{ address }}",
}
