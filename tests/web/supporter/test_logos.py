"""An organisation's logo, from the receipt's link through the staff to the public list and the paper."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.pictures import OrganisationLogo
from actionmail.flows.staff import Role
from actionmail.rules.campaigns.pictures import MAX_UPLOAD
from tests.pictures import decoded, drawn, encoded, png, png_that_declares
from tests.samples import NOW, sample_organisation, sample_statement
from tests.web.staff_pages import hire, signed_in
from tests.web.supporter_pages import BASE, SupporterBrowser, Within, words

TOKEN = "r" * 43
PAGE = f"/receipts/{TOKEN}/logo"
NAME = "Moon & Aid"


@pytest.fixture
def number(site: Flask, database: Database) -> int:
    with database.write() as session:
        campaign = sample_statement(session)
        return sample_organisation(session, campaign, NAME, receipt_token=TOKEN).id


def upload(supporter: SupporterBrowser, content: bytes, alternative: str = "") -> TestResponse:
    token = re.search(r'name="csrf_token" value="([^"]+)"', supporter.get(PAGE).text)
    assert token
    data = {"csrf_token": token[1], "alternative": alternative, "upload": (BytesIO(content), "logo.png")}
    return supporter.client.post(PAGE, base_url=BASE, data=data, content_type="multipart/form-data")


def approve(database: Database) -> None:
    with database.write() as session:
        action = session.scalars(select(Action).where(Action.receipt_token == TOKEN)).one()
        action.review, action.reviewed_at = "approved", NOW


def stored(database: Database) -> list[OrganisationLogo]:
    with database.read() as session:
        return list(session.scalars(select(OrganisationLogo)))


def address_on(page: TestResponse) -> str:
    source = re.search(r'<img class="logo" src="(/logos/[0-9a-f]{64}\.png)" width="60" height="40"', page.text)
    assert source
    return source[1]


def test_it_is_uploaded_by_the_receipts_link_and_stands_once_it_is_approved(
    number: int, supporter: SupporterBrowser, database: Database
) -> None:
    assert f'href="{PAGE}"' in supporter.get(f"/receipts/{TOKEN}").text
    assert (upload(supporter, png()).status_code, len(stored(database))) == (303, 1)
    own = re.search(rf'<img class="logo" src="({PAGE}/[0-9a-f]{{64}})"', supporter.get(PAGE).text)
    assert own
    answer = supporter.client.get(own[1], base_url=BASE)
    assert decoded(answer.data).size == (60, 40)
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("image/png", "no-store")
    assert "/logos/" not in supporter.get("/campaigns/together").text
    public = f"/logos/{stored(database)[0].sha256}.png"
    assert supporter.client.get(public, base_url=BASE).status_code == 404
    approve(database)
    page = supporter.get("/campaigns/together")
    assert address_on(page) == public
    assert 'alt="Moon &amp; Aid" loading="lazy"' in page.text
    served = supporter.client.get(public, base_url=BASE)
    assert (served.status_code, served.headers["Cache-Control"]) == (200, "public, max-age=600")
    assert served.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "Set-Cookie" not in served.headers
    assert supporter.client.get(public.replace(".png", ".jpg"), base_url=BASE).status_code == 404


def test_what_it_shows_may_be_said_in_other_words_later(
    number: int, supporter: SupporterBrowser, database: Database
) -> None:
    upload(supporter, png())
    assert upload(supporter, b"", 'A "moon"').status_code == 303
    approve(database)
    assert 'alt="A &#34;moon&#34;"' in supporter.get("/campaigns/together").text


def test_nothing_of_the_file_comes_along(number: int, supporter: SupporterBrowser, database: Database) -> None:
    image = drawn()
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    upload(supporter, encoded(image, "JPEG", exif=exif, comment=b"secret") + b"<script>alert(1)</script>")
    with database.read() as session:
        content = session.scalars(select(OrganisationLogo.content)).one()
    for hidden in (b"taken at home", b"secret", b"script"):
        assert hidden not in content


REFUSED = {
    "nothing": (b"", "Choose a file."),
    "text": (b"Dear Senator", "This is no picture"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "This is an SVG drawing"),
    "a page before a picture": (b"<html><script>1</script></html>" + png(), "This is no picture"),
    "cut off": (png(900, 900)[:300], "The file is damaged"),
    "30,000 wide": (png_that_declares(30_000, 10), "It is 30,000 points wide and 10 high"),
    "too many points": (png_that_declares(9_000, 9_000), "It has more than 25,000,000 points"),
    "large": (b"\xff\xd8\xff" + bytes(MAX_UPLOAD), "The file has more than 20 MB."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_taken_is_said_at_the_field_and_the_words_stay(
    number: int, supporter: SupporterBrowser, database: Database, name: str
) -> None:
    content, sentence = REFUSED[name]
    answer = upload(supporter, content, "A moon")
    assert answer.status_code == 422
    error = re.search(r'id="upload-error"><span class="hidden">Error:</span> (.*?)</p>', answer.text)
    assert error
    assert error[1].startswith(f"Logo: {sentence}")
    assert "<title>Error:" in answer.text and 'href="#upload"' in answer.text
    assert "Contact Moon" not in answer.text
    assert "Choose it once more" in answer.text
    assert 'value="A moon"' in answer.text
    assert stored(database) == []


def test_words_that_are_too_long_are_refused_with_what_else_is_wrong(
    number: int, supporter: SupporterBrowser, database: Database
) -> None:
    answer = upload(supporter, b"no picture", "x" * 501)
    assert answer.status_code == 422
    assert answer.text.index('href="#upload"') < answer.text.index('href="#alternative"')
    assert "x" * 501 in answer.text
    assert stored(database) == []


class Unread(BytesIO):
    """A body of which is counted how much was read."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(size)
        self.taken += len(piece)
        return piece


