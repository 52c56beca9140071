"""DMARC aggregate reports as receivers mail them, for `act.example.org`. All names and addresses are made up."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Final

DOMAIN: Final = "act.example.org"
DAY: Final = datetime(2026, 3, 3, tzinfo=UTC)
RELAY, FORWARDER, THIEF = "192.0.2.10", "198.51.100.7", "2001:db8::bad"


def record(address: str, count: object, dkim: str, spf: str, *, disposition: str = "none", sender: str = DOMAIN) -> str:
    return f"""<record><row><source_ip>{address}</source_ip><count>{count}</count><policy_evaluated>
<disposition>{disposition}</disposition><dkim>{dkim}</dkim><spf>{spf}</spf></policy_evaluated></row>
<identifiers><header_from>{sender}</header_from></identifiers><auth_results>
<dkim><domain>{DOMAIN}</domain><selector>a-rsa</selector><result>{dkim}</result></dkim>
<spf><domain>{DOMAIN}</domain><result>{spf}</result></spf></auth_results></record>"""


RECORDS: Final = (
    record(RELAY, 900, "pass", "pass"),
    record(FORWARDER, 40, "pass", "fail"),
    record(THIEF, 7, "fail", "fail", disposition="reject"),
)


def report(
    *,
    reporter: str = "mail.example.net",
    number: str = "1",
    domain: str = "example.org",
    records: Sequence[str] = RECORDS,
    day: datetime = DAY,
    head: str = "",
    namespace: str = "",
) -> bytes:
    begin = int(day.timestamp())
    of = f' xmlns="{namespace}"' if namespace else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>{head}
<feedback{of}><version>1.0</version><report_metadata><org_name>{reporter}</org_name><email>dmarc@{reporter}</email>
<report_id>{number}</report_id><date_range><begin>{begin}</begin><end>{begin + 86_399}</end></date_range>
</report_metadata>
<policy_published><domain>{domain}</domain><adkim>r</adkim><aspf>r</aspf><p>quarantine</p><sp>none</sp><pct>100</pct>
</policy_published>{"".join(records)}</feedback>""".encode()


def mailed(content: bytes, kind: str = "gzip", name: str = "") -> bytes:
    """A mail with it: "gzip", "zip" or "xml"."""
    mail = EmailMessage()
    mail["From"] = "DMARC reports <noreply@mail.example.net>"
    mail["To"] = f"dmarc@{DOMAIN}"
    mail["Subject"] = f"Report Domain: {DOMAIN} Submitter: mail.example.net Report-ID: <1>"
    mail.set_content("This is an aggregate report.\n")
    packed, subtype = {"gzip": (gzip.compress, "gzip"), "zip": (zipped, "zip"), "xml": (bytes, "xml")}[kind]
    file = name or f"mail.example.net!{DOMAIN}!1!2.{ {'gzip': 'xml.gz', 'zip': 'zip', 'xml': 'xml'}[kind] }"
    mail.add_attachment(packed(content), maintype="application", subtype=subtype, filename=file)
    return mail.as_bytes()


def zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.xml", content)
    return out.getvalue()
