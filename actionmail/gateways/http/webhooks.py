"""Handing a webhook over: one POST, briefly, to the host that was named and to no private one behind its name."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from actionmail.rules.staff.webhooks import HookAnswer, HookTrouble
from actionmail.settings import is_loopback

TIMEOUT_SECONDS: Final = 5.0  # to connect, and again until the answer begins


def post(url: str, headers: Mapping[str, str], body: bytes, *, timeout: float = TIMEOUT_SECONDS) -> HookAnswer:
    """What came of it. Of the answer only the status is read; a redirect is one, and is not followed."""
    import requests  # here, since a process may start without it
    from urllib3.exceptions import HTTPError

    from actionmail.gateways.http.ssrf_guard import Adapter, PrivateHost

    # Its debug lines hold the address.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
    adapter = Adapter(may_be_private=is_loopback(urlsplit(url).hostname or ""))
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        sent = {"Content-Type": "application/json", "User-Agent": "ActionMail", **headers}
        try:
            with session.post(
                url, data=body, headers=sent, timeout=timeout, allow_redirects=False, stream=True
            ) as answer:
                return HookAnswer(status=answer.status_code)
        except PrivateHost:
            return HookAnswer(trouble=HookTrouble.PRIVATE_HOST)
        except (requests.Timeout, TimeoutError):
            return HookAnswer(trouble=HookTrouble.TIMED_OUT)
        except (requests.RequestException, HTTPError, OSError):
            return HookAnswer(trouble=HookTrouble.UNREACHABLE)
