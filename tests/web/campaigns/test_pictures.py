"""Staff upload a picture and tell it in words; whatever cannot be taken is said at its field, and the words stay."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from actionmail.db.engine import Database
from actionmail.db.pictures import Picture
from actionmail.flows.campaigns import pictures
from actionmail.rules.campaigns.pictures import MAX_UPLOAD
from tests.pictures import decoded, png, png_that_declares
from tests.web.staff_pages import BASE, StaffBrowser, revision, words

PAGE = "/staff/pictures"
ALTERNATIVE = 'A school door with "open" & <welcome> on it.'


def upload(browser: StaffBrowser, content: bytes, name: str = "door.png", **typed: str) -> TestResponse:
    browser.get(PAGE)
    data = {"csrf_token": browser._token, "en": ALTERNATIVE, **typed, "upload": (BytesIO(content), name)}
    return browser.client.post(PAGE, base_url=BASE, data=data, content_type="multipart/form-data")


def error_of(page: TestResponse, field: str) -> str:
    found = re.search(rf'id="{field}-error"><span class="hidden">Error:</span> (.*?)</p>', page.text)
    return found[1] if found else ""


def stored(database: Database) -> list[Picture]:
    with database.read() as session:
        return list(session.scalars(select(Picture)))


def test_a_picture_is_uploaded_listed_and_served(browser: StaffBrowser, database: Database) -> None:
    assert "There is no picture yet" in browser.get(PAGE).text
    answer = upload(browser, png(2000, 1000), es="Una puerta.")
    assert (answer.status_code, answer.location) == (303, f"{PAGE}/1")
    page = browser.get(answer.location)
    assert "Done." in words(page) and "anna@example.org" in words(page)
    assert 'alt="A school door with &#34;open&#34; &amp; &lt;welcome&gt; on it."' in page.text
    source = re.search(r'<img src="(/pictures/[0-9a-f]{64}\.png)" width="1600" height="800"', page.text)
    assert source
    assert decoded(browser.client.get(source[1], base_url=BASE).data).size == (1600, 800)
    small = re.search(r'<img src="(/pictures/[0-9a-f]{64}\.png)" width="480" height="240"', browser.get(PAGE).text)
    assert small
    assert decoded(browser.client.get(small[1], base_url=BASE).data).size == (480, 240)


def test_what_is_served_is_a_picture_and_nothing_else_and_kept_for_ever(browser: StaffBrowser, app: Flask) -> None:
    upload(browser, png())
    address = re.search(r"/pictures/[0-9a-f]{64}\.png", browser.get(PAGE).text)
    assert address
    anybody = app.test_client()
    answer = anybody.get(address[0], base_url=BASE)
    headers = answer.headers
    assert (answer.status_code, headers["Content-Type"]) == (200, "image/png")
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Set-Cookie" not in headers and "Vary" not in headers
    again = anybody.get(address[0], base_url=BASE, headers={"If-None-Match": headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    for wrong in (address[0].replace(".png", ".jpg"), address[0].replace(".png", ".html"), "/pictures/x.png"):
        assert anybody.get(wrong, base_url=BASE).status_code == 404


REFUSED = {
    "nothing": (b"", "Choose a file."),
    "text": (b"Dear Senator", "This is no picture"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "This is an SVG drawing"),
    "cut off": (png(900, 900)[:300], "The file is damaged"),
    "30,000 wide": (png_that_declares(30_000, 10), "It is 30,000 points wide and 10 high"),
    "too many points": (png_that_declares(9_000, 9_000), "It has more than 25,000,000 points"),
    "large": (b"\xff\xd8\xff" + bytes(MAX_UPLOAD), "The file has more than 20 MB."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_taken_is_said_at_the_field_and_the_words_stay(
    browser: StaffBrowser, database: Database, name: str
) -> None:
    content, sentence = REFUSED[name]
    answer = upload(browser, content, es="Una puerta.")
    assert answer.status_code == 422
    assert error_of(answer, "upload").startswith(f"Picture: {sentence}")
    assert "<title>Error:" in answer.text and 'href="#upload"' in answer.text
    assert "Choose it once more" in answer.text
    assert "A school door with &#34;open&#34; &amp; &lt;welcome&gt; on it." in answer.text
    assert 'value="Una puerta."' in answer.text
    assert stored(database) == []


def test_a_picture_without_words_is_not_taken(browser: StaffBrowser, database: Database) -> None:
    both = upload(browser, b"", en=" ").text
    assert both.index('href="#upload"') < both.index('href="#en"')
    answer = upload(browser, png(), en=" ", vi="x" * 501)
    assert answer.status_code == 422
    assert error_of(answer, "en").endswith("Say in a sentence what the picture shows, for who cannot see it.")
    assert "501" in error_of(answer, "vi")
    assert "<details open>" in answer.text
    assert stored(database) == []


class Unread(BytesIO):
    """A body of which is counted how much was read at once."""

    most = 0

    def read(self, size: int | None = -1) -> bytes:
        assert size is not None and size >= 0
        self.most = max(self.most, size)
        return super().read(size)


def test_a_body_that_is_too_large_is_refused_by_its_length_before_it_is_parsed(browser: StaffBrowser) -> None:
    browser.get(PAGE)
    body = Unread(bytes(MAX_UPLOAD + 600 * 1024))  # no form at all, which nobody finds out
    answer = browser.client.post(
        PAGE,
        base_url=BASE,
        input_stream=body,
        content_length=len(body.getbuffer()),
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code == 413
    assert error_of(answer, "upload").startswith("Picture: The file has more than 20 MB.")
    assert body.most <= 1024 * 1024
    assert body.read(1) == b""  # read to its end, so that the browser shows the answer


def test_whoever_is_not_signed_in_uploads_nothing_and_is_not_read(app: Flask, database: Database) -> None:
    client = app.test_client()
    data = {"en": ALTERNATIVE, "upload": (BytesIO(png() + bytes(600 * 1024)), "a.png")}
    answer = client.post(PAGE, base_url=BASE, data=data, content_type="multipart/form-data")
    assert (answer.status_code, answer.location) == (303, "/staff/sign-in")
    assert stored(database) == []


def test_a_forged_upload_is_refused(browser: StaffBrowser, database: Database) -> None:
    browser.get(PAGE)
    data = {"csrf_token": "forged", "en": ALTERNATIVE, "upload": (BytesIO(png() + bytes(600 * 1024)), "a.png")}
    answer = browser.client.post(PAGE, base_url=BASE, data=data, content_type="multipart/form-data")
    assert answer.status_code == 403
    assert "Nothing was changed" in words(answer)
    assert "A school door" in answer.text
    assert stored(database) == []


def test_the_same_file_again_offers_to_change_the_words(browser: StaffBrowser, database: Database) -> None:
    upload(browser, png())
    answer = upload(browser, png(), en="A gate.")
    assert answer.status_code == 409
    assert "This picture is there already" in words(answer)
    assert 'value="A gate."' in answer.text and "A school door" in answer.text
    saved = browser.post(f"{PAGE}/1", revision=revision(answer), en="A gate.")
    assert saved.status_code == 303
    assert [row.alternatives for row in stored(database)] == [{"en": "A gate."}]


def test_words_are_changed_unless_somebody_was_quicker(browser: StaffBrowser, database: Database) -> None:
    upload(browser, png())
    before = revision(browser.get(f"{PAGE}/1"))
    assert browser.post(f"{PAGE}/1", revision=before, en="").status_code == 422
    assert browser.post(f"{PAGE}/1", revision=before, en="A gate.").status_code == 303
    late = browser.post(f"{PAGE}/1", revision=before, en="A window.")
    assert late.status_code == 409
    assert "Somebody else changed these words" in words(late)
    assert "A gate." in late.text and 'value="A window."' in late.text
    assert browser.post(f"{PAGE}/1", revision=revision(late), en="A window.").status_code == 303
    assert [row.alternatives for row in stored(database)] == [{"en": "A window."}]


def test_a_picture_is_deleted_once_nothing_shows_it(browser: StaffBrowser, app: Flask, database: Database) -> None:
    upload(browser, png())
    services = app.extensions["actionmail"]
    uses = [["No to AB 969", "Yes to SB 1161", "Third", "Fourth", "Fifth"], []]
    app.extensions["actionmail"] = replace(services, picture_uses=lambda _session, _number: uses[0])
    assert "Delete this picture?" in browser.get(f"{PAGE}/1/deletion").text
    refused = browser.post(f"{PAGE}/1/deletion")
    assert refused.status_code == 409
    assert 'It is shown by "No to AB 969", "Yes to SB 1161", "Third" and 2 more, so it was not deleted.' in words(
        refused
    )
    assert "Shown by: No to AB 969;" in words(refused)
    app.extensions["actionmail"] = replace(services, picture_uses=lambda _session, _number: uses[1])
    browser.get(f"{PAGE}/1/deletion")
    assert browser.post(f"{PAGE}/1/deletion").location == PAGE
    assert stored(database) == []
    gone = browser.get(f"{PAGE}/1")
    assert (gone.status_code, "There is no such picture" in gone.text) == (404, True)


def test_older_pictures_are_a_page_further(browser: StaffBrowser, database: Database) -> None:
    for height in range(1, pictures.PAGE + 2):
        upload(browser, png(9, height))
    first = browser.get(PAGE)
    assert first.text.count("<img") == pictures.PAGE
    older = re.search(r'href="(/staff/pictures\?before=\d+)"', first.text)
    assert older
    assert browser.get(older[1]).text.count("<img") == 1
    assert "There are no older pictures." in browser.get(f"{PAGE}?before=1").text
