"""A connection as far as taking letters: greeting, EHLO, TLS (RFC 3207, RFC 8314) and AUTH (RFC 4954)."""

from __future__ import annotations

import smtplib
import ssl

from msgspec import Struct

from actionmail.gateways.mail.smtp.connection import Connection
from actionmail.gateways.mail.smtp.errors import Lost, OutOfOrder, name_of
from actionmail.gateways.mail.smtp.signing_in import sign_in
from actionmail.gateways.mail.smtp.timeouts import Timeouts
from actionmail.rules.delivery.trouble import TroubleCode
from actionmail.settings import RelayAddress


class Opening(Struct, frozen=True, kw_only=True):
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
        raise OutOfOrder(TroubleCode.UNTRUSTED, error.verify_message) from None
    except ssl.SSLError as error:
        connection.close()
        raise OutOfOrder(TroubleCode.NO_ENCRYPTION, error.reason or "failed") from None
    except (smtplib.SMTPException, OSError, Lost) as error:
        connection.close()
        raise OutOfOrder(TroubleCode.UNREACHABLE, name_of(error)) from None
    return connection


def _open(connection: Connection, opening: Opening) -> None:
    """Raises OutOfOrder, Lost, OSError or SMTPException."""
    address = opening.address
    connection.timeout = opening.timeouts.connect
    connection.timeout_now = opening.timeouts.greeting
    code, connection.greeting = connection.connect(address.host, address.port)
    if code != 220:
        raise OutOfOrder(TroubleCode.UNWELCOME, code)
    _greet(connection)
    if address.tls == "starttls":
        assert opening.trust is not None
        _encrypt(connection, opening.trust, address.host)
        _greet(connection)
    if address.username is not None:
        sign_in(connection, address)


def _encrypt(connection: Connection, trust: ssl.SSLContext, host: str) -> None:
    if not connection.has_extn("starttls"):
        raise OutOfOrder(TroubleCode.STARTTLS_MISSING)
    code, _words = connection.docmd("STARTTLS")
    if code != 220:
        raise OutOfOrder(TroubleCode.STARTTLS_REFUSED, code)
    connection.secure(trust, host)


def _greet(connection: Connection) -> None:
    code, _words = connection.ehlo()
    if code == 421 or not 200 <= code < 600:
        raise OutOfOrder(TroubleCode.ENDED_AT_EHLO, code)
    if code != 250:
        code, _words = connection.helo()
    if code != 250:
        raise OutOfOrder(TroubleCode.EHLO_REFUSED, code)
