"""Every code of the look-up has its sentence."""

from __future__ import annotations

from string import Formatter

import pytest

from actionmail.rules.districts.basis import Doubt, DoubtCode
from actionmail.rules.districts.refusals import (
    GeocoderUnavailable,
    LookupRefused,
    Refusal,
    SeveralStates,
    Trouble,
    WrongState,
)
from actionmail.rules.districts.settlement import Settlement
from actionmail.web.platform.doubt_words import doubt_words
from actionmail.web.platform.lookup_words import refusal_sentence, trouble_sentence
from actionmail.web.platform.settlement_words import settlement_words

VALUES = {"zip": "53703", "state": "WI", "territory": "Guam", "typed": "XX"}


def refused(code: Refusal) -> LookupRefused:
    if code in {Refusal.ZIP_ELSEWHERE, Refusal.ADDRESS_ELSEWHERE}:
        return WrongState(code, found_states=("CA", "GU"), **VALUES)
    if code is Refusal.ZIP_IN_SEVERAL_STATES:
        return SeveralStates("53703", ("CA", "WI"))
    return LookupRefused(code, **VALUES)


@pytest.mark.parametrize("code", list(Refusal))
def test_every_refusal_has_a_sentence(code: Refusal) -> None:
    sentence = refusal_sentence(refused(code))
    assert sentence.endswith(".")
    assert not [name for _, name, _, _ in Formatter().parse(sentence) if name]


@pytest.mark.parametrize("code", list(Trouble))
def test_every_trouble_has_a_sentence(code: Trouble) -> None:
    values = {"seconds": "2", "kind": "SSLError", "status": "500", "message": "No database"}
    assert trouble_sentence(GeocoderUnavailable(code, **values)).endswith(".")


@pytest.mark.parametrize("code", list(DoubtCode))
def test_every_doubt_has_words(code: DoubtCode) -> None:
    values = {"district": "76", "metres": "20", "source": "boundary", "other_source": "geocoder"}
    values |= {
        "other_district": "77",
        "year": "2024",
        "zip": "53703",
        "found_zip": "53704",
        "congress": "119",
        "sitting": "122",
    }
    values |= {"first_election": "2026-11-03", "found_by": "nominatim", "exactness": "street"}
    assert doubt_words(Doubt(code=code, state="WI", chamber="lower", values=values))


@pytest.mark.parametrize("settlement", list(Settlement))
def test_every_settlement_has_words(settlement: Settlement) -> None:
    with_streets = settlement_words(settlement, asks_streets=True)
    without = settlement_words(settlement, asks_streets=False)
    assert (with_streets == without) == (settlement is not Settlement.STREET_DECIDES)
    assert "street" not in without or settlement in {Settlement.STREET, Settlement.CHOICE_DECIDES}
