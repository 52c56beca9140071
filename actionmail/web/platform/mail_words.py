"""The sentences in which both doors say what is out of order with the mail server."""

from __future__ import annotations

from collections.abc import Mapping

from actionmail.rules.delivery.trouble import Loss, LossCode, Trouble, TroubleCode

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
    TroubleCode.AUTH_NO_PASSWORD: (
        "The mail server offers only these ways to sign in: {}. A password goes by PLAIN, LOGIN or CRAM-MD5. For "
        "XOAUTH2 or OAUTHBEARER set ACTIONMAIL_SMTP_TOKEN_COMMAND to a command that prints a token; otherwise use "
        "another mail server."
    ),
    TroubleCode.AUTH_NO_TOKEN: (
        "The mail server offers only these ways to sign in: {}. A token goes by XOAUTH2 or OAUTHBEARER; for a "
        "password, leave ACTIONMAIL_SMTP_TOKEN_COMMAND empty."
    ),
    TroubleCode.TOKEN_REFUSED: (
        "The mail server refused the user name or the token ({}). See that the token is this user's, and may send mail."
    ),
    TroubleCode.TOKEN_NOT_STARTED: "The command in ACTIONMAIL_SMTP_TOKEN_COMMAND cannot be started: {}.",
    TroubleCode.TOKEN_TOO_SLOW: "The command in ACTIONMAIL_SMTP_TOKEN_COMMAND printed no token within {} seconds.",
    TroubleCode.TOKEN_FAILED: "The command in ACTIONMAIL_SMTP_TOKEN_COMMAND ended with status {}.",
    TroubleCode.TOKEN_EMPTY: "What the command in ACTIONMAIL_SMTP_TOKEN_COMMAND printed is no token.",
    TroubleCode.OTHER_CREDENTIALS: "The mail server wants other credentials or encryption ({}).",
    TroubleCode.SENDING_LIMIT: (
        "The mail account has sent what it may for now ({}). Letters wait by themselves; ask the provider for a "
        "higher limit, or set the worker's own below it."
    ),
    TroubleCode.ACCOUNT_STOPPED: (
        "The mail account may not send at the moment ({}). Sign in at the provider and see what it says of the account."
    ),
    TroubleCode.NAME_REFUSED: (
        "The mail server refuses the name that this machine gives ({}). Let the domain of ACTIONMAIL_FROM_ADDRESS "
        "have an address in the DNS, or use a relay that asks for no name."
    ),
    TroubleCode.SENDER_REFUSED: (
        "The mail server refuses our return path ({}). Let the account send from every address of "
        "the domain of ACTIONMAIL_FROM_ADDRESS, or use a relay that does, and see that the domain has its DNS records."
    ),
    TroubleCode.NO_RELAYING: (
        "The mail server does not pass letters on to other domains for us ({}). It wants a user name and a password, "
        "or this machine's address on its list."
    ),
    TroubleCode.REFUSES_ALL: (
        "The mail server refuses every recipient with the same words, and never took a letter of ours: {} "
        "It may not want to pass letters on for us."
    ),
    TroubleCode.REFUSED_EVERYWHERE: (
        "Mail servers of several domains refuse us with the same words, and none took a letter of ours within a day: "
        "{} This machine's address may be on a block list, or have no name in the DNS; `actionmail doctor` looks at "
        "that. A relay (ACTIONMAIL_SMTP_URL) is the other way."
    ),
    TroubleCode.NOT_UNDERSTOOD: "The mail server did not understand us ({}); one letter is held for a person to see.",
    TroubleCode.HANGS_UP: "The mail server keeps ending the connection without an answer.",
    TroubleCode.TOO_SLOW: "The mail server is too slow to be of use.",
    TroubleCode.NO_WAY_OUT: (
        "No mail server of any receiving domain answers. See that this machine is connected, that its DNS works, and "
        "that its provider lets connections to port 25 out; many do not, and then it takes a relay."
    ),
    TroubleCode.HANDOVER_FAILED: "Handing letters over failed: {}.",
    TroubleCode.BATCH_FAILED: "A batch failed: {}.",
}


_LOSSES: Mapping[LossCode, str] = {
    LossCode.NOT_READING: "the mail server stopped reading",
    LossCode.BROKE_OFF: "the connection broke off: {}",
    LossCode.NO_ANSWER: "the mail server did not answer in time",
    LossCode.ENDED: "the mail server ended the connection",
    LossCode.ENDED_BY_US: "the connection was closed already",
    LossCode.ANSWER_ENDLESS: "the mail server's answer has no end",
    LossCode.ANSWER_OVERLONG: "the mail server's answer has an overlong line",
    LossCode.ANSWER_CLOSES: "the mail server answered {}, and takes no more",
    LossCode.ONE_BY_ONE: "the mail server does not take several commands at once after all",
    LossCode.NO_STARTTLS: "{} offers no encryption",
    LossCode.STARTTLS_FAILED: "an encrypted connection to {} failed",
    LossCode.NOT_PROVEN: "{} does not prove to be the server that it should be",
    LossCode.PROGRAM_FAILED: "the program failed on this letter ({})",
}


def trouble_sentence(trouble: Trouble) -> str:
    """What is out of order, for who installed it and who sends."""
    loss = Loss.read(trouble.detail)
    detail = _LOSSES[loss.code].format(loss.detail) if loss else trouble.detail
    return _SENTENCES[trouble.code].format(detail)


def sentence_of(text: str) -> str:
    """What the program wrote beside a change of a message's state, in words.

    `text` is a Loss or a Trouble as `str()` writes it; what versions before wrote, a sentence, is given back as it is.
    """
    if loss := Loss.read(text):
        words = _LOSSES[loss.code].format(loss.detail)
        return f"{words[:1].upper()}{words[1:]}."
    trouble = Trouble.read(text)
    return trouble_sentence(trouble) if trouble else text
