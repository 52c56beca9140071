"""DMARC aggregate reports are read out of mails of strangers, and nothing in them does harm."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import timedelta
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionmail.rules.delivery.dmarc_reports import MOST_SOURCES, Aggregate, aggregate_of
from tests.dmarc import DAY, DOMAIN, FORWARDER, RELAY, THIEF, mailed, record, report


def read(raw: bytes) -> Aggregate | None:
    return aggregate_of(raw, domain=DOMAIN)


@pytest.mark.parametrize("kind", ["gzip", "zip", "xml"])
def test_a_report_is_read_however_it_is_packed(kind: str) -> None:
    found = read(mailed(report(), kind))
    assert found is not None
    assert (found.reporter, found.report_id, found.domain, found.policy) == (
        "mail.example.net",
        "1",
        "example.org",
        "quarantine",
    )
    assert (found.begins, found.ends) == (DAY, DAY + timedelta(seconds=86_399))
    assert [(source.address, source.by_dkim, source.by_spf, count) for source, count in found.sources] == [
        (RELAY, True, True, 900),
        (FORWARDER, True, False, 40),
        (THIEF, False, False, 7),
    ]


def test_the_newer_form_is_read_too() -> None:
    """RFC 9990: another namespace, without pct."""
    text = report(namespace="urn:ietf:params:xml:ns:dmarc-2.0").replace(b"<pct>100</pct>", b"")
    assert read(mailed(text)) is not None


def test_a_report_of_several_days_stays_one_count() -> None:
    text = report(records=[record(RELAY, 5, "pass", "pass")])
    begin = int(DAY.timestamp())
    longer = text.replace(b"<end>%d</end>" % (begin + 86_399), b"<end>%d</end>" % (begin + 3 * 86_400 - 1))
    found = read(mailed(longer))
    assert found is not None
    assert [count for _source, count in found.sources] == [5]


def test_rows_of_one_address_that_fared_alike_are_one() -> None:
    found = read(mailed(report(records=[record(RELAY, 2, "pass", "pass"), record(RELAY, 3, "pass", "pass")])))
    assert found is not None
    assert [(source.address, count) for source, count in found.sources] == [(RELAY, 5)]


@pytest.mark.parametrize("about", ["example.com", "ct.example.org", "org.example", "act.example.org.example.com"])
def test_a_report_about_another_domain_is_none_of_ours(about: str) -> None:
    assert read(mailed(report(domain=about))) is None


def test_mail_of_others_within_the_domain_above_is_left_out() -> None:
    others = [record(RELAY, 3, "pass", "pass", sender="shop.example.org"), record(THIEF, 2, "fail", "fail")]
    found = read(mailed(report(records=others)))
    assert found is not None
    assert [source.address for source, _count in found.sources] == [THIEF]


def zip_of(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return out.getvalue()


def attached(content: bytes, name: str = "report.zip") -> bytes:
    mail = EmailMessage()
    mail["Subject"] = f"Report Domain: {DOMAIN}"
    mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
HOSTILE = {
    "a zip within a zip": attached(zip_of(a_zip=zip_of(a_xml=report()))),
    "a gzip within a gzip": attached(gzip.compress(gzip.compress(report())), "report.xml.gz"),
    "many files": attached(zip_of(**{f"a{number}_xml": report() for number in range(50)})),
    "a gzip that breaks off": attached(gzip.compress(report())[:-20], "report.xml.gz"),
    "a gzip that is none": attached(b"\x1f\x8b\x08" + b"\x00" * 50, "report.xml.gz"),
    "a zip that is none": attached(b"PK\x03\x04" + b"\x00" * 50),
    "entities": mailed(report(head=LAUGHS)),
    "an outside entity": mailed(report(head=OUTSIDE)),
    "deep": mailed(b"<feedback>" * 100_000),
    "no XML": mailed(b"hello"),
    "a count of letters": mailed(report(records=[record(RELAY, "many", "pass", "pass")])),
    "an address of none": mailed(report(records=[record("nowhere", 1, "pass", "pass")])),
    "a time beyond all time": mailed(report().replace(b"<end>", b"<end>9999999999999")),
    "it ends before it begins": mailed(report().replace(b"<begin>", b"<begin>9")),
    "nothing": b"",
    "no mail": b"\x00\xff" * 500,
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_hostile_or_broken_is_no_report(raw: bytes) -> None:
    assert read(raw) is None


def test_what_unpacks_to_very_much_is_no_report() -> None:
    blanks = b" " * 200_000_000
    assert read(attached(gzip.compress(blanks, compresslevel=1), "report.xml.gz")) is None
    assert read(attached(zip_of(a_xml=blanks))) is None


def test_numbers_that_no_database_keeps_are_left_out() -> None:
    found = read(mailed(report(records=[record(RELAY, 10**15, "pass", "pass")])))
    assert found is not None
    assert found.sources == ()


def test_of_very_many_sources_those_with_most_mails_are_kept() -> None:
    many = [record(f"10.0.{number // 250}.{number % 250}", number + 1, "fail", "fail") for number in range(700)]
    found = read(mailed(report(records=many)))
    assert found is not None
    assert (len(found.sources), found.more) == (MOST_SOURCES, 200)
    assert found.sources[0][1] == 700


def test_names_are_one_short_line() -> None:
    found = read(mailed(report(reporter="x" * 300 + "\u202e\n y", number="1\t" + "n" * 500)))
    assert found is not None
    assert len(found.reporter) == 100
    assert len(found.report_id) == 200
    assert found.report_id.isprintable()


def test_without_a_domain_of_ours_nothing_is_read() -> None:
    assert aggregate_of(mailed(report()), domain="") is None


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["gzip", "zip", "xml"]))
def test_nothing_raises(content: bytes, kind: str) -> None:
    assert read(mailed(content, kind)) is None
    assert read(content) is None
