"""Organisations under two names: measured on a table of pairs, and grown."""

from __future__ import annotations

import pytest

from actionmail.rules.actions.likely_duplicates import Likeness, NamedOrganisation, likely_duplicates, site_of
from tests.growth import LINEAR, growth

# Two names, two websites; all made up or of organisations known to everybody.
SAME = [
    ("AAAJ-Atlanta", "Asian Americans Advancing Justice – Atlanta"),
    ("The ACLU of Wisconsin, Inc.", "ACLU Wisconsin"),
    ("A.C.L.U. of Wisconsin", "ACLU of Wisconsin"),
    ("American Civil Liberties Union of Wisconsin", "ACLU of Wisconsin"),
    ("NAACP", "National Association for the Advancement of Colored People"),
    ("NAACP Milwaukee", "National Association for the Advancement of Colored People, Milwaukee"),
    ("Asian Pacific American Network of Oregon", "APANO"),
    ("Organization of Chinese Americans", "OCA"),
    ("League of Women Voters of California", "League of Women Voters California"),
    ("LWV California", "League of Women Voters of California"),
    ("LWV of Wisconsin", "League of Women Voters Wisconsin"),
    ("Hmong American Women’s Association", "Hmong American Womens Association, Inc."),
    ("Hmong American Women's Association", "HAWA"),
    ("Hmong American Friendship Association", "Hmong Amercian Friendship Association"),
    ("Hmong American Friendship Association", "Hmong American Friendship Associaton"),
    ("Asian Law Caucus", "Asian Law Caucas"),
    ("Asian Law Caucus", "AsianLawCaucus"),
    ("Asian American Bar Association", "Asian Americans Bar Association"),
    ("Centro Hispano de Dane County", "Centro Hispano Dane County"),
    ("Niñez Unida", "Ninez Unida"),
    ("Hội Người Việt Milwaukee", "Hoi Nguoi Viet Milwaukee"),
    ("Đồng Tâm Group", "Dong Tam Group"),
    ("Tongan Community of Utah", "TONGAN COMMUNITY OF UTAH"),
    ("Mālō Collective", "Malo Collective"),
    ("Voces de la Frontera", "Voces De La Frontera, Inc"),
    ("Workers' Rights Center", "Workers Rights Center"),
    ("Sister Cities & Friends", "Sister Cities and Friends"),
    ("Freedom, Inc.", "Freedom Inc"),
    ("Wisconsin ACLU", "ACLU of Wisconsin"),
    ("សមាគមខ្មែរ", "សមាគមខ្មែរ "),
    ("ສະມາຄົມລາວ Milwaukee", "Milwaukee ສະມາຄົມລາວ"),
    ("美華協會", "美華協會 Inc."),
    ("Japanese American Citizens League", "JACL"),
    ("JACL Chicago", "Japanese American Citizens League – Chicago"),
    ("Southeast Asia Resource Action Center", "SEARAC"),
    ("  The   Sample   Fund ", "Sample Fund"),
    ("Coalition for Sample Rights, LLC", "The Coalition for Sample Rights"),
]
DIFFERENT = [
    ("ACLU of Wisconsin", "ACLU of Ohio"),
    ("ACLU of Wisconsin", "ACLU"),
    ("American Civil Liberties Union of Ohio", "ACLU of Wisconsin"),
    ("League of Women Voters of California", "League of Women Voters of Oregon"),
    ("League of Women Voters of Dane County", "League of Women Voters of Kane County"),
    ("AAAJ-Atlanta", "Asian Americans Advancing Justice – Chicago"),
    ("AAAJ-Atlanta", "Asian Americans Advancing Justice"),
    ("Asian Law Caucus", "Asian Law Alliance"),
    ("Hmong American Friendship Association", "Hmong American Women's Association"),
    ("Hmong American Peace Academy", "Hmong American Partnership"),
    ("Lao Assistance Center", "Lao Family Community"),
    ("Khmer Girls in Action", "Khmer Anti-deportation Advocacy Group"),
    ("Chinese for Affirmative Action", "Chinese Progressive Association"),
    ("Burmese Rohingya Community", "Burmese American Community Institute"),
    ("Centro Hispano", "Centro Legal"),
    ("Freedom, Inc.", "Freedom Fund"),
    ("Workers Center North", "Workers Center South"),
    ("Sample Fund East", "Sample Fund West"),
    ("NAACP Milwaukee", "NAACP Madison"),
    ("NAACP Milwaukee", "National Association for the Advancement of Colored People, Madison"),
    ("Tongan Community of Utah", "Samoan Community of Utah"),
    ("OCA", "Asian Pacific American Network of Oregon"),
    ("Students for Justice 2022", "Students for Justice 2023"),
    ("Local 1199", "Local 1198"),
    ("Teamsters Local 344", "Teamsters Local 345"),
    ("សមាគមខ្មែរ", "សមាគមឡាវ"),
    ("សិទ្ធិ", "សទ្ធា"),
    ("ສະມາຄົມລາວ", "ສະມາຄົມມົ້ງ"),
    ("美華協會", "中華協會"),
    ("Mai", "Mao"),
    ("Neighbors of Clinton", "Neighbors of Clifton"),
    ("Austin Justice Coalition", "Boston Justice Coalition"),
    ("South Asian Network", "Southeast Asian Network"),
    ("Asian American Federation", "African American Federation"),
    ("Inc.", "LLC"),
    ("The", "A"),
    ("!!!", "???"),
]
SITES_SAME = [
    (("Advancing Justice ATL", "https://www.advancing-atl.example.org/"), ("AAAJ-A", "advancing-atl.example.org")),
    (("Freedom", "http://freedom.example.org/about?x=1"), ("Libertad", "HTTPS://WWW.Freedom.Example.org:443/es")),
    (("Sample Tenants", "https://facebook.com/tenants"), ("Inquilinos", "https://m.facebook.com/Tenants/posts")),
]
SITES_DIFFERENT = [
    (("One", "https://facebook.com/one"), ("Two", "https://facebook.com/two")),
    (("One", "https://www.facebook.com"), ("Two", "facebook.com/")),
    (("ACLU of Ohio", "aclu.example.org"), ("ACLU of Wisconsin", "aclu.example.org")),
    (("One", "none"), ("Two", "none")),
    (("One", "http://[bad"), ("Two", "http://[bad")),
    (("One", ""), ("Two", "")),
]
# What is offered although it is another, and what is not found, with open eyes.
WRONGLY_OFFERED = {("Neighbors of Clinton", "Neighbors of Clifton")}  # one letter
NOT_FOUND = {("Southeast Asia Resource Action Center", "SEARAC")}  # two letters of one word


