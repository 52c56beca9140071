from __future__ import annotations

import pytest

from actionmail.rules.delivery.trouble import Trouble, TroubleCode
from actionmail.web.platform.mail_words import trouble_sentence


@pytest.mark.parametrize("code", TroubleCode)
def test_whatever_is_out_of_order_with_the_mail_server_has_a_sentence(code: TroubleCode) -> None:
    sentence = trouble_sentence(Trouble(code=code, detail="535"))
    assert sentence[0].isupper() and sentence.endswith(".") and "{" not in sentence
