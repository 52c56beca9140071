#!/usr/bin/env bash
# A DMARC report says 5 messages in three days; its reader says 2, 2 and 1.
#
# parsedmarc 11.1.0; run on 2026-11-28.
# Guess: one record with a count of 5, as the report has it; the format (RFC 7489, appendix C) gives no days.
# Seen:  a report that spans more than 24 hours is cut into days, and the count shared out by their length: three records
#        for the one, marked `normalized_timespan`, and so written to CSV. The sum is right; which day a message went out is
#        made up, and one who counts records counts three. A single message is put on the first day. Reports of a day, which
#        most are, stay as they are, so a test with one does not show it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check parsedmarc==11.1.0
"$folder/venv/bin/python" - <<'PYTHON'
from parsedmarc import parse_aggregate_report_xml

REPORT = """\
<?xml version="1.0"?>
<feedback>
  <report_metadata>
    <org_name>Example</org_name><email>dmarc@example.net</email><report_id>1</report_id>
    <date_range><begin>{begin}</begin><end>{end}</end></date_range>
  </report_metadata>
  <policy_published><domain>example.org</domain><p>none</p><sp>none</sp><pct>100</pct></policy_published>
  <record>
    <row>
      <source_ip>192.0.2.1</source_ip><count>{count}</count>
      <policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated>
    </row>
    <identifiers><header_from>example.org</header_from></identifiers>
    <auth_results><dkim><domain>example.org</domain><selector>s</selector><result>pass</result></dkim></auth_results>
  </record>
</feedback>
"""
BEGIN = 1795651200  # 2026-11-26, midnight UTC
DAY = 24 * 60 * 60


def records(days, count):
    report = REPORT.format(begin=BEGIN, end=BEGIN + days * DAY - 1, count=count)
    read = parse_aggregate_report_xml(report, offline=True)["records"]
    return [(record["interval_begin"][:10], record["count"]) for record in read]


for days, count in ((1, 5), (3, 5), (3, 1)):
    print(f"{count} in {days} day(s):", *records(days, count))
assert records(1, 5) == [("2026-11-26", 5)]
assert records(3, 5) == [("2026-11-26", 2), ("2026-11-27", 2), ("2026-11-28", 1)]
assert records(3, 1) == [("2026-11-26", 1)]
PYTHON
