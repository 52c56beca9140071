"""What the doors say of a refusal, so that a test can ask for both: the type with its code, and the words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.flows.campaigns import effects
from actionmail.flows.campaigns.publishing import StatusChange, Waiting
from actionmail.flows.campaigns.refusals import ChangeRefused, Overtaken, UnknownCampaign, UnknownVersion
from actionmail.rules.campaigns.problems import CampaignFileError, CampaignValueError, LetterError
from actionmail.web.campaigns import words


def told(error: Exception) -> str:
    """The sentence for a refusal of campaigns and letters."""
    if isinstance(error, CampaignFileError):
        return words.file_error(error)
    if isinstance(error, LetterError):
        return words.letter_error(error)
    if isinstance(error, Overtaken):
        return words.overtaken(error)
    if isinstance(error, UnknownCampaign | UnknownVersion):
        return words.unknown(error)
    assert isinstance(error, ChangeRefused | CampaignValueError)
    return words.sentence(error.problem)


@contextmanager
def raises(kind: type[Exception], match: str = "") -> Iterator[pytest.ExceptionInfo[Exception]]:
    """As `pytest.raises`, with `match` sought in what the doors say."""
    with pytest.raises(kind) as caught:
        yield caught
    sentence = told(caught.value)
    assert re.search(match, sentence), sentence


def effect_words(
    session: Session, campaign: Campaign, change: StatusChange, letters: Waiting = Waiting.AS_IT_IS
) -> str:
    """What is said before a campaign's status is changed."""
    effect = effects.effect(session, campaign, change, letters)
    return f"{words.page_effect(effect)} {words.letters_effect(effect)}"