def offered(first: tuple[str, str], second: tuple[str, str]) -> bool:
    pair = [NamedOrganisation(identity=str(at), name=it[0], website=it[1]) for at, it in enumerate((first, second))]
    there, back = likely_duplicates(pair), likely_duplicates(pair[::-1])
    assert len(there) == len(back)
    return bool(there)


def test_what_is_offered_is_nearly_always_right() -> None:
    same = [((a, ""), (b, "")) for a, b in SAME] + SITES_SAME
    different = [((a, ""), (b, "")) for a, b in DIFFERENT] + SITES_DIFFERENT
    assert len(same) + len(different) >= 80
    missed = {(a[0], b[0]) for a, b in same if not offered(a, b)}
    wrong = {(a[0], b[0]) for a, b in different if offered(a, b)}
    assert (missed, wrong) == (NOT_FOUND, WRONGLY_OFFERED)
    right = len(same) - len(missed)
    assert right / (right + len(wrong)) > 0.97  # precision
    assert right / len(same) > 0.97  # recall


def test_a_reason_is_told_and_of_three_alike_each_is_paired_with_the_first() -> None:
    names = [
        "ACLU Wisconsin",
        "Sample Fund",
        "The ACLU of Wisconsin, Inc.",
        "American Civil Liberties Union of Wisconsin",
    ]
    organisations = [NamedOrganisation(identity=f"o{at}", name=name) for at, name in enumerate(names)]
    assert likely_duplicates(organisations) == [
        Likeness(first="o0", second="o2", reason="same-words"),
        Likeness(first="o0", second="o3", reason="abbreviation"),
    ]
    assert likely_duplicates([]) == []


@pytest.mark.parametrize(
    ("website", "site"),
    [
        ("https://www.Example.org/a", "example.org"),
        (" example.org ", "example.org"),
        ("https://user@example.org.:8080", "example.org"),
        ("https://linktr.ee/sample", "linktr.ee/sample"),
        ("localhost", ""),
        ("", ""),
    ],
)
def test_whose_site_an_address_is(website: str, site: str) -> None:
    assert site_of(website) == site


def many(number: int) -> list[NamedOrganisation]:
    """Half of them alike in all but one word, a tenth the same, all chapters of one abbreviation."""
    kinds = (
        "League of Women Voters of Place{}",
        "Asian Americans Advancing Justice – Town{}",
        "AAAJ-Town{}",
        "Group {}",
        "Same",
    )
    return [
        NamedOrganisation(
            identity=str(at), name=kinds[at % len(kinds)].format(at // 5), website=f"https://example.org/{at}"
        )
        for at in range(number)
    ]


def test_five_thousand_cost_as_much_more_as_they_are_more() -> None:
    assert growth(likely_duplicates, many(2500), many(5000)) <= LINEAR


def test_a_very_long_name_costs_no_more_than_its_length() -> None:
    def ask(length: int) -> object:
        names = ("Ab " * length, "x" * length)
        return likely_duplicates([NamedOrganisation(identity=name[:1], name=name) for name in names])

    assert growth(ask, 5_000, 10_000) <= LINEAR
