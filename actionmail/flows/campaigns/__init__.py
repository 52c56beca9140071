"""Campaign staff write: a campaign with its letters is one TOML file, loaded as a whole or refused with the place.

Loading the same file again changes nothing. A changed letter is a new version, and the last one is retired; a letter
that is no longer in the file is retired too. Actions keep pointing at the version that they were written from.

A campaign's status is in the hands of people: a file gives it only to a campaign that is new, so that no file opens
again what somebody paused. No campaign is live or scheduled with a fault in its render matrix: publishing it, and
changing such a one, is refused. A scheduled campaign opens by itself: whoever comes first once its time is there, a
visitor of its page or the worker, has `open_due` look at it again and open it.
"""

from __future__ import annotations

from actionmail.db.campaigns import letter_for
from actionmail.flows.campaigns.editing import (
    FormRefused,
    Overtaken,
    checked_letter,
    draft,
    drop_letter,
    duplicate,
    edit,
    move_letter,
    translate,
    unsaved_letter,
    write_letter,
)
from actionmail.flows.campaigns.history import PartDifference, difference, restore, version_of, versions
from actionmail.flows.campaigns.publishing import (
    Change,
    Waiting,
    change_status,
    changes,
    effect,
    is_due,
    letter_choices,
    letters_effect,
    open_due,
    page_effect,
    unconfirmed,
    waiting,
)
from actionmail.flows.campaigns.reading import (
    UnknownCampaign,
    UnknownVersion,
    all_campaigns,
    campaign_of,
    campaign_page,
    changed_since,
    columns_of,
    legislators,
    letter_columns_of,
    letter_text,
    letters_revision,
    live_campaigns,
    matrix,
    older,
    supporters,
    translated,
    translation_of,
    translation_revision,
    words_of,
)
from actionmail.flows.campaigns.saving import Author, ChangeRefused, LoadReport, export, load_campaign, save_campaign
from actionmail.rules.campaigns.campaign_file import CampaignFileError

__all__ = [
    "Author",
    "CampaignFileError",
    "Change",
    "ChangeRefused",
    "FormRefused",
    "LoadReport",
    "Overtaken",
    "PartDifference",
    "UnknownCampaign",
    "UnknownVersion",
    "Waiting",
    "all_campaigns",
    "campaign_of",
    "campaign_page",
    "change_status",
    "changed_since",
    "changes",
    "checked_letter",
    "columns_of",
    "difference",
    "draft",
    "drop_letter",
    "duplicate",
    "edit",
    "effect",
    "export",
    "is_due",
    "legislators",
    "letter_choices",
    "letter_columns_of",
    "letter_for",
    "letter_text",
    "letters_effect",
    "letters_revision",
    "live_campaigns",
    "load_campaign",
    "matrix",
    "move_letter",
    "older",
    "open_due",
    "page_effect",
    "restore",
    "save_campaign",
    "supporters",
    "translate",
    "translated",
    "translation_of",
    "translation_revision",
    "unconfirmed",
    "unsaved_letter",
    "version_of",
    "versions",
    "waiting",
    "words_of",
    "write_letter",
]
