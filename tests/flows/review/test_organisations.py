"""Staff decide on organisations, take it back, put two together; and two people at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.staff import AuditEntry
from actionmail.db.supporter_mail import SupporterMail
from actionmail.flows import staff
from actionmail.flows.actions import organisations as signers
from actionmail.flows.actions import receipt, submitting
from actionmail.flows.delivery import supporter_mail
from actionmail.flows.review import campaign_actions, organisations
from actionmail.flows.review.organisations import ON_A_PAGE, Change, Refusal, ReviewRefused, Standing
from actionmail.rules.actions.organisations import Mark
from actionmail.rules.delivery.states import Handover, Parcel
from actionmail.settings import Settings
from tests.samples import light_hash, sample_organisation, sample_petition, sample_statement
from tests.two_sessions import cross


@pytest.fixture
def rita(any_database: Database, now: datetime) -> int:
    """A reviewer, and three organisations of which the first two are likely one."""
    with any_database.write() as session:
        campaign = sample_statement(session, deadline_at=now + timedelta(days=1))
        for number, name in enumerate(["AAAJ-Atlanta", "Asian Americans Advancing Justice – Atlanta", "Moon Aid"]):
            own = {"organisation": name, "website": f"https://{number}.example.org", "city": "Atlanta", "state": "GA"}
            details = {**own, "role": "director", "note": "", "is_another": False}
            sample_organisation(session, campaign, name, details=details, email=f"mai@{number}.example.org")
        return staff.add(session, "rita@example.org", staff.Role.REVIEWER, light_hash(), now=now).id


def campaign_of(session: Session) -> Campaign:
    return session.scalars(select(Campaign)).one()


def change(session: Session, number: int, by: int, now: datetime) -> Change:
    """As somebody decides who looks at the page now."""
    campaign = campaign_of(session)
    for standing in Standing:
        for row in organisations.page(session, campaign, standing).rows:
            if row.signer.number == number:
                return Change(number=number, seen=row.revision, by=by, now=now)
    raise LookupError(number)


def public(database: Database) -> list[str]:
    with database.read() as session:
        return [one.organisation for one in signers.public_signers(session, campaign_of(session))]


def entries(session: Session) -> list[tuple[str, str, dict[str, object]]]:
    query = select(AuditEntry).where(AuditEntry.actor_id.is_not(None)).order_by(AuditEntry.id)
    return [(entry.action, entry.object_key, entry.details) for entry in session.scalars(query)]


def test_approving_is_told_seen_counted_audited_and_taken_back(
    any_database: Database, rita: int, settings: Settings, now: datetime
) -> None:
    with any_database.write() as session:
        organisations.approve(session, campaign_of(session), change(session, 3, rita, now), settings=settings)
        mail = session.scalars(select(SupporterMail)).one()
        assert (mail.recipient, mail.action_id) == ("mai@2.example.org", 3)
        text = message_from_bytes(mail.raw, policy=default)
        assert text["Subject"] == "Organisations stand together: your organisation is listed"
        said = text.get_content()
        assert f"/receipts/{session.get_one(Action, 3).receipt_token}" in said
        assert "Moon Aid" not in said
    assert public(any_database) == ["Moon Aid"]
    with any_database.write() as session:
        assert submitting.actions_so_far(session, campaign_of(session).id) == 1
        organisations.reopen(session, campaign_of(session), change(session, 3, rita, now))
        assert session.scalars(select(SupporterMail)).all() == []
        assert entries(session) == [
            ("organisation_approved", "3", {}),
            ("organisation_reopened", "3", {"before": "approved"}),
        ]
    assert public(any_database) == []


def test_declining_is_mailed_with_its_reason_and_taken_back(
    any_database: Database, rita: int, settings: Settings, now: datetime
) -> None:
    with any_database.write() as session:
        campaign = campaign_of(session)
        organisations.decline(
            session, campaign, change(session, 3, rita, now), reason="We could not reach you.", settings=settings
        )
        mail = session.scalars(select(SupporterMail)).one()
        said = message_from_bytes(mail.raw, policy=default).get_content()
        assert "We could not reach you." in said
        token = session.get_one(Action, 3).receipt_token
        shown = receipt.find(session, token, undo_seconds=0, now=now)
        assert shown is not None
        assert (shown.review, shown.review_reason) == ("declined", "We could not reach you.")
        assert organisations.counts(session, campaign)[Standing.DECLINED] == 1
        organisations.reopen(session, campaign, change(session, 3, rita, now))
        assert session.get_one(Action, 3).review_reason == ""
        assert organisations.counts(session, campaign)[Standing.WAITING] == 3


def test_the_mail_leaves_through_the_queue_also_when_the_campaign_is_closed(
    any_database: Database, rita: int, settings: Settings, now: datetime
) -> None:
    with any_database.write() as session:
        organisations.approve(session, campaign_of(session), change(session, 3, rita, now), settings=settings)
        campaign_of(session).status = "closed"
    parcels: list[Parcel] = []

    class Relay:
        def deliver(self, given: Sequence[Parcel]) -> Handover:
            parcels.extend(given)
            return Handover(outcomes={})

    supporter_mail.send(any_database.write, Relay(), from_address="staff@example.org", now=now)
    assert [parcel.recipient for parcel in parcels] == ["mai@2.example.org"]


def test_an_erased_contact_is_mailed_nothing(
    any_database: Database, rita: int, settings: Settings, now: datetime
) -> None:
    with any_database.write() as session:
        session.get_one(Action, 3).email = ""
        organisations.approve(session, campaign_of(session), change(session, 3, rita, now), settings=settings)
        assert session.scalars(select(SupporterMail)).all() == []


def test_likely_ones_are_offered_put_together_and_parted(
    any_database: Database, rita: int, settings: Settings, now: datetime
) -> None:
    with any_database.write() as session:
        campaign = campaign_of(session)
        offered = organisations.alike(session, campaign)
        assert {number: [(one.signer.number, one.reason) for one in ones] for number, ones in offered.items()} == {
            1: [(2, "abbreviation")],
            2: [(1, "abbreviation")],
        }
        for number in (1, 2):
            organisations.approve(session, campaign, change(session, number, rita, now), settings=settings)
        organisations.merge(session, campaign, change(session, 1, rita, now), into=2)
    assert public(any_database) == ["Asian Americans Advancing Justice – Atlanta"]
    with any_database.write() as session:
        campaign = campaign_of(session)
        assert organisations.alike(session, campaign) == {}
        assert organisations.counts(session, campaign)[Standing.MERGED] == 1
        shown = receipt.find(session, session.get_one(Action, 1).receipt_token, undo_seconds=0, now=now)
        assert shown is not None
        assert shown.is_merged
        organisations.part(session, campaign, change(session, 1, rita, now))
        assert entries(session)[-2:] == [
            ("organisation_merged", "1", {"into": 2}),
            ("organisation_parted", "1", {"out_of": 2}),
        ]
    assert public(any_database) == ["AAAJ-Atlanta", "Asian Americans Advancing Justice – Atlanta"]


def test_where_the_one_that_stands_for_both_is_withdrawn_the_other_stands_for_itself(
    any_database: Database, rita: int, settings: Settings, now: datetime
) -> None:
    with any_database.write() as session:
        campaign = campaign_of(session)
        for number in (1, 2):
            organisations.approve(session, campaign, change(session, number, rita, now), settings=settings)
        organisations.merge(session, campaign, change(session, 1, rita, now), into=2)
        receipt.cancel(session, session.get_one(Action, 2).receipt_token, now=now)
    assert public(any_database) == ["AAAJ-Atlanta"]


def test_no_circle_comes_of_what_is_put_together_while_the_third_does_not_count(
    any_database: Database, rita: int, settings: Settings, now: datetime
) -> None:
    with any_database.write() as session:
        campaign = campaign_of(session)
        organisations.merge(session, campaign, change(session, 1, rita, now), into=2)
        organisations.merge(session, campaign, change(session, 2, rita, now), into=3)
        organisations.decline(session, campaign, change(session, 3, rita, now), reason="No.", settings=settings)
        organisations.reopen(session, campaign, change(session, 3, rita, now))
        assert organisations.counts(session, campaign)[Standing.MERGED] == 2
        organisations.part(session, campaign, change(session, 2, rita, now))
        organisations.decline(session, campaign, change(session, 2, rita, now), reason="No.", settings=settings)
        organisations.merge(session, campaign, change(session, 3, rita, now), into=1)
        organisations.reopen(session, campaign, change(session, 2, rita, now))
        assert organisations.counts(session, campaign)[Standing.WAITING] == 2
        assert organisations.counts(session, campaign)[Standing.MERGED] == 1


@pytest.mark.parametrize(
    ("number", "into", "refusal"),
    [(1, 1, Refusal.ITSELF), (1, 99, Refusal.UNKNOWN), (2, 1, Refusal.OTHER_IS_MERGED), (1, 2, Refusal.MERGED)],
)
def test_what_cannot_be_put_together_is_left(
    any_database: Database, rita: int, now: datetime, number: int, into: int, refusal: Refusal
) -> None:
    with any_database.write() as session:
        organisations.merge(session, campaign_of(session), change(session, 1, rita, now), into=3)
    with any_database.write() as session, pytest.raises(ReviewRefused) as caught:
        organisations.merge(session, campaign_of(session), change(session, number, rita, now), into=into)
    assert caught.value.refusal is refusal


def test_staff_of_another_statement_reach_nothing_here(
    any_database: Database, rita: int, settings: Settings, now: datetime
) -> None:
    with any_database.write() as session:
        here = change(session, 1, rita, now)
        other = sample_petition(session, slug="other")
        with pytest.raises(ReviewRefused) as caught:
            organisations.approve(session, other, here, settings=settings)
    assert caught.value.refusal is Refusal.UNKNOWN


def test_rows_say_who_signs_and_mark_the_address(any_database: Database, rita: int) -> None:
    with any_database.write() as session:
        session.get_one(Action, 1).email = "mai@gmail.com"
        first, second, _ = organisations.page(session, campaign_of(session), Standing.WAITING).rows
    assert (first.mark, second.mark, first.contact, first.role) == (
        Mark.FREE_MAIL,
        Mark.NONE,
        "Mai Example",
        "director",
    )


def test_who_waits_is_found_among_those_who_took_part(any_database: Database, rita: int) -> None:
    with any_database.read() as session:
        wanted = campaign_actions.Wanted(standing=campaign_actions.Standing.NOT_APPROVED)
        assert campaign_actions.count(session, campaign_of(session), wanted) == 3
        assert campaign_actions.count(session, campaign_of(session), campaign_actions.Wanted()) == 0


def test_time_after_the_deadline_is_given_ended_and_audited(any_database: Database, rita: int, now: datetime) -> None:
    with any_database.write() as session:
        until = organisations.give_grace(session, "together", hours=12, by=rita, now=now)
        assert until == campaign_of(session).closes_at == now + timedelta(days=1, hours=12)
        organisations.give_grace(session, "together", hours=12, by=rita, now=now)
        assert organisations.give_grace(session, "together", hours=0, by=rita, now=now) is None
        assert campaign_of(session).closes_at == now + timedelta(days=1)
        assert [entry[0] for entry in entries(session)] == ["grace_given", "grace_ended"]
        campaign_of(session).deadline_at = None
        with pytest.raises(ReviewRefused):
            organisations.give_grace(session, "together", hours=1, by=rita, now=now)


Act = Callable[[Session], None]


@pytest.fixture
def at_once(any_database: Database, rita: int, now: datetime) -> Callable[[Act, Act], list[Refusal]]:
    """Run both at once; why those that were refused were."""

    def run(first: Act, second: Act) -> list[Refusal]:
        refused = []

        def kept(act: Act) -> Act:
            def block(session: Session) -> None:
                try:
                    act(session)
                except ReviewRefused as error:
                    refused.append(error.refusal)

            return block

        cross(any_database, kept(first), kept(second), after="UPDATE actions")
        return refused

    return run


@pytest.fixture
def seen(any_database: Database, rita: int, now: datetime) -> list[Change]:
    """What is on everybody's page: the change of each action, by its number less one."""
    with any_database.read() as session:
        return [change(session, number, rita, now) for number in (1, 2, 3)]


