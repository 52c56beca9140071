"""A connection to a domain's server as far as taking letters, encrypted as it has to be."""

from __future__ import annotations

import smtplib
import ssl
from typing import Any

from msgspec import Struct

from actionmail.gateways.mail.smtp.connection import Connection
from actionmail.gateways.mail.smtp.errors import Lost, OutOfOrder, name_of
from actionmail.gateways.mail.smtp.timeouts import Timeouts
from actionmail.rules.delivery.dane import anchors, is_named, proves
from actionmail.rules.delivery.mx_routes import Encryption, Server
from actionmail.rules.delivery.trouble import LossCode


class Unopened(Exception):
    """No letter can go over this connection."""


class NotReached(Unopened):
    """Nobody answers there, or the connection broke off. `why` is the system's word, or a Loss as `str()` writes it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Refused(Unopened):
    """The server does not want us now, or at all."""

    def __init__(self, code: int, words: bytes) -> None:
        super().__init__(code)
        self.code, self.words = code, words.decode("utf-8", "replace")


class Unsafe(Unopened):
    """It does not prove what it has to."""

    def __init__(self, lack: LossCode) -> None:
        super().__init__(lack)
        self.lack = lack


class Opening(Struct, frozen=True, kw_only=True):
    """How connections are opened. `trust` is what MTA-STS is checked with: the system's authorities."""

    hello: str
    timeouts: Timeouts
    trust: ssl.SSLContext


class _InPlain(Exception):
    """Encryption was tried and failed, and is not demanded: a connection anew, without it (RFC 7435)."""


class _Anchored(Exception):
    """The server has to be looked at once more, with these authorities (DER) and no others."""

    def __init__(self, authorities: list[bytes]) -> None:
        super().__init__()
        self.authorities = authorities


def opened(server: Server, address: str, opening: Opening, end: float) -> Connection:
    """A connection to `address` that takes letters, before `end` on the monotonic clock. Raises Unopened."""
    try:
        return _opened(server, address, opening, end, _context(server, opening))
    except _InPlain:
        return _opened(server, address, opening, end, None)
    except _Anchored as error:
        authorities = error.authorities
    try:
        context = _anchored(authorities)
    except ssl.SSLError:  # what stands in the DNS is no certificate
        raise Unsafe(LossCode.NOT_PROVEN) from None
    return _opened(server, address, opening, end, context)


def _opened(server: Server, address: str, opening: Opening, end: float, context: ssl.SSLContext | None) -> Connection:
    connection = Connection(opening.hello, None)
    connection.deadline = end
    connection.timeout = opening.timeouts.connect
    connection.timeout_now = opening.timeouts.greeting
    try:
        code, connection.greeting = connection.connect(address, server.port)
        if code != 220:
            raise Refused(code, connection.greeting)
        _greet(connection)
        if context is not None:
            _encrypt(connection, server, context)
        return connection
    except (Unopened, _InPlain, _Anchored):
        connection.close()
        raise
    except (smtplib.SMTPException, OSError, Lost) as error:
        connection.close()
        raise NotReached(name_of(error)) from None


def _encrypt(connection: Connection, server: Server, context: ssl.SSLContext) -> None:
    """STARTTLS, as far as it is offered or has to be. Raises Unsafe, _InPlain, _Anchored, OSError and Lost."""
    is_demanded = server.encryption is not Encryption.MAY
    if not connection.has_extn("starttls"):
        if is_demanded:
            raise Unsafe(LossCode.NO_STARTTLS)
        return
    code, _words = connection.docmd("STARTTLS")
    if code != 220:
        if is_demanded:
            raise Unsafe(LossCode.STARTTLS_FAILED)
        return
    try:
        connection.secure(context, server.host)
    except ssl.SSLCertVerificationError:
        raise Unsafe(LossCode.NOT_PROVEN) from None
    except (ssl.SSLError, OSError, OutOfOrder):
        if is_demanded:
            raise Unsafe(LossCode.STARTTLS_FAILED) from None
        raise _InPlain from None
    if server.encryption is Encryption.DANE:
        _prove(connection.sock, server, is_anchored=context.verify_mode is ssl.CERT_REQUIRED)
    _greet(connection)


def _prove(secured: Any, server: Server, *, is_anchored: bool) -> None:
    """Whether the server is whom its DANE records name. Raises Unsafe, and _Anchored where an authority has to say."""
    if is_anchored:
        names = [value for kind, value in secured.getpeercert().get("subjectAltName", ()) if kind == "DNS"]
        if not proves(names, server.names):
            raise Unsafe(LossCode.NOT_PROVEN)
        return
    own = secured.getpeercert(binary_form=True) or b""
    if is_named(own, server.records):
        return
    if authorities := anchors(_chain(secured), server.records):
        raise _Anchored(authorities)
    raise Unsafe(LossCode.NOT_PROVEN)


def _chain(secured: Any) -> list[bytes]:
    """The certificates (DER) that the server showed."""
    if hasattr(secured, "get_unverified_chain"):  # from Python 3.13
        return list(secured.get_unverified_chain())
    certificates = secured._sslobj.get_unverified_chain()  # before, its name in OpenSSL's own module is all there is
    return [ssl.PEM_cert_to_DER_cert(certificate.public_bytes()) for certificate in certificates or ()]


def _context(server: Server, opening: Opening) -> ssl.SSLContext:
    if server.encryption is Encryption.POLICY:
        return opening.trust
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # whoever it is: encrypted is better than not, and `_prove` looks for DANE
    return context


def _anchored(authorities: list[bytes]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # of several names one is enough, which `_prove` looks at
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    for authority in authorities:
        context.load_verify_locations(cadata=authority)
    return context


def _greet(connection: Connection) -> None:
    code, words = connection.ehlo()
    if code == 421 or not 200 <= code < 600:
        raise Refused(code, words)
    if code != 250:
        code, words = connection.helo()
    if code != 250:
        raise Refused(code, words)
