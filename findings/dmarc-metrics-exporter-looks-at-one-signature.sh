#!/usr/bin/env bash
# A letter that passed is counted as one whose DKIM failed, because it was signed twice.
#
# dmarc-metrics-exporter 1.3.1 and parsedmarc 11.1.0 (PyPI); run on 2026-12-01.
# Guess: where a report has two signatures, as of who signs with Ed25519 and with RSA, one that passed is enough (RFC 7489, 3.1.1).
# Seen:  the metrics take the first signature of a record and no other: where a receiver names the Ed25519 one first and does not know it, "dkim_pass"
#        is false beside "dkim_aligned", which is true; where the sending service's own stands first, the letter is counted under that service's domain.
#        In the other order the same letter has passed as ours. parsedmarc has both signatures and the verdict.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
python3 -m venv "$folder/other"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check dmarc-metrics-exporter==1.3.1
"$folder/other/bin/python" -m pip install --quiet --quiet --disable-pip-version-check parsedmarc==11.1.0
cd "$folder"
cat >write.py <<'PYTHON'
import pathlib

RSA = ("example.org", "rsa", "pass")
ED25519 = ("example.org", "ed25519", "neutral")
SERVICE = ("service.example", "key", "pass")
REPORT = """<?xml version="1.0" encoding="UTF-8"?><feedback><version>1.0</version><report_metadata><org_name>Receiver</org_name>
<email>dmarc@example.com</email><report_id>1</report_id><date_range><begin>1796083200</begin><end>1796169599</end></date_range></report_metadata>
<policy_published><domain>example.org</domain><adkim>r</adkim><aspf>r</aspf><p>reject</p><sp>reject</sp><pct>100</pct></policy_published>
<record><row><source_ip>192.0.2.10</source_ip><count>5</count><policy_evaluated><disposition>none</disposition><dkim>pass</dkim>
<spf>fail</spf></policy_evaluated></row><identifiers><header_from>example.org</header_from></identifiers><auth_results>{}
<spf><domain>service.example</domain><result>pass</result></spf></auth_results></record></feedback>"""
SIGNATURE = "<dkim><domain>{}</domain><selector>{}</selector><result>{}</result></dkim>"
for name, signatures in {
    "1-rsa-first": (RSA, ED25519),
    "2-ed25519-first": (ED25519, RSA),
    "3-service-first": (SERVICE, RSA),
}.items():
    pathlib.Path(f"{name}.xml").write_text(REPORT.format("".join(SIGNATURE.format(*each) for each in signatures)))
PYTHON
python3 write.py
cat >count.py <<'PYTHON'
import pathlib
from email.message import EmailMessage

from dmarc_metrics_exporter.deserialization import convert_to_events, get_aggregate_report_from_email

for file in sorted(pathlib.Path().glob("*.xml")):
    mail = EmailMessage()
    mail.add_attachment(file.read_bytes(), maintype="text", subtype="xml", filename="example.com!example.org!1796083200!1796169599.xml")
    (report,) = get_aggregate_report_from_email(mail)
    (event,) = convert_to_events(report)
    print(f"{file.stem}: {event.meta.dkim_domain}, passed {event.result.dkim_pass}, aligned {event.result.dkim_aligned}")
PYTHON
diff <(venv/bin/python count.py | tee -a /dev/stderr) - <<'SEEN'
1-rsa-first: example.org, passed True, aligned True
2-ed25519-first: example.org, passed False, aligned True
3-service-first: service.example, passed True, aligned True
SEEN
cat >read.py <<'PYTHON'
import pathlib

from parsedmarc import parse_aggregate_report_xml

for file in sorted(pathlib.Path().glob("*.xml")):
    (record,) = parse_aggregate_report_xml(file.read_text(), offline=True)["records"]
    print("parsedmarc:", file.stem, len(record["auth_results"]["dkim"]), record["policy_evaluated"]["dkim"])
    assert (len(record["auth_results"]["dkim"]), record["policy_evaluated"]["dkim"]) == (2, "pass")
PYTHON
other/bin/python read.py