def test_of_two_who_approve_at_once_the_second_is_told(
    any_database: Database, seen: list[Change], at_once: Callable[[Act, Act], list[Refusal]], settings: Settings
) -> None:
    def approve(session: Session) -> None:
        organisations.approve(session, campaign_of(session), seen[2], settings=settings)

    assert at_once(approve, approve) == [Refusal.CHANGED]
    with any_database.read() as session:
        assert len(session.scalars(select(SupporterMail)).all()) == 1
        assert len(entries(session)) == 1


def test_what_is_withdrawn_while_it_is_approved_stands_nowhere(
    any_database: Database,
    seen: list[Change],
    at_once: Callable[[Act, Act], list[Refusal]],
    settings: Settings,
    now: datetime,
) -> None:
    with any_database.read() as session:
        token = session.get_one(Action, 3).receipt_token

    def approve(session: Session) -> None:
        organisations.approve(session, campaign_of(session), seen[2], settings=settings)

    def withdraw(session: Session) -> None:
        assert receipt.cancel(session, token, now=now) == 1

    assert at_once(approve, withdraw) == []
    assert public(any_database) == []


def test_what_was_withdrawn_a_moment_before_is_not_approved(
    any_database: Database,
    seen: list[Change],
    at_once: Callable[[Act, Act], list[Refusal]],
    settings: Settings,
    now: datetime,
) -> None:
    with any_database.read() as session:
        token = session.get_one(Action, 3).receipt_token

    def approve(session: Session) -> None:
        organisations.approve(session, campaign_of(session), seen[2], settings=settings)

    def withdraw(session: Session) -> None:
        assert receipt.cancel(session, token, now=now) == 1

    assert at_once(withdraw, approve) == [Refusal.GONE]
    with any_database.read() as session:
        assert session.scalars(select(SupporterMail)).all() == []


