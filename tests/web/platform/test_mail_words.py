from __future__ import annotations

import pytest

from actionmail.rules.delivery.trouble import Loss, LossCode, Trouble, TroubleCode
from actionmail.web.platform.mail_words import sentence_of, trouble_sentence


@pytest.mark.parametrize("code", TroubleCode)
def test_whatever_is_out_of_order_with_the_mail_server_has_a_sentence(code: TroubleCode) -> None:
    sentence = trouble_sentence(Trouble(code=code, detail="535"))
    assert sentence[0].isupper() and sentence.endswith(".") and "{" not in sentence


@pytest.mark.parametrize("code", LossCode)
def test_however_a_connection_ends_there_is_a_sentence(code: LossCode) -> None:
    text = str(Loss(code=code, detail="Connection reset (by peer)"))
    sentence = sentence_of(text)
    assert sentence != text
    assert sentence[0].isupper() and sentence.endswith(".") and "{" not in sentence


def test_a_connection_that_ends_while_it_opens_is_told_in_one_sentence() -> None:
    ended = Trouble(code=TroubleCode.UNREACHABLE, detail=str(Loss(code=LossCode.NO_ANSWER)))
    assert trouble_sentence(ended) == ("The mail server cannot be reached: the mail server did not answer in time.")
    assert sentence_of(str(ended)) == trouble_sentence(ended)


@pytest.mark.parametrize("text", ["", "3100 > 2000", "The mail server ended the connection.", "later (4.3.0)"])
def test_what_is_no_code_stays_as_it_is(text: str) -> None:
    assert sentence_of(text) == text
