"""The sentences in which both doors say what is out of order with the mail server."""

from __future__ import annotations

from collections.abc import Mapping

from actionmail.rules.delivery.trouble import Trouble, TroubleCode

_SENTENCES: Mapping[TroubleCode, str] = {
    TroubleCode.UNREACHABLE: "The mail server cannot be reached: {}.",
    TroubleCode.UNTRUSTED: "The mail server's certificate is not to be trusted: {}.",
    TroubleCode.NO_ENCRYPTION: "No encrypted connection to the mail server: {}.",
    TroubleCode.UNWELCOME: "The mail server does not want us now: its greeting is {}.",
    TroubleCode.ENDED_AT_EHLO: "The mail server ended the conversation at EHLO: {}.",
    TroubleCode.EHLO_REFUSED: "The mail server refused our greeting (EHLO): {}.",
    TroubleCode.STARTTLS_MISSING: (
        "The mail server offers no encryption (STARTTLS), and this installation demands it."
    ),
    TroubleCode.STARTTLS_REFUSED: "The mail server would not start encryption: {}.",
    TroubleCode.STARTTLS_INJECTED: (
        "The mail server sent something between STARTTLS and encryption; that is an attack."
    ),
    TroubleCode.AUTH_MISSING: "The mail server offers no sign-in (AUTH), and a user name is set.",
    TroubleCode.AUTH_REFUSED: "The mail server refused the user name or the password ({}).",
    TroubleCode.AUTH_FAILED: "Signing in to the mail server failed ({}).",
    TroubleCode.OTHER_CREDENTIALS: "The mail server wants other credentials or encryption ({}).",
    TroubleCode.NOT_UNDERSTOOD: "The mail server did not understand us ({}); one letter is held for a person to see.",
    TroubleCode.HANGS_UP: "The mail server keeps ending the connection without an answer.",
    TroubleCode.TOO_SLOW: "The mail server is too slow to be of use.",
    TroubleCode.HANDOVER_FAILED: "Handing letters over failed: {}.",
    TroubleCode.BATCH_FAILED: "A batch failed: {}.",
}


def trouble_sentence(trouble: Trouble) -> str:
    return _SENTENCES[trouble.code].format(trouble.detail)
