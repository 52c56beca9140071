"""Work that a browser does before its action is taken, while many come: an ALTCHA challenge, for one draft, once.

The library's own expiry reads the clock of this machine, as the doors do.
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime, timedelta
from secrets import randbelow
from typing import Final

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.orm import Session

from actionmail.db.base import Instant
from actionmail.db.prepared import connection_of
from actionmail.settings import Keys, every_key

HOLDS: Final = timedelta(minutes=30)
ALGORITHM: Final = "PBKDF2/SHA-256"  # what every browser computes by itself
_COST: Final = 5_000
# So many keys are derived: half a second of a laptop, some seconds of an old phone, for everybody about the same.
_FEWEST, _MOST = 150, 250
LONGEST: Final = 4_000  # characters of an answer


def challenge(draft: str, *, secret: str, now: datetime) -> str:
    """What the browser is asked, as JSON; only the form of this draft can use the answer."""
    import altcha  # here, since it is needed only while very many come

    asked = altcha.create_challenge(
        ALGORITHM,
        _COST,
        counter=_FEWEST + randbelow(_MOST - _FEWEST),
        expires_at=now + HOLDS,
        data={"draft": _of(draft)},
        hmac_secret=_secret(secret, "challenge"),
        hmac_key_secret=_secret(secret, "key"),
    )
    return json.dumps(asked.to_dict(), separators=(",", ":"))


def is_done(answer: str, draft: str, *, secret: Keys) -> bool:
    """Whether `answer` is that of a challenge of ours for this draft, made under any of the keys.

    It may have been used already (`spend`).
    """
    if not answer or len(answer) > LONGEST or not answer.isascii():
        return False
    try:
        data = _payload(answer)["challenge"]["parameters"]["data"]
        return data == {"draft": _of(draft)} and any(_solves(answer, key) for key in every_key(secret))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):  # anything can be posted
        return False


def _solves(answer: str, secret: str) -> bool:
    import altcha

    result = altcha.verify_solution(answer, _secret(secret, "challenge"), hmac_key_secret=_secret(secret, "key"))
    return result.verified is True  # the result itself is true even where it failed


def spend(at: Session | Connection, answer: str, *, now: datetime) -> bool:
    """Use an answer that `is_done` up; False where it was before."""
    signature = str(_payload(answer)["challenge"]["signature"])
    work = hashlib.sha256(signature.encode()).hexdigest()
    return connection_of(at).execute(_SPEND, {"work": work, "now": now}).first() is not None


def _payload(answer: str) -> dict[str, dict[str, dict[str, object]]]:
    payload = base64.b64decode(answer)
    loaded: dict[str, dict[str, dict[str, object]]] = json.loads(payload)
    return loaded


def _of(draft: str) -> str:
    return hashlib.sha256(draft.encode()).hexdigest()[:32]


def _secret(secret: str, purpose: str) -> str:
    return hashlib.sha256(f"actionmail browser work\0{purpose}\0{secret}".encode()).hexdigest()


_SPEND: Final = text(
    "INSERT INTO spent_works (work, at) VALUES (:work, :now) ON CONFLICT (work) DO NOTHING RETURNING work"
).bindparams(bindparam("now", type_=Instant()))
