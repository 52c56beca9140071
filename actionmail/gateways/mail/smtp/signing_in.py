"""AUTH (RFC 4954): by a password with what the standard library knows, or by a token (XOAUTH2, OAUTHBEARER)."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from typing import Final

from actionmail.gateways.mail.smtp.connection import Connection
from actionmail.gateways.mail.smtp.errors import OutOfOrder
from actionmail.gateways.mail.tokens import TokenError, TokenFault, oauthbearer, token_from, xoauth2
from actionmail.rules.delivery.trouble import TroubleCode
from actionmail.settings import RelayAddress

_BY_PASSWORD: Final = frozenset({"CRAM-MD5", "PLAIN", "LOGIN"})
_BY_TOKEN: Final[dict[str, Callable[[str, str], bytes]]] = {"XOAUTH2": xoauth2, "OAUTHBEARER": oauthbearer}
_REFUSED_TOKEN: Final = {"XOAUTH2": "", "OAUTHBEARER": "\x01"}  # to the challenge that says why (RFC 7628 3.2.3)
_FAULTS: Final = {
    TokenFault.NOT_STARTED: TroubleCode.TOKEN_NOT_STARTED,
    TokenFault.TOO_SLOW: TroubleCode.TOKEN_TOO_SLOW,
    TokenFault.FAILED: TroubleCode.TOKEN_FAILED,
    TokenFault.NO_TOKEN: TroubleCode.TOKEN_EMPTY,
}


def sign_in(connection: Connection, address: RelayAddress) -> None:
    """Sign in as `address.username`, which is set. Raises OutOfOrder and Lost."""
    if not connection.has_extn("auth"):
        raise OutOfOrder(TroubleCode.AUTH_MISSING)
    offered = connection.esmtp_features["auth"].split()
    is_refused = TroubleCode.TOKEN_REFUSED if address.token_command else TroubleCode.AUTH_REFUSED
    try:
        if address.token_command:
            _with_token(connection, address, offered)
        else:
            _with_password(connection, address, offered)
    except smtplib.SMTPAuthenticationError as error:
        raise OutOfOrder(is_refused, error.smtp_code) from None
    except smtplib.SMTPResponseException as error:
        raise OutOfOrder(TroubleCode.AUTH_FAILED, error.smtp_code) from None


def _with_password(connection: Connection, address: RelayAddress, offered: list[str]) -> None:
    if not _BY_PASSWORD & set(offered):
        raise OutOfOrder(TroubleCode.AUTH_NO_PASSWORD, ", ".join(offered)[:200])
    connection.login(address.username or "", address.password or "")


def _with_token(connection: Connection, address: RelayAddress, offered: list[str]) -> None:
    way = next((name for name in _BY_TOKEN if name in offered), "")
    if not way:
        raise OutOfOrder(TroubleCode.AUTH_NO_TOKEN, ", ".join(offered)[:200])
    try:
        token = token_from(address.token_command)
    except TokenError as error:
        raise OutOfOrder(_FAULTS[error.fault], error.detail) from None
    answer = _BY_TOKEN[way](address.username or "", token).decode()
    connection.auth(way, lambda challenge=None: answer if challenge is None else _REFUSED_TOKEN[way])
