"""The mail server that takes our letters, spoken to over kept connections.

The standard library's client keeps its EHLO, AUTH and parsing; added are PIPELINING (RFC 2920: the body of one letter
travels with the opening of the next, so that a letter costs one write and one round trip), an end to every wait, and
answers as data: nothing of smtplib leaves this package.

`relay` shares letters out over connections, `turns` has these take turns in one thread; `opening` gets
one as far as taking letters; `session` is the talk about letters; `letters` has their octets; `connection` sends and
reads, with a time-out on everything.
"""

from actionmail.gateways.mail.smtp.relay import CONNECTIONS, SmtpRelay
from actionmail.gateways.mail.smtp.timeouts import Timeouts

__all__ = ["CONNECTIONS", "SmtpRelay", "Timeouts"]