def test_what_is_put_together_while_it_is_approved_is_told_to_the_slower(
    any_database: Database, seen: list[Change], at_once: Callable[[Act, Act], list[Refusal]], settings: Settings
) -> None:
    def merge(session: Session) -> None:
        organisations.merge(session, campaign_of(session), seen[0], into=2)

    def approve(session: Session) -> None:
        organisations.approve(session, campaign_of(session), seen[0], settings=settings)

    assert at_once(merge, approve) == [Refusal.CHANGED]
    assert public(any_database) == []


def test_of_two_put_together_crosswise_at_once_one_stands(
    any_database: Database, seen: list[Change], at_once: Callable[[Act, Act], list[Refusal]]
) -> None:
    def one_way(session: Session) -> None:
        organisations.merge(session, campaign_of(session), seen[0], into=2)

    def other_way(session: Session) -> None:
        organisations.merge(session, campaign_of(session), seen[1], into=1)

    assert at_once(one_way, other_way) == [Refusal.OTHER_IS_MERGED]
    with any_database.read() as session:
        assert organisations.counts(session, campaign_of(session))[Standing.MERGED] == 1


def test_what_was_corrected_since_it_was_looked_at_is_not_approved(
    any_database: Database, seen: list[Change], at_once: Callable[[Act, Act], list[Refusal]], settings: Settings
) -> None:
    with any_database.read() as session:
        token = session.get_one(Action, 3).receipt_token

    def correct(session: Session) -> None:
        signers.correct(session, token, {"organisation": "Sun Aid"})

    def approve(session: Session) -> None:
        organisations.approve(session, campaign_of(session), seen[2], settings=settings)

    assert at_once(correct, approve) == [Refusal.CHANGED]
    assert public(any_database) == []


