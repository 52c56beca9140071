"""Handing a webhook over: one POST, briefly, to the host that was named and to no private one behind its name."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from actionmail.rules.staff.webhooks import HookAnswer, HookTrouble
from actionmail.settings import is_loopback

TIMEOUT_SECONDS: Final = 5.0  # of the whole, from the connection to the end of the answer's headers


def post(url: str, headers: Mapping[str, str], body: bytes, *, timeout: float = TIMEOUT_SECONDS) -> HookAnswer:
    """What came of it. Of the answer only the status and the headers are read; a redirect is one, and not followed."""
    import requests  # here, since a process may start without it

    from actionmail.gateways.http.exchange import Unreachable, exchange
    from actionmail.gateways.http.ssrf_guard import PrivateHost

    # Its debug lines hold the address.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
    sent = {"Content-Type": "application/json", "User-Agent": "ActionMail", **headers}
    request = requests.Request("POST", url, data=body, headers=sent)
    may_be_private = is_loopback(urlsplit(url).hostname or "")
    try:
        with exchange(request, seconds=timeout, may_be_private=may_be_private) as answer:
            return HookAnswer(status=answer.status)
    except PrivateHost:
        return HookAnswer(trouble=HookTrouble.PRIVATE_HOST)
    except TimeoutError:
        return HookAnswer(trouble=HookTrouble.TIMED_OUT)
    except Unreachable:
        return HookAnswer(trouble=HookTrouble.UNREACHABLE)
