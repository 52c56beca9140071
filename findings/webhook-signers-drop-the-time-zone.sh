#!/usr/bin/env bash
# Two ways to write one moment give two signatures, and receivers refuse one of them.
#
# standardwebhooks 1.1.0, the reference library of Standard Webhooks for Python, and svix 2.9.1; run on 2026-11-30.
# Guess: `sign(id, moment, body)` with an aware datetime signs the seconds since 1970 that every zone agrees on.
# Seen:  both put UTC in the place of the datetime's own zone: ten o'clock in Chicago is signed as ten o'clock UTC. The header `webhook-timestamp`, for
#        which one takes `int(moment.timestamp())`, then says another second than was signed, and `verify` of the same library finds no
#        matching signature. In UTC, where tests run, it fits.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check standardwebhooks==1.1.0 svix==2.9.1 tzdata==2026.3
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import standardwebhooks
import svix

SECRET = "d2ViaG9va3Mgb2YgYWN0LmV4YW1wbGUub3Jn"  # base64 of a sentence
BODY = '{"type": "letter.returned"}'


def outcome(library, moment):
    hook = library.Webhook(SECRET)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": hook.sign("msg_1", moment, BODY),
    }
    try:
        hook.verify(BODY, headers)
    except library.WebhookVerificationError as error:
        return str(error)
    return "verified"


now = datetime.now(UTC)
for library in (standardwebhooks, svix):
    seen = [outcome(library, now), outcome(library, now.astimezone(ZoneInfo("America/Chicago")))]
    print(library.__name__, "UTC:", seen[0], "- Chicago:", seen[1])
    assert seen == ["verified", "No matching signature found"]
PYTHON
