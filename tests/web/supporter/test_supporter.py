"""The three steps, as a supporter without JavaScript meets them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from email_validator import validate_email
from flask import Flask
from sqlalchemy import func, select, text, update

from actionmail.db.actions import Action, Draft
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Event, FrozenLetter, Message
from actionmail.db.roster import Legislator
from actionmail.rules.delivery.envelope import letter_text
from actionmail.settings import Settings
from actionmail.web.supporter.forms import canonical_email
from tests.disks import writing_refused
from tests.samples import sample_campaign, sample_legislator
from tests.web.supporter_pages import BASE, WHO, SupporterBrowser, problems, title, words


def counts(database: Database) -> tuple[int, int, int]:
    with database.read() as session:
        return tuple(session.scalar(select(func.count()).select_from(table)) or 0 for table in (Action, Message, Draft))  # type: ignore[return-value]


def change_campaign(database: Database, **columns: object) -> None:
    with database.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        for name, value in columns.items():
            setattr(campaign, name, value)


def test_the_home_page_lists_what_is_open_and_marks_what_is_not(
    supporter: SupporterBrowser, database: Database
) -> None:
    assert "Write to your legislators : Keep armed police out" in words(supporter.get("/"))
    for status, marked in (("paused", "Paused"), ("closed", "Closed")):
        change_campaign(database, status=status)
        assert f"Letter Oppose AB 969 {marked} Keep armed police out" in words(supporter.get("/"))
    change_campaign(database, status="archived")
    assert "No campaign is open at the moment" in words(supporter.get("/"))


def test_a_letter_goes_from_the_first_step_to_the_receipt(supporter: SupporterBrowser, database: Database) -> None:
    page = supporter.begin()
    assert supporter.path.endswith("/legislators")
    assert "two Assembly districts: please choose." in words(page)
    assert "checked" not in page.text
    page = supporter.submit(lower="77")
    assert supporter.path.endswith("/letter")
    assert "Send to Sen. Uma Pattern and Rep. Tomas Mould" in words(page)
    assert "checked" not in page.text
    page = supporter.send(personal="My two children go to school here.")
    assert supporter.path.startswith("/receipts/")
    assert "Your 2 letters are queued" in words(page)
    assert "sent" not in title(page)
    with database.read() as session:
        messages = session.scalars(select(Message).order_by(Message.id)).all()
        assert [message.target_name for message in messages] == ["Senator Uma Pattern", "Representative Tomas Mould"]
        assert {message.state for message in messages} == {"queued"}
        assert session.scalars(select(Event.to_state)).all() == ["queued", "queued"]
        letter = letter_text(session.get_one(FrozenLetter, messages[0].id).raw)
        action = session.scalars(select(Action)).one()
    assert "My two children go to school here." in letter
    assert letter.index("My two children") < letter.index("I ask you to vote no")
    assert action.consent_text == "Send this in my name: Send to Sen. Uma Pattern and Rep. Tomas Mould"
    assert not action.wants_updates
    assert counts(database) == (1, 2, 0)


def test_ones_own_words_may_be_quoted_only_where_that_is_ticked(
    supporter: SupporterBrowser, database: Database
) -> None:
    supporter.to_letter()
    page = supporter.submit(go="preview", personal="My children go to school here.", quote="y")
    assert page.text.count("checked") == 1
    supporter.send(personal="My children go to school here.", quote="y")
    with database.read() as session:
        action = session.scalars(select(Action)).one()
    assert action.quotable == "My children go to school here."
    assert "Send this in my name. You may quote my own words: Send to" in action.consent_text


def test_what_is_not_ticked_is_not_kept_to_be_quoted(supporter: SupporterBrowser, database: Database) -> None:
    supporter.to_letter()
    supporter.send(personal="My children go to school here.")
    with database.read() as session:
        action = session.scalars(select(Action)).one()
    assert action.quotable == ""
    assert "quote" not in action.consent_text


def test_a_zip_that_leaves_no_question_asks_none(supporter: SupporterBrowser) -> None:
    supporter.to_letter(zip=" 53704-1234 ")
    assert supporter.path.endswith("/letter")


def test_a_guessed_district_needs_a_yes(supporter: SupporterBrowser) -> None:
    page = supporter.begin(zip="53777")
    assert supporter.path.endswith("/legislators")
    assert "is this your legislator?" in words(page)
    assert "Choose one of these answers." in problems(supporter.submit())
    page = supporter.submit(upper="26", lower="unsure")
    assert "Send to Sen. Uma Pattern" in words(page)
    assert "Lara Sample" not in words(page)


def test_somebody_sure_of_no_legislator_is_told_a_way_on(supporter: SupporterBrowser) -> None:
    supporter.begin(zip="53777")
    page = supporter.submit(upper="unsure", lower="unsure")
    assert "Choose at least one legislator" in problems(page)
    assert "hello@act.example.org" in problems(page)


def test_an_answer_that_was_not_offered_is_refused(supporter: SupporterBrowser) -> None:
    supporter.begin()
    assert "Choose one of these answers." in problems(supporter.submit(lower="99"))


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Enter your full name."),
        ("name", "   \u00a0 ", "Enter your full name."),
        ("name", "Mai\r\nBcc: all@example.org", "must be one line"),
        ("name", "Mai\x00Example", "must be one line"),
        ("name", "Mai \u202eelpmaxE", "must be one line"),
        ("name", "M" * 10_000, "may have 120 characters at most"),
        ("email", "", "Enter your e-mail address."),
        ("email", "mai.example.org", 'has no "@"'),
        ("email", "mai@example", "needs a dot and an ending"),
        ("email", "mai@exa mple.org", "no spaces"),
        ("email", "mai@example.org\r\nBcc: x@example.org", "must be one line"),
        ("zip", "", "Enter the ZIP code where you live."),
        ("zip", "5370", "five digits"),
        ("zip", "00000", "do not know"),
        ("zip", "94103", "California"),
        ("phone", "call me", "Enter a phone number with digits"),
        ("street", "s" * 300, "may have 200 characters at most"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_everything_is_kept(
    supporter: SupporterBrowser, database: Database, field: str, value: str, sentence: str
) -> None:
    typed = {**WHO, "street": "12 Sample Street", "city": "Madison", "phone": "608 555 0100"}
    page = supporter.begin(**{**typed, field: value})
    assert page.status_code == 400
    assert title(page).startswith("Error:")
    assert sentence in problems(page)
    at_field = re.search(rf'id="{field}-error">.*?</span> (.*?)</p>', page.text)
    assert at_field
    assert f'<a href="#{field}">{at_field[1]}</a>' in page.text
    assert {name: supporter.fields[name] for name in typed} == {**typed, field: value.strip()}
    assert counts(database)[:2] == (0, 0)


@pytest.mark.parametrize(
    ("field", "value", "taken"),
    [
        ("phone", "\u202d+1 (608)\u00a0555\u20110100\u202c", "+1 (608) 555-0100"),
        ("phone", "608\u2013555\u20130100", "608-555-0100"),
        ("phone", "+1\ufe0d-608-555-0100", "+1-608-555-0100"),
        ("phone", "608 555 0100 ext. 5", "608 555 0100 ext. 5"),
        ("phone", "tel:+1-608-555-0100", "+1-608-555-0100"),
        ("phone", "608 555 0100 Extension 5", "608 555 0100 Extension 5"),
        ("phone", "+16085550100,,5#", "+16085550100,,5#"),  # a pause, as telephones' own books write it
        ("phone", "608\u30fb555\u30fb0100", "608\u30fb555\u30fb0100"),
        ("zip", "\u202d53703\u202c", "53703"),
        ("zip", "\u1045\u1043\u1047\u1040\u1043", "53703"),
        ("zip", "\uff15\uff13\uff17\uff10\uff13", "53703"),
        ("email", "mai\uff20example.org", "mai@example.org"),
        ("email", "mai@example.org\u200b", "mai@example.org"),
        ("email", "mailto:mai@example.org", "mai@example.org"),
        ("email", "“mai@example.org”", "mai@example.org"),
        ("email", "<mai@example.org>;", "mai@example.org"),
        ("street", "\u202d2 Sample Street\u202c", "2 Sample Street"),
        ("name", "\u2068Mai Example\u2069", "Mai Example"),
    ],
)
def test_what_phones_and_keyboards_put_in_is_taken_as_it_was_meant(
    supporter: SupporterBrowser, database: Database, field: str, value: str, taken: str
) -> None:
    page = supporter.begin(**{**WHO, "street": "12 Sample Street", "city": "Madison", field: value})
    assert (page.status_code, problems(page)) == (200, "")
    with database.read() as session:
        (values,) = session.scalars(select(Draft.values))
    assert values["who"][field] == taken


def test_a_slip_in_the_mail_domain_is_asked_about_once_and_never_corrected(
    supporter: SupporterBrowser, database: Database
) -> None:
    asked = supporter.begin(**{**WHO, "email": "mai@gmial.com"})
    assert "Did you mean mai@gmail.com?" in problems(asked)
    assert supporter.fields["email"] == "mai@gmial.com"
    assert counts(database)[:2] == (0, 0)
    other = supporter.submit(email="mai@hotmial.com")  # another slip is another question
    assert "Did you mean mai@hotmail.com?" in problems(other)
    assert supporter.submit().status_code == 200  # pressed again: it is right as it stands
    with database.read() as session:
        (values,) = session.scalars(select(Draft.values))
    assert values["who"]["email"] == "mai@hotmial.com"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("mai", 'no "@"'),
        ("@example.org", 'before the "@"'),
        ("mai@", 'after the "@"'),
        ("mai@nowhere", "needs a dot"),
        ("mai @example.org", "no spaces"),
        ("mai@example,org", "comma"),
        ("mai..x@example.org", "dot stands in the wrong place"),
        ("Mai <mai@example.org>", "alone"),
        ("mai@a.example.org, b@example.org", "only one"),
        ("mäi@example.org", "letters a to z"),
        ("m" * 70 + "@example.org", "more than 64"),
        ("mai@" + "a." * 130 + "org", "too long"),
        ("mai@printer.local", "No e-mail can be sent"),
    ],
)
def test_a_wrong_address_is_refused_in_plain_words(address: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        canonical_email(address)


@pytest.mark.parametrize(
    "address",
    [
        *("mai@Example.ORG", "Mai@Example.org", "m.a+i_9@a-b.example.org", "o'mai@example.org", "a@b.co"),
        *(
            "WebMaster@Example.org",
            "postmaster@example.org",
            "1@example.org",
            "_@example.org",
            f"{'m' * 64}@example.org",
        ),
    ],
)
def test_a_plain_address_is_kept_as_the_library_keeps_it(address: str) -> None:
    assert canonical_email(address) == validate_email(address, check_deliverability=False).ascii_email


def test_a_domain_in_another_script_is_kept_as_letters_carry_it() -> None:
    assert canonical_email("Mai@exämple.org") == "Mai@xn--exmple-cua.org"


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"body_1": ""}, "The letter is empty"),
        ({"body_1": " \n\n "}, "The letter is empty"),
        ({"body_1": "a" * 5_001}, "may have 5,000 characters at most; this has 5,001"),
        ({"personal": "a" * 2_001}, "may have 2,000 characters at most"),
        ({"personal": "[add your story here]"}, "still says"),
        ({"body_1": "I am [your name] and ask you."}, "still says"),
        ({"personal": "a\x07b"}, "control character"),
        ({"body_1": "{{ salutation }}"}, "still says"),
        ({"subject_1": ""}, "Write a subject"),
        ({"subject_1": "s" * 79}, "may have 78 characters at most"),
        ({"subject_1": "Hello\nBcc: x@example.org"}, "must be one line"),
        ({"consent": ""}, "Tick this box"),
    ],
)
def test_a_letter_that_cannot_go_is_refused_at_its_field(
    supporter: SupporterBrowser, database: Database, answers: dict[str, str], sentence: str
) -> None:
    supporter.to_letter()
    page = supporter.send(**{"personal": "My own words.", "consent": "y", **answers})
    assert page.status_code == 400
    assert title(page).startswith("Error:")
    assert sentence in problems(page)
    field = next(iter(answers))
    assert f'id="{field}-error"' in page.text
    if "personal" not in answers:
        assert supporter.fields["personal"] == "My own words."
    if answers[field].strip() and field.startswith("body"):
        assert supporter.fields[field] == answers[field]
    assert counts(database)[:2] == (0, 0)


def test_a_letter_that_came_back_empty_is_offered_again(supporter: SupporterBrowser, database: Database) -> None:
    """Some browsers send "" for a text that nobody opened."""
    supporter.to_letter()
    subject, body = supporter.fields["subject_1"], supporter.fields["body_1"]
    assert subject
    assert body
    for answers in ({"go": "send", "consent": "y"}, {"go": "send"}, {"go": "preview"}):
        supporter.submit(**answers, subject_1="", body_1="", personal="My own words.")
        assert (supporter.fields["subject_1"], supporter.fields["body_1"]) == (subject, body)
        assert supporter.fields["personal"] == "My own words."
    assert counts(database) == (0, 0, 1)
    supporter.send()
    assert counts(database) == (1, 2, 0)


def test_a_page_that_was_open_for_long_says_so_and_asks_for_no_cookies(supporter: SupporterBrowser) -> None:
    supporter.get("/campaigns/ab969")
    page = supporter.submit(**WHO, csrf_token="old")
    assert page.status_code == 403
    assert "open for a long time" in problems(page)
    assert "cookie" not in problems(page)
    supporter.client.delete_cookie("actionmail", domain="127.0.0.1")
    assert "allow cookies for this site" in problems(supporter.submit())


def test_each_page_of_the_steps_says_which_it_is_and_letters_have_their_lines(supporter: SupporterBrowser) -> None:
    """Their lines also in a browser that reads no style sheet."""
    asked = supporter.begin()
    assert "Step 2 of 3: Keep armed police out of Wisconsin's schools , who represents you" in words(asked)
    letter = supporter.submit(lower="77")
    assert "Step 2 of 3: Keep armed police out of Wisconsin's schools , your letter" in words(letter)
    assert 'cols="70"' in letter.text
    assert re.search(r"<pre[^>]*>Dear ", letter.text)
    assert re.search(r'<pre class="letter"><strong>Subject', supporter.send().text)


def test_an_edited_letter_goes_as_edited_and_never_as_a_program(
    supporter: SupporterBrowser, database: Database
) -> None:
    supporter.to_letter()
    supporter.send(body_1="My own letter,\r\n100 % mine: 3 < 4 & <b>bold</b>.", subject_1="My subject")
    with database.read() as session:
        letter = letter_text(session.scalars(select(FrozenLetter.raw)).first() or b"")
        subjects = set(session.scalars(select(Message.subject)))
    assert "My own letter,\n100 % mine: 3 < 4 & <b>bold</b>." in letter
    assert "Students need counsellors" not in letter
    assert subjects == {"My subject"}


def test_the_preview_shows_what_is_typed_and_sends_nothing(supporter: SupporterBrowser, database: Database) -> None:
    supporter.to_letter()
    page = supporter.submit(go="preview", personal="Words <for> the top.", body_1="Another text.")
    assert "Words &lt;for&gt; the top.</pre>" in page.text
    assert "Another text.</pre>" in page.text
    assert "<details open>" in page.text
    assert supporter.fields["body_1"] == "Another text."
    assert counts(database) == (0, 0, 1)


def test_going_back_loses_no_word(supporter: SupporterBrowser) -> None:
    supporter.begin(street="12 Sample Street")
    supporter.submit(lower="76")
    page = supporter.submit(go="back", personal="My words.", body_1="My letter.", updates="y")
    assert supporter.path.endswith("/legislators")
    assert re.search(r'value="76" checked', page.text)
    supporter.submit(go="back")
    assert supporter.path.endswith("/ab969")
    assert supporter.fields["street"] == "12 Sample Street"
    supporter.submit(name="Mai B. Example")
    page = supporter.submit()
    assert supporter.path.endswith("/letter")
    assert supporter.fields["personal"] == "My words."
    assert supporter.fields["body_1"] == "My letter."
    assert "Mai B. Example" in words(page)


def test_another_zip_asks_again(supporter: SupporterBrowser) -> None:
    supporter.begin()
    supporter.submit(lower="77")
    supporter.get("/campaigns/ab969")
    supporter.submit(zip="53777")
    assert "lower" not in supporter.fields


def test_a_double_click_is_one_action(supporter: SupporterBrowser, database: Database) -> None:
    supporter.to_letter()
    form = {**supporter.fields, "go": "send", "consent": "y"}
    first = supporter.client.post(supporter.path, base_url=BASE, data=form)
    second = supporter.client.post(supporter.path, base_url=BASE, data=form)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert counts(database) == (1, 2, 0)


def test_the_same_address_does_not_write_twice(supporter: SupporterBrowser, database: Database, site: Flask) -> None:
    supporter.to_letter()
    supporter.send()
    other = SupporterBrowser(site)
    other.to_letter(email="MAI@example.org")
    page = other.send(personal="Once more.")
    assert page.status_code == 409
    assert "is there already" in problems(page)
    assert other.fields["personal"] == "Once more."
    assert counts(database)[:2] == (1, 2)


def test_after_sending_the_form_can_be_used_for_somebody_else(supporter: SupporterBrowser, database: Database) -> None:
    supporter.to_letter()
    supporter.send()
    supporter.to_letter(name="Bo Example", email="bo@example.org")
    page = supporter.send()
    assert "Thank you, Bo Example" in words(page)
    assert counts(database)[:2] == (2, 4)


def test_a_vacant_seat_says_when_its_special_election_is(
    supporter: SupporterBrowser, database: Database, site_settings: Settings
) -> None:
    with database.write() as session:
        session.execute(text("UPDATE legislators SET status = 'vacant', name = '', email = '' WHERE chamber = 'upper'"))
    soon = datetime.now(UTC).date() + timedelta(days=9)
    table = site_settings.data_dir / "special_elections.csv"
    table.write_text(f"state,chamber,district,election,first_day,source\nWI,upper,26,{soon},,made up\n")
    page = words(supporter.to_letter())
    said = f"Nobody holds this seat at the moment, so nobody can be written to. A special election is on {soon}."
    assert said in page
    assert "Uma Pattern" not in page
    assert "Your letter is queued" in words(supporter.send())
    with database.read() as session:
        assert [message.target_name for message in session.scalars(select(Message))] == ["Representative Lara Sample"]


def test_a_vacant_seat_and_a_missing_address_are_said_plainly(supporter: SupporterBrowser, database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE legislators SET status = 'vacant', name = '', email = '' WHERE chamber = 'upper'"))
        sample_legislator(
            session, name="Nora Nomail", email="", email_note="missing", website="https://legis.example/nomail"
        )
    page = supporter.to_letter()
    assert "Nobody holds this seat" in words(page)
    assert "We know no e-mail address of this legislator" in words(page)
    assert "https://legis.example/nomail" in page.text
    assert "Send to Rep. Lara Sample" in words(page)
    page = supporter.send()
    assert "Your letter is queued" in words(page)
    assert "Not sent: this legislator takes no letters by e-mail, or we know no address" in words(page)
    assert "Your letter to copy" in words(page)
    assert "the form on their website" in words(page)
    with database.read() as session:
        assert sorted(session.scalars(select(Message.state))) == ["no_channel", "queued"]


def test_nobody_to_write_to_offers_no_button(supporter: SupporterBrowser, database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE legislators SET email = ''"))
    page = supporter.to_letter()
    assert "None of your legislators can be written to" in words(page)
    assert "hello@act.example.org" in page.text
    assert 'value="send"' not in page.text
    assert supporter.submit(go="back").status_code == 200


def test_a_legislator_replaced_in_between_is_shown_before_anything_goes(
    supporter: SupporterBrowser, database: Database
) -> None:
    supporter.to_letter()
    with database.write() as session:
        old = session.scalars(select(Legislator).where(Legislator.district == "76")).one()
        old.gone_at = datetime.now(UTC)
        sample_legislator(session, name="Nina Newcomer", family_name="Newcomer")
    page = supporter.send(personal="Kept.")
    assert page.status_code == 409
    assert "changed while you were writing" in problems(page)
    assert "Nina Newcomer" in words(page)
    assert supporter.fields["personal"] == "Kept."
    assert "queued" in title(supporter.send())


def test_a_letter_changed_by_staff_is_not_taken_for_an_edit(supporter: SupporterBrowser, database: Database) -> None:
    supporter.to_letter()
    with database.write() as session:
        session.execute(text("UPDATE letters SET body = 'A better text.'"))
    page = supporter.submit(go="preview")
    assert supporter.fields["body_1"] == "A better text."
    assert "A better text." in words(page)


@pytest.mark.parametrize(
    ("columns", "words_there"),
    [
        ({"status": "paused"}, "This campaign is paused"),
        ({"status": "closed"}, "This campaign is closed"),
        ({"deadline_at": datetime.now(UTC) - timedelta(minutes=1)}, "This campaign is closed"),
    ],
)
def test_a_campaign_that_takes_no_letters_has_its_own_page(
    supporter: SupporterBrowser, database: Database, columns: dict[str, object], words_there: str
) -> None:
    supporter.to_letter()
    change_campaign(database, **columns)
    fields, path = supporter.fields, supporter.path
    page = supporter.get("/campaigns/ab969")
    assert page.status_code == 200
    assert words_there in words(page)
    page = supporter.client.post(
        path, base_url=BASE, data={**fields, "go": "send", "consent": "y", "personal": "My words."}
    )
    assert page.status_code == 409
    assert words_there in words(page)
    assert "My words." in words(page)
    assert counts(database)[:2] == (0, 0)


def test_an_unknown_campaign_and_a_draft_are_not_found(supporter: SupporterBrowser, database: Database) -> None:
    with database.write() as session:
        sample_campaign(session, slug="secret", status="draft")
    for slug in ("there-is-none", "secret"):
        page = supporter.get(f"/campaigns/{slug}")
        assert page.status_code == 404
        assert "We do not know this campaign" in words(page)


def test_a_later_step_without_the_first_leads_there(supporter: SupporterBrowser) -> None:
    for step in ("legislators", "letter"):
        answer = supporter.get(f"/campaigns/ab969/{step}")
        assert (answer.status_code, answer.location) == (303, "/campaigns/ab969")


def test_a_draft_that_is_gone_leaves_the_words_to_be_copied(supporter: SupporterBrowser, database: Database) -> None:
    supporter.to_letter()
    with database.write() as session:
        session.execute(text("DELETE FROM drafts"))
    page = supporter.send(personal="My words, which took me an hour.")
    assert page.status_code == 409
    assert "one day at most, and no longer than until you send or erase" in words(page)
    assert "Nothing was sent" in words(page)
    assert "My words, which took me an hour." in words(page)


def test_what_others_typed_a_day_ago_is_forgotten(supporter: SupporterBrowser, site: Flask, database: Database) -> None:
    supporter.to_letter()
    with database.write() as session:
        session.execute(update(Draft).values(updated_at=datetime.now(UTC) - timedelta(hours=25)))
    SupporterBrowser(site).to_letter(email="bo@example.org")
    assert counts(database)[2] == 2  # looked at a moment ago
    later = replace(site.extensions["actionmail"], clock=lambda: datetime.now(UTC) + timedelta(minutes=1))
    site.extensions["actionmail"] = later
    SupporterBrowser(site).to_letter(email="cy@example.org")
    assert counts(database)[2] == 2
    assert supporter.get("/campaigns/ab969/letter").status_code == 303


def test_the_draft_survives_a_browser_that_forgot_its_cookies(supporter: SupporterBrowser) -> None:
    supporter.to_letter()
    fields, path = supporter.fields, supporter.path
    supporter.client.delete_cookie("actionmail", domain="127.0.0.1")
    page = supporter.client.post(path, base_url=BASE, data={**fields, "go": "send", "personal": "Kept."})
    assert page.status_code == 403
    assert "allow cookies for this site" in problems(page)
    assert "Kept." in page.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    data = {**fields, "go": "send", "personal": "Kept.", "consent": "y", "csrf_token": token[1]}
    assert supporter.client.post(path, base_url=BASE, data=data).status_code == 303


def test_a_locked_database_sends_nothing_and_keeps_what_was_typed(
    supporter: SupporterBrowser, database: Database
) -> None:
    supporter.to_letter()
    with database.write() as session:
        session.execute(text("UPDATE campaigns SET goal = 7"))
        page = supporter.send(personal="My words.")
        assert page.status_code == 503
        assert "nothing was sent" in problems(page)
        assert supporter.fields["personal"] == "My words."
    assert "queued" in title(supporter.send())
    assert counts(database) == (1, 2, 0)


def test_a_read_only_database_sends_nothing_and_keeps_what_was_typed(
    supporter: SupporterBrowser, database: Database, sqlite_url: str
) -> None:
    supporter.get("/campaigns/ab969")
    with writing_refused(supporter.client.application.extensions["actionmail"].database):
        page = supporter.submit(**WHO)
    assert page.status_code == 503
    assert "nothing was sent" in problems(page)
    assert supporter.fields["name"] == "Mai Example"
    assert counts(database)[:2] == (0, 0)


def test_a_database_without_tables_is_a_page_and_not_a_crash(supporter: SupporterBrowser, sqlite_url: str) -> None:
    Path(sqlite_url.removeprefix("sqlite:///")).write_bytes(b"")
    page = supporter.get("/campaigns/ab969")
    assert page.status_code == 503
    assert "We cannot do this at the moment" in words(page)


def test_members_of_congress_get_the_words_through_their_form(supporter: SupporterBrowser, database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE campaigns SET chambers = '[\"us_upper\"]'"))
        session.execute(text("UPDATE letters SET chambers = '[\"us_upper\"]'"))
        for name in ("Sam Sample", "Tess Sample"):
            sample_legislator(
                session,
                name=name,
                chamber="us_upper",
                district="Statewide",
                email="",
                phone="202-555-0100",
                website=f"https://{name.split()[0].lower()}.senate.example/contact",
            )
    page = supporter.to_letter()
    assert "United States Senate, the whole state" in words(page)
    assert "Members of Congress take no letters by e-mail" in words(page)
    assert "Get my letters to copy" in words(page)
    assert "Keep this for me to copy" in words(page)
    assert "stands that it was sent from this page" not in words(page)
    page = supporter.send()
    assert "Your letters are ready to copy" in words(page)
    assert "Dear Senator Sample," in words(page)
    assert "https://tess.senate.example/contact" in page.text
    assert "202-555-0100" in words(page)
    assert "Take my letters back" not in words(page)
    with database.read() as session:
        assert list(session.scalars(select(Message.state))) == ["no_channel", "no_channel"]
    supporter.to_letter()
    assert "is there already" in words(supporter.send())
