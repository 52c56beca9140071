"""What an organisation gives when it signs, and how far its contact's address is from its website."""

from __future__ import annotations

import pytest

from actionmail.rules.actions.organisations import Mark, NoWebsite, WebsiteFault, mark_of, scripts_in, website_of


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        (" example.org ", "https://example.org"),
        ("HTTP://Example.ORG/About?x=1", "http://example.org/About?x=1"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://例え.example/支部", "https://xn--r8jz45g.example/支部"),
        ("https://faß.example", "https://xn--fa-hia.example"),
        ("https://example.org.", "https://example.org"),
        ("example.org:8080/x", "https://example.org:8080/x"),
        ("facebook.com/our.group", "https://facebook.com/our.group"),
    ],
)
def test_a_website_is_kept_with_scheme_and_ascii_host(typed: str, kept: str) -> None:
    assert website_of(typed) == kept


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("none", WebsiteFault.NO_HOST),
        ("we have none", WebsiteFault.NO_ADDRESS),
        ("https://", WebsiteFault.NO_HOST),
        ("javascript:alert(1)", WebsiteFault.NO_ADDRESS),
        ("javascript://example.org/%0aalert(1)", WebsiteFault.NO_ADDRESS),
        ("ftp://example.org", WebsiteFault.NO_ADDRESS),
        ("https://mai:secret@example.org", WebsiteFault.NO_ADDRESS),
        ("mai@example.org", WebsiteFault.NO_ADDRESS),
        ("https://exa mple.org", WebsiteFault.NO_ADDRESS),
        ("https://-example.org", WebsiteFault.NO_HOST),
        ("https://xn--a.example", WebsiteFault.NO_HOST),
        ("https://ab--cd.example", WebsiteFault.NO_HOST),
        ("https://example..org", WebsiteFault.NO_HOST),
        ("https://" + "a" * 64 + ".org", WebsiteFault.NO_HOST),
        ("https://192.0.2.7", WebsiteFault.NO_HOST),
        ("https://[::1]/", WebsiteFault.NO_HOST),
        ("https://[half", WebsiteFault.NO_ADDRESS),
        ("https://example.org:99999", WebsiteFault.NO_ADDRESS),
        ("https://☃.example", WebsiteFault.NO_HOST),
        ("https://ex\u202eample.org", WebsiteFault.NO_ADDRESS),
        ("example.org/" + "x" * 300, WebsiteFault.LONG),
    ],
)
def test_what_is_no_website_is_refused_with_its_reason(typed: str, fault: WebsiteFault) -> None:
    with pytest.raises(NoWebsite) as caught:
        website_of(typed)
    assert caught.value.fault is fault


@pytest.mark.parametrize(
    ("email", "website", "mark"),
    [
        ("mai@example.org", "https://example.org", Mark.NONE),
        ("mai@example.org", "https://www.example.org/about", Mark.NONE),
        ("mai@mail.example.org", "https://example.org", Mark.NONE),
        ("mai@example.org", "https://madison.example.org", Mark.NONE),
        ("mai@notexample.org", "https://example.org", Mark.OTHER_DOMAIN),
        ("mai@example.com", "https://example.org", Mark.OTHER_DOMAIN),
        ("mai@gmail.com", "https://example.org", Mark.FREE_MAIL),
        ("mai@example.org", "", Mark.NO_WEBSITE),
        ("mai@example.org", "https://facebook.com", Mark.NO_WEBSITE),
        ("mai@facebook.com", "https://facebook.com/our.group", Mark.NONE),
        ("mai@xn--bcher-kva.example", "https://xn--bcher-kva.example", Mark.NONE),
    ],
)
def test_an_address_outside_the_websites_domain_is_marked(email: str, website: str, mark: Mark) -> None:
    assert mark_of(email, website) is mark


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("Asian Americans Advancing Justice – Atlanta (2022)", 1),
        ("ʻAhahui Kānaka", 1),
        ("東京ひらがなカタカナ 한국 Center", 2),
        ("ＡＢＣ Center", 1),
        ("Hmong ម្ចាស់ ລາວ", 3),
        ("Latin Кирилл ελλην עברית", 4),
        ("2022 – !", 0),
    ],
)
def test_scripts_are_counted_by_letters_and_east_asian_ones_are_one(name: str, count: int) -> None:
    assert scripts_in(name) == count