def numbers(page: organisations.SignerPage) -> list[int]:
    return [row.signer.number for row in page.rows]


def test_pages_lead_on_and_back_and_none_is_empty_while_there_are_others(any_database: Database) -> None:
    with any_database.write() as session:
        campaign = sample_statement(session, slug="long")
        whole = [sample_organisation(session, campaign, f"Aid {place}").id for place in range(2 * ON_A_PAGE + 5)]
        declined = sample_organisation(session, campaign, "No Aid", review="declined").id
    with any_database.read() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == "long")).one()

        def page(**place: int) -> organisations.SignerPage:
            return organisations.page(session, campaign, Standing.WAITING, **place)

        first = page()
        second = page(after=first.later or 0)
        third = page(after=second.later or 0)
        assert numbers(first) + numbers(second) + numbers(third) == whole
        assert (first.earlier, third.later, len(third.rows)) == (None, None, 5)
        assert numbers(page(before=third.earlier or 0)) == numbers(second)
        back = page(before=second.earlier or 0)
        assert (numbers(back), back.earlier, back.later) == (numbers(first), None, whole[ON_A_PAGE - 1])
        behind = page(after=whole[-1])
        assert (numbers(behind), behind.later) == (whole[-ON_A_PAGE:], None)
        before_all = page(before=whole[0])
        assert (numbers(before_all), before_all.earlier, before_all.later) == ([], None, None)
        none = organisations.page(session, campaign, Standing.DECLINED, after=declined)
        assert numbers(none) == [declined]
        nobody = organisations.page(session, campaign, Standing.WITHDRAWN, after=declined)
        assert (numbers(nobody), nobody.earlier, nobody.later) == ([], None, None)
