#!/usr/bin/env bash
# A report says to which domain TLS failed, and how often; in its table the failures belong to no domain.
#
# parsedmarc 11.1.0 (PyPI); run on 2026-12-01.
# Guess: each failure of a TLS report (RFC 8460, 4.4) has the domain and the kind of policy under which it stands, and the policy its hosts.
# Seen:  `policy_domain` and `policy_type` are in the row of a policy's sums alone; in the rows of what failed, which are the table's purpose, both are
#        empty, so of two domains in one report, as large receivers send it, nobody can tell whose certificate expired. `policy_strings`
#        comes along, and so the second domain's failures, which has no policy, show the policy of the first. The hosts are under `mx-host` in the RFC;
#        parsedmarc looks for `mx-host-pattern`, and has none.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check parsedmarc==11.1.0
cat >"$folder/read.py" <<'PYTHON'
import csv
import json

import parsedmarc

FIRST = {
    "policy": {
        "policy-type": "sts",
        "policy-string": ["version: STSv1", "mode: enforce", "mx: mx.act.example", "max_age: 86400"],
        "policy-domain": "act.example",
        "mx-host": ["mx.act.example"],
    },
    "summary": {"total-successful-session-count": 90, "total-failure-session-count": 10},
    "failure-details": [
        {
            "result-type": "certificate-expired",
            "sending-mta-ip": "192.0.2.1",
            "receiving-mx-hostname": "mx.act.example",
            "failed-session-count": 10,
        }
    ],
}
SECOND = {
    "policy": {"policy-type": "no-policy-found", "policy-domain": "letters.example"},
    "summary": {"total-successful-session-count": 5, "total-failure-session-count": 2},
    "failure-details": [
        {
            "result-type": "starttls-not-supported",
            "sending-mta-ip": "192.0.2.1",
            "receiving-ip": "198.51.100.7",
            "failed-session-count": 2,
        }
    ],
}
REPORT = {
    "organization-name": "Receiver",
    "date-range": {"start-datetime": "2026-11-30T00:00:00Z", "end-datetime": "2026-11-30T23:59:59Z"},
    "contact-info": "tls@receiver.example",
    "report-id": "2026-11-30_act.example",
    "policies": [FIRST, SECOND],
}
COLUMNS = ("policy_domain", "policy_type", "result_type", "failed_session_count", "mx_host_patterns", "policy_strings")

report = parsedmarc.parse_smtp_tls_report_json(json.dumps(REPORT))
assert "mx_host_patterns" not in report["policies"][0]
rows = list(csv.DictReader(parsedmarc.parsed_smtp_tls_reports_to_csv(report).splitlines()))
seen = [" | ".join(row[column] for column in COLUMNS) for row in rows]
print(" | ".join(COLUMNS), *seen, sep="\n")
POLICY = "version: STSv1|mode: enforce|mx: mx.act.example|max_age: 86400"
assert seen == [
    f"act.example | sts |  | 10 |  | {POLICY}",
    f" |  | certificate-expired | 10 |  | {POLICY}",
    f"letters.example | no-policy-found |  | 2 |  | {POLICY}",
    f" |  | starttls-not-supported | 2 |  | {POLICY}",
]
PYTHON
"$folder/venv/bin/python" "$folder/read.py"
