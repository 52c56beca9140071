"""Letters straight to the receiving domains' own mail servers, without a relay of our own (RFC 5321 5.1).

`relay` shares a handover out over domains, at most two connections to each; `routes` finds a domain's servers and what
they have to prove; `lookups` asks the DNS, `policies` fetches MTA-STS policies; `opening` gets a connection as far as
taking letters. The talk about letters is that of the package `smtp`.
"""

from actionmail.gateways.mail.direct.lookups import MailDns
from actionmail.gateways.mail.direct.relay import CONNECTIONS, TIMEOUTS, MxRelay
from actionmail.gateways.mail.direct.routes import Routes, may_reach

__all__ = ["CONNECTIONS", "TIMEOUTS", "MailDns", "MxRelay", "Routes", "may_reach"]