def send(client: FlaskClient, path: str, body: Unread) -> TestResponse:
    length, kind = len(body.getbuffer()), "multipart/form-data; boundary=x"
    return client.post(path, base_url=BASE, input_stream=body, content_length=length, content_type=kind)


def test_a_hundred_megabytes_are_refused_with_a_page_that_says_so(number: int, supporter: SupporterBrowser) -> None:
    answer = send(supporter.client, PAGE, Unread(bytes(100 * 1024 * 1024)))
    assert answer.status_code == 413
    assert "Logo: The file has more than 20 MB." in words(answer)


def test_of_whoever_has_no_receipt_nothing_is_read(number: int, supporter: SupporterBrowser) -> None:
    body = Unread(bytes(MAX_UPLOAD))
    assert send(supporter.client, f"/receipts/{'x' * 43}/logo", body).status_code == 303
    assert body.taken == 0


def test_a_forged_post_changes_nothing_and_keeps_the_words(
    number: int, supporter: SupporterBrowser, database: Database
) -> None:
    data = {"csrf_token": "forged", "alternative": "A moon", "upload": (BytesIO(png()), "logo.png")}
    answer = supporter.client.post(PAGE, base_url=BASE, data=data, content_type="multipart/form-data")
    assert answer.status_code == 403
    assert 'value="A moon"' in answer.text
    assert stored(database) == []


def test_it_is_taken_away_and_goes_with_a_withdrawal(
    number: int, supporter: SupporterBrowser, database: Database
) -> None:
    upload(supporter, png())
    approve(database)
    public = address_on(supporter.get("/campaigns/together"))
    supporter.get(PAGE)
    assert supporter.post(f"{PAGE}/removal").status_code == 303
    assert supporter.client.get(public, base_url=BASE).status_code == 404
    upload(supporter, png())
    supporter.get(f"/receipts/{TOKEN}")
    supporter.post(f"/receipts/{TOKEN}/cancellation")
    assert stored(database) == []
    assert upload_page_is_the_receipt(supporter)


def upload_page_is_the_receipt(supporter: SupporterBrowser) -> bool:
    answer = supporter.client.get(PAGE, base_url=BASE)
    return answer.status_code == 303 and answer.location == f"/receipts/{TOKEN}"


def test_staff_see_it_before_anybody_does(
    number: int, site: Flask, supporter: SupporterBrowser, database: Database
) -> None:
    hire(database, "rita@example.org", Role.REVIEWER)
    hire(database, "anna@example.org", Role.AUTHOR)
    upload(supporter, png(), "A moon")
    rita = signed_in(site, "rita@example.org")
    path = f"/staff/campaigns/together/organisations/{number}/logo"
    page = rita.get("/staff/campaigns/together/organisations")
    assert f'src="{path}" width="60" height="40" alt="A moon"' in page.text
    assert "For who cannot see it: A moon" in words(page)
    assert decoded(rita.client.get(path, base_url=BASE).data).size == (60, 40)
    assert rita.get(path.replace(str(number), "999")).status_code == 404
    assert signed_in(site, "anna@example.org").get(path).status_code == 403


def test_the_paper_has_it_beside_its_name_with_words_for_who_hears_it(
    number: int, site: Flask, supporter: SupporterBrowser, database: Database
) -> None:
    hire(database, "rita@example.org", Role.REVIEWER)
    upload(supporter, png(), "A moon")
    approve(database)
    with database.write() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == "together")).one()
        sample_organisation(session, campaign, "Aid without one", review="approved", reviewed_at=NOW)
    answer = signed_in(site, "rita@example.org").client.get("/staff/campaigns/together/statement.pdf", base_url=BASE)
    (page,) = PdfReader(BytesIO(answer.get_data())).pages
    said = " ".join(page.extract_text().split())
    assert "Aid without one, Madison, WI Moon & Aid, Madison, WI" in said
    assert "/I1" in page.images.keys()  # noqa: SIM118  (pypdf gives no __contains__)


def test_within_a_page_of_others_logos_are_seen_and_one_can_be_added(
    number: int, supporter: SupporterBrowser, site: Flask, database: Database
) -> None:
    upload(supporter, png())
    approve(database)
    with database.write() as session:
        session.execute(update(Campaign).where(Campaign.slug == "together").values(sites=["https://partner.example"]))
    within = Within(site)
    page = within.open("/embed/together")
    source = re.search(r'<img class="logo" src="([^"]+)"', page.text)
    assert source
    assert within.client.get(source[1], base_url=BASE).status_code == 200
    root = within.seen[-1].request.path.partition("/campaigns/")[0]
    data = {"alternative": "A moon", "upload": (BytesIO(png()), "logo.png")}
    answer = within.client.post(f"{root}{PAGE}", base_url=BASE, data=data, content_type="multipart/form-data")
    assert answer.status_code == 303
    assert stored(database)[0].alternative == "A moon"
