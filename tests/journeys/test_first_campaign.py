"""From an empty database: an admin makes a campaign, a colleague publishes it, and a supporter acts."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from secrets import token_hex

import pyotp
import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Look, View, opened_page
from tests.journeys.hands import Keyboard, Pointing
from tests.journeys.house import House
from tests.journeys.steps import OWN_WORDS

pytestmark = pytest.mark.browser

COMMITTEE = "Assembly Committee on Transportation"
CLOSING = "Thank you for your time.\n\nSincerely,\n{{ supporter_name }}\n{{ address }}"
BODY = "I live in {{ place }}. Please support {{ bill }}: people who are harassed at a stop often stop riding."
PLANTED = "\n\n[add your story here]"


@pytest.mark.parametrize(
    ("view", "hands"),
    [
        pytest.param(View(360, scripts=True), Pointing, id="360px"),
        pytest.param(View(1280, scripts=False), Pointing, id="1280px-scriptless"),
        pytest.param(View(1280, scripts=True), Keyboard, id="1280px-keyboard"),
    ],
)
def test_from_an_empty_database_to_a_supporters_letters(
    browser: Browser, empty_house: House, view: View, hands: type[Pointing], look: Look, email: str
) -> None:
    house, unique = empty_house, token_hex(3)
    admin, colleague = f"admin.{unique}@act.example.org", f"colleague.{unique}@act.example.org"
    slug = f"sb1161-{unique}"
    house.children.finish("staff", "add", admin, "--role", "admin", "--password-stdin", given=house.password)
    with opened_page(browser, house, view) as page, opened_page(browser, house, view) as other:
        mine, theirs = hands(page), hands(other)
        sign_in_with_an_app(mine, house, admin, look)
        invite(mine, colleague)
        accept(theirs, house.link_mailed_to(colleague), house, colleague)

        begin(mine, house, slug)
        write_page(mine, slug)
        add_members_of_the_committee(mine, house, slug, look)
        write_letter(mine, house, slug, "Committee members", chamber="Assembly", committee=True, more=PLANTED)
        write_letter(mine, house, slug, "Senate", chamber="Senate")
        write_letter(mine, house, slug, "Assembly", chamber="Assembly")

        home = f"{house.site}/staff/campaigns/{slug}"
        page.goto(home)
        look(page, "first-campaign")
        mine.press(page.get_by_role("link", name=re.compile("^Publish")))
        mine.press(page.get_by_role("button", name="Publish", exact=True))
        expect(page.get_by_role("alert")).to_contain_text("[add your story here]")
        look(page, "first-campaign-refused")
        mend(mine, home)
        preview_three(mine, house, home, look)
        send_a_test(mine, house, admin)

        page.goto(f"{home}/changes/publish")
        mine.press(page.get_by_role("button", name="Publish", exact=True))
        expect(page.get_by_role("alert")).to_contain_text("Somebody else has to read and publish it.")

        other.goto(f"{home}/changes/publish")
        theirs.press(other.get_by_role("button", name="Publish", exact=True))
        expect(other.get_by_role("status")).to_contain_text("This campaign is now live.")
    with opened_page(browser, house, view) as page:
        act(hands(page), house, slug, email, look)
    check_letters(house, email)


def sign_in_with_an_app(hands: Pointing, house: House, admin: str, look: Look) -> None:
    """With the password; an app is set up; and then once more, with a code."""
    page = hands.page
    page.goto(f"{house.site}/staff/sign-in")
    password(hands, house, admin)
    expect(page).to_have_url(re.compile(r"/staff/$"))
    hands.press(page.get_by_role("link", name="Your account"))
    hands.press(page.get_by_role("link", name="Authenticator app"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up an authenticator app")
    secret = page.locator("main p > code").inner_text().replace(" ", "")
    used = int(datetime.now(UTC).timestamp()) // 30
    hands.write(page.get_by_label("Code"), pyotp.TOTP(secret).generate_otp(used))
    hands.write(page.get_by_label("Password", exact=False), house.password)
    hands.press(page.get_by_role("button", name="Turn it on"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    hands.press(page.get_by_role("button", name="Sign out"))
    expect(page).to_have_url(re.compile(r"/sign-in"))
    password(hands, house, admin)
    expect(page.get_by_role("heading", level=1)).to_have_text("The second step")
    look(page, "staff-second-step")
    unused = max(used + 1, int(datetime.now(UTC).timestamp()) // 30)  # no code works twice
    hands.write(page.get_by_label("Code"), pyotp.TOTP(secret).generate_otp(unused))
    hands.press(page.get_by_role("button", name="Sign in"))
    expect(page).to_have_url(re.compile(r"/staff/$"))


def password(hands: Pointing, house: House, address: str) -> None:
    hands.write(hands.page.get_by_label("E-mail address"), address)
    hands.write(hands.page.get_by_label("Password"), house.password)
    hands.press(hands.page.get_by_role("button", name="Sign in"))


def invite(hands: Pointing, colleague: str) -> None:
    page = hands.page
    hands.press(page.get_by_role("link", name="Accounts"))
    hands.write(page.get_by_label("E-mail address"), colleague)
    hands.choose(page.get_by_label("Role", exact=True), "author")
    hands.press(page.get_by_role("button", name="Invite"))
    expect(page.locator("main")).to_contain_text(f"{colleague}, author, until")


def accept(hands: Pointing, link: str, house: House, colleague: str) -> None:
    page = hands.page
    page.goto(link)
    hands.write(page.get_by_label("New password", exact=True), house.password)
    hands.write(page.get_by_label("New password again"), house.password)
    hands.press(page.get_by_role("button", name="Keep this password"))
    expect(page).to_have_url(re.compile(r"/sign-in"))
    password(hands, house, colleague)
    expect(page).to_have_url(re.compile(r"/staff/$"))


def begin(hands: Pointing, house: House, slug: str) -> None:
    page = hands.page
    page.goto(f"{house.site}/staff/campaigns")
    hands.press(page.get_by_role("link", name="New campaign"))
    hands.write(page.get_by_label("Title of the campaign"), "Make every ride a safe ride")
    hands.write(page.get_by_label("Its part of the page's address"), slug)
    hands.choose(page.get_by_label("State", exact=True), "California")
    hands.write(page.get_by_label("Legislative session"), "2021-2022")
    hands.write(page.get_by_label("Number of the bill"), "SB 1161")
    hands.write(page.get_by_label("The bill in plain words"), "Street harassment as a safety concern of riders")
    hands.pick(page.get_by_label("Support the bill"))
    hands.choose(page.get_by_label("Time zone"), "America/Los_Angeles")
    hands.press(page.get_by_role("button", name="Begin the draft"))
    expect(page.get_by_role("status")).to_contain_text("a draft: nobody sees it")


def write_page(hands: Pointing, slug: str) -> None:
    page = hands.page
    hands.press(page.get_by_role("link", name="The page's text"))
    hands.write(page.get_by_label("What the page says"), "Riders are harassed.\n\n**Two minutes** are enough.")
    hands.press(page.get_by_role("button", name="Save", exact=True))
    expect(page).to_have_url(re.compile(f"/{slug}$"))


def add_members_of_the_committee(hands: Pointing, house: House, slug: str, look: Look) -> None:
    page = hands.page
    hands.press(page.get_by_role("link", name="Targets"))
    hands.press(page.get_by_text("Committees to choose from"))
    hands.tick(page.get_by_label(re.compile(rf"^{COMMITTEE} \(")))
    hands.press(page.get_by_role("button", name="Show whom it names"))
    expect(page.locator("#who")).to_contain_text("not saved yet")
    look(page, "first-campaign-targets")
    hands.press(page.get_by_role("button", name="Add the rule"))
    expect(page.locator("main")).to_contain_text(f"members of the {COMMITTEE}")


def write_letter(
    hands: Pointing, house: House, slug: str, name: str, *, chamber: str, committee: bool = False, more: str = ""
) -> None:
    page = hands.page
    page.goto(f"{house.site}/staff/campaigns/{slug}")
    hands.press(page.get_by_role("link", name="Letters", exact=True))
    hands.press(page.get_by_role("link", name="New letter"))
    hands.write(page.get_by_label("Your name for this letter"), name)
    for one in ("Senate", "Assembly"):
        hands.tick(page.get_by_label(f"California State {one}", exact=True), on=one == chamber)
    opening, body = "{{ salutation }}", f"As your constituent, I write to you. {BODY}"
    if committee:
        hands.press(page.get_by_text("For whom of these, more exactly"))
        hands.tick(page.get_by_label(COMMITTEE))
        opening, body = f"{opening}\n\nYou sit on the {{{{ committee }}}}.", BODY
    hands.write(page.get_by_label("Subjects"), "{{ bill }}: safe rides for everyone - {{ place }}")
    hands.write(page.get_by_label("Opening"), opening)
    hands.write(page.get_by_label("Body"), body + more)
    hands.write(page.get_by_label("Closing"), CLOSING)
    hands.press(page.get_by_role("button", name="Save the letter"))
    expect(page.get_by_role("status")).to_contain_text(f"Saved: {name} (version 1)")


def mend(hands: Pointing, home: str) -> None:
    page = hands.page
    page.goto(home)
    hands.press(page.get_by_role("link", name="Letters", exact=True))
    hands.press(page.get_by_role("link", name="Committee members", exact=True))
    hands.write(page.get_by_label("Body"), BODY)
    hands.press(page.get_by_role("button", name="Save the letter"))
    expect(page.locator("main")).to_contain_text("Check of every letter: no fault")


def preview_three(hands: Pointing, house: House, home: str, look: Look) -> None:
    """A senator, a member of the committee, and another member of the Assembly: each with the letter that is theirs."""
    page = hands.page
    page.goto(home)
    hands.press(page.get_by_role("link", name="Letters", exact=True))
    hands.press(page.get_by_role("link", name="Preview a letter"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Preview a letter")
    people = page.get_by_label("Legislator", exact=True)
    labels = people.locator("option").all_inner_texts()
    picked: dict[str, str] = {}
    for label in [labels[0], *(one for one in labels if one.startswith("Assemblymember"))]:
        hands.choose(people, label)
        hands.press(page.get_by_role("button", name="Show"))
        expect(page.get_by_role("heading", level=2).first).to_contain_text(f"to {label.split(', ')[0]}")
        letter = page.get_by_role("heading", level=2).first.inner_text().split(",")[0]
        if letter not in picked:
            picked[letter] = label
            text = page.get_by_role("region", name="The text of the letter")
            expect(text).to_contain_text(f"Dear {label.split()[0]} ")
            expect(text).to_contain_text("Please support SB 1161")
        if len(picked) == 3:
            break
    assert set(picked) == {"Senate", "Committee members", "Assembly"}
    look(page, "first-campaign-preview")


def send_a_test(hands: Pointing, house: House, admin: str) -> None:
    page = hands.page
    hands.press(page.get_by_role("button", name="Send me a test"))
    expect(page.get_by_role("status")).to_contain_text(f"The mail server took a test letter to {admin}.")
    assert house.wait_for_test(admin)["Subject"].startswith("TEST: SB 1161")


def act(hands: Pointing, house: House, slug: str, email: str, look: Look) -> None:
    page = hands.page
    page.goto(f"{house.site}/campaigns/{slug}")
    expect(page.locator("main")).to_contain_text("Two minutes are enough.")
    hands.write(page.get_by_label("Full name"), "Mai Example")
    hands.write(page.get_by_label("E-mail address"), email)
    hands.write(page.get_by_label("ZIP code"), "94103")
    hands.press(page.locator("main form[method=post] button.button").first)
    expect(page).to_have_url(re.compile(r"/letter$"))
    expect(page.locator("main")).to_contain_text(COMMITTEE)
    look(page, "letter-to-a-committee")
    hands.write(page.get_by_label("Why does this matter to you?"), OWN_WORDS)
    hands.tick(page.get_by_label("Send this in my name"))
    hands.press(page.get_by_role("button", name=re.compile("^Send ")))
    expect(page).to_have_url(re.compile(r"/receipts/"))
    look(page, "receipt-of-many")
    expect(page.locator(".folded:visible")).to_have_count(0)
    page.emulate_media(media="print")
    once = page.locator(".legislators > li").count()  # and not for each member of the committee
    expect(page.locator(".folded:visible", has_text=OWN_WORDS)).to_have_count(once)
    page.emulate_media(media="screen")
    page.goto(house.confirmation_mailed_to(email))  # a new campaign asks whoever never confirmed
    hands.press(page.locator("main form[method=post] button.button").first)
    expect(page).to_have_url(re.compile(r"/receipts/"))


def check_letters(house: House, email: str) -> None:
    """One to the senator, one to the own member of the Assembly, and one to each member of the committee."""
    members = house.members_of("CA", "lower", "Transportation")
    letters = house.wait_for_letters(email, house.queued(email))
    to_members = [one for one in letters if f"You sit on the {COMMITTEE}." in one.get_content()]
    assert len(to_members) == members > 5
    own = [one for one in letters if one not in to_members]
    assert 1 <= len(own) <= 2, "their senator, and their member of the Assembly unless on the committee"
    for one in letters:
        assert OWN_WORDS in one.get_content()
        assert "Please support SB 1161" in one.get_content()
        assert "{{" not in one.get_content()
