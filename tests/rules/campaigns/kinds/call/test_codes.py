"""Every problem that the pure parts of a call can tell has a sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from actionmail.rules.campaigns import clock_times
from actionmail.rules.campaigns.kinds import typed_tables
from actionmail.rules.campaigns.kinds.call import calls, hours_text, office_hours, phone_numbers, scripts, table
from actionmail.web.campaigns.words import SENTENCES

_CODE = re.compile(r'"((?:call|hours|script|value|letter|kind)\.[a-z-]+)"')
_MODULES = (calls, clock_times, hours_text, office_hours, phone_numbers, scripts, table, typed_tables)


@pytest.mark.parametrize("module", _MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_code_has_a_sentence(module: object) -> None:
    codes = set(_CODE.findall(Path(str(module.__file__)).read_text()))
    codes |= {f"call.{whom}-needs" for whom in table.WHOM}
    assert codes - SENTENCES.keys() == set()
