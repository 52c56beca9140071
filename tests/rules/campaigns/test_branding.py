"""A brand's colours: what is refused, what would do instead, and that all that follows from them can be read."""

from __future__ import annotations

from itertools import product

import pytest

from actionmail.rules.campaigns.branding import (
    FONTS,
    MARK,
    OWN_COLOURS,
    TEXT,
    Brand,
    colours,
    contrast,
    derived,
    style_sheet,
)
from actionmail.rules.campaigns.problems import CampaignValueError

# Of site.css: letters and hints on light and dark pages.
_INK, _SOFT, _CARD = "#1a2426", "#4a5a5e", "#ffffff"
_DARK_INK, _DARK_SOFT, _DARK_CARD = "#eceff0", "#b5c2c5", "#1b2528"
_CHANNELS = ("00", "33", "66", "99", "cc", "ff")
_LIGHTS = ("#f5b63e", "#ffffff", "#ffe600", "#9be7ff")


def _pairs() -> list[tuple[str, str]]:
    """Every pair out of a coarse cube of colours that is taken as a brand's."""
    found = []
    for channels in product(_CHANNELS, repeat=3):
        for light in _LIGHTS:
            try:
                dark, spark = colours(["#" + "".join(channels), light])
            except CampaignValueError:
                continue
            found.append((dark, spark))
    return found


def test_the_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # the well-known gray just below 4.5


def test_our_own_colours_would_be_taken() -> None:
    assert colours(list(OWN_COLOURS)) == list(OWN_COLOURS)


def test_colours_are_read_as_people_write_them() -> None:
    assert colours(["0D5160", " #FC3 "]) == ["#0d5160", "#ffcc33"]
    assert colours([]) == []


def test_a_dark_colour_that_is_too_light_is_refused_with_one_that_would_do() -> None:
    with pytest.raises(CampaignValueError) as refused:
        colours(["#3399ff", "#ffffff"])
    assert refused.value.problem.code == "value.colour-too-light"
    better = refused.value.problem.values["better"]
    assert colours([better, "#ffffff"])[0] == better
    assert refused.value.problem.values["found"] == "2.9"


def test_a_light_colour_that_is_too_dark_is_refused_with_one_that_would_do() -> None:
    for spark in ("#0d5160", "#8a5a00", "#15525f"):
        with pytest.raises(CampaignValueError) as refused:
            colours(["#15525f", spark])
        assert refused.value.problem.code == "value.colour-too-dark"
        assert colours(["#15525f", refused.value.problem.values["better"]])


@pytest.mark.parametrize("value", [["#15525f"], ["#1", "#2"], ["red", "#fff"], [1, 2], "#15525f", ["#000000"] * 3])
def test_what_is_no_pair_of_colours_is_refused(value: object) -> None:
    with pytest.raises(CampaignValueError):
        colours(value)


def test_whatever_follows_from_the_colours_can_be_read() -> None:
    pairs = _pairs()
    assert len(pairs) > 250
    for pair in pairs:
        light, dark = derived(pair)
        for tokens, (ink, soft, card) in ((light, (_INK, _SOFT, _CARD)), (dark, (_DARK_INK, _DARK_SOFT, _DARK_CARD))):
            assert contrast(tokens["field"], "#ffffff") >= TEXT, pair
            assert contrast(tokens["field"], tokens["band"]) >= MARK, pair
            assert contrast(tokens["accent"], tokens["on-accent"]) >= TEXT, pair
            assert contrast(tokens["accent-dark"], tokens["on-accent"]) >= TEXT, pair
            for behind in (tokens["paper"], tokens["tint"], card):
                assert contrast(tokens["accent"], behind) >= TEXT, pair
                assert contrast(tokens["accent-dark"], behind) >= TEXT, pair
                assert contrast(ink, behind) >= 7, pair
                assert contrast(soft, behind) >= TEXT, pair


def test_a_style_sheet_says_only_what_the_brand_has() -> None:
    assert style_sheet(Brand()) == ""
    assert style_sheet(Brand(font="serif")) == f":root {{ --sans: {FONTS['serif']}; }}\n"
    sheet = style_sheet(Brand(colours=("#0d5160", "#f5b63e")))
    assert "--field: #0d5160;" in sheet
    assert "prefers-color-scheme: dark" in sheet
    for word in ("oppose", "support", "error"):
        assert word not in sheet


def test_a_campaigns_brand_lies_over_its_organisations() -> None:
    organisation = Brand(colours=("#0d5160", "#f5b63e"), font="serif")
    assert Brand().over(organisation) == organisation
    assert Brand(font="rounded").over(organisation) == Brand(colours=("#0d5160", "#f5b63e"), font="rounded")
