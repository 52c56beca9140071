"""A connection as far as taking letters: greeting, EHLO, TLS (RFC 3207, RFC 8314) and AUTH (RFC 4954)."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass

from actionmail.gateways.mail.smtp.connection import Connection
from actionmail.gateways.mail.smtp.errors import Lost, OutOfOrder, name_of
from actionmail.gateways.mail.smtp.timeouts import Timeouts
from actionmail.settings import RelayAddress


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Where a connection goes and how. `trust` checks certificates; None where TLS is "none"."""

    address: RelayAddress
    hello: str
    timeouts: Timeouts
    trust: ssl.SSLContext | None


def opened(opening: Opening, end: float) -> Connection:
    """A connection that takes letters, before `end` on the monotonic clock. Raises OutOfOrder."""
    connection = Connection(opening.hello, opening.trust if opening.address.tls == "implicit" else None)
    connection.deadline = end
    try:
        _open(connection, opening)
    except OutOfOrder:
        connection.close()
        raise
    except ssl.SSLCertVerificationError as error:
        connection.close()
        raise OutOfOrder(f"The mail server's certificate is not to be trusted: {error.verify_message}.") from None
    except ssl.SSLError as error:
        connection.close()
        raise OutOfOrder(f"No encrypted connection to the mail server: {error.reason or 'failed'}.") from None
    except (smtplib.SMTPException, OSError, Lost) as error:
        connection.close()
        raise OutOfOrder(f"The mail server cannot be reached: {name_of(error)}.") from None
    return connection


def _open(connection: Connection, opening: Opening) -> None:
    """Raises OutOfOrder, Lost, OSError or SMTPException."""
    address = opening.address
    connection.timeout = opening.timeouts.connect
    connection.timeout_now = opening.timeouts.greeting
    code, _words = connection.connect(address.host, address.port)
    if code != 220:
        raise OutOfOrder(f"The mail server does not want us now: its greeting is {code}.")
    _greet(connection)
    if address.tls == "starttls":
        assert opening.trust is not None
        _encrypt(connection, opening.trust, address.host)
        _greet(connection)
    if address.username is not None:
        _sign_in(connection, address.username, address.password or "")


def _encrypt(connection: Connection, trust: ssl.SSLContext, host: str) -> None:
    if not connection.has_extn("starttls"):
        raise OutOfOrder("The mail server offers no encryption (STARTTLS), and this installation demands it.")
    code, _words = connection.docmd("STARTTLS")
    if code != 220:
        raise OutOfOrder(f"The mail server would not start encryption: {code}.")
    connection.secure(trust, host)


def _sign_in(connection: Connection, username: str, password: str) -> None:
    if not connection.has_extn("auth"):
        raise OutOfOrder("The mail server offers no sign-in (AUTH), and a user name is set.")
    try:
        connection.login(username, password)
    except smtplib.SMTPAuthenticationError as error:
        raise OutOfOrder(f"The mail server refused the user name or the password ({error.smtp_code}).") from None
    except smtplib.SMTPResponseException as error:
        raise OutOfOrder(f"Signing in to the mail server failed ({error.smtp_code}).") from None


def _greet(connection: Connection) -> None:
    code, _words = connection.ehlo()
    if code == 421 or not 200 <= code < 600:
        raise OutOfOrder(f"The mail server ended the conversation at EHLO: {code}.")
    if code != 250:
        code, _words = connection.helo()
    if code != 250:
        raise OutOfOrder(f"The mail server refused our greeting (EHLO): {code}.")
