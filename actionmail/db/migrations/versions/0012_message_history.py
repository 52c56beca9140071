"""why and through whom a message changed, as codes; a campaign's hold; transitions held by a trigger

The history keeps its words where a mail server or the staff said them; what the program itself said becomes a code.
What waits in a campaign whose letters were held back is held too, since it should never have begun to wait.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# The rules as they were when this was written. A migration that changes them makes the trigger anew.
TRANSITIONS = {
    "unconfirmed": ("queued", "expired", "cancelled"),
    "queued": ("sending", "cancelled", "expired", "held"),
    "sending": ("accepted", "deferred", "failed", "held", "ambiguous"),
    "deferred": ("sending", "cancelled", "failed", "expired", "held"),
    "ambiguous": ("sending", "held"),
    "accepted": ("settled", "bounced", "deferred", "held"),
    "settled": ("bounced",),
    "held": ("queued", "failed", "cancelled"),
    "bounced": ("queued",),
    "failed": ("queued",),
    "no_channel": (),
    "expired": (),
    "cancelled": (),
}
_ABOLISHED = {"review": "held", "rejected": "cancelled"}  # no program ever set them

_HELD_BACK = "Held back with the campaign."
_RELEASED = "Released with the campaign."
_LOST = "Nobody can know whether the mail server took the letter; it goes out once more, with the same Message-ID."
_NO_CHANGE = "A mail came back too late to change anything."
_NOT_ON = "so it is not passed on."
_SENTENCES = {
    "no_address": "We know no e-mail address of this legislator.",
    "to_be_confirmed": "It waits for its supporter to confirm it by mail.",
    "confirmed": "Confirmed by the link that was mailed.",
    "not_confirmed_in_time": "Nobody confirmed it in time.",
    "written_before": "A letter from this address to this legislator is there already.",
    "may_be_twice": "This may be the second time: an earlier try ended without a known result.",
    "worker_ended": "The worker ended before this letter's turn; nothing of it was sent.",
    "worker_ended_meanwhile": f"The worker ended while this letter may have been on its way. {_LOST}",
    "answer_lost": _LOST,
    "answer_lost_twice": (
        "For the second time nobody can know whether the mail server took the letter; a person decides."
    ),
    "answer_too_late": "This answer came after the lease had run out; the state is left as it is.",
    "time_over": "The time for this letter is over.",
    "time_over_unclear": "The time for this letter is over, and it may have been sent already; a person decides.",
    "campaign_held": _HELD_BACK,
    "campaign_released": _RELEASED,
    "reported_back": "A report says that it was taken and came back; a person decides.",
    "reported_delivered": "The receiving side reports: delivered.",
    "reported_relayed": "The receiving side reports: relayed.",
    "reported_expanded": "The receiving side reports: expanded.",
    "reported_delayed": "The receiving side is still trying.",
    "back_too_late": f"{_NO_CHANGE} It reports that the letter came back.",
    "full_try_again": "The mailbox is full; the letter will be sent again.",
    "full_no_time": "The mailbox is full, and no time is left to try again.",
    "full_too_old": "The mailbox is full, and the letter is too old to try again.",
    "full_too_late": f"{_NO_CHANGE} It reports that the mailbox is full.",
    "gave_up_try_again": "The receiving side gave up; the letter will be sent once more.",
    "gave_up_twice": "The receiving side gave up twice.",
    "gave_up_no_time": "It gave up, and no time is left to try again.",
    "gave_up_too_old": "The receiving side gave up, and the letter is too old to try again.",
    "gave_up_too_late": f"{_NO_CHANGE} The receiving side gave up.",
    "answer_passed_on": "An answer came back, and is passed on to the supporter.",
    "answer_of_erased": f"An answer came back. The supporter's address was erased, {_NOT_ON}",
    "answer_of_ours": f"An answer came back. It comes from the supporter or from us, {_NOT_ON}",
    "answer_too_many": "An answer came back. 10 were passed on already, so this one is not.",
    "auto_answer_passed_on": "An automatic answer came back, and is passed on to the supporter.",
    "auto_answer_of_erased": f"An automatic answer came back. The supporter's address was erased, {_NOT_ON}",
    "auto_answer_of_ours": f"An automatic answer came back. It comes from the supporter or from us, {_NOT_ON}",
    "auto_answer_too_many": "An automatic answer came back. 10 were passed on already, so this one is not.",
    "quiet": "Nothing came back for 72 hours.",
    "answer_not_taken": "An answer could not be passed on to the supporter.",
    "ask_taken": "The mail server took the mail that asks the supporter to confirm.",
    "ask_not_taken": "The mail that asks the supporter to confirm was not accepted.",
    "reminder_taken": "The mail server took the reminder.",
    "reminder_not_taken": "The reminder was not accepted.",
    "erased_on_request": "The supporter's data was erased on request.",
    "erased_never_confirmed": "Nobody ever confirmed it; the supporter's data was erased after a month.",
    "erased_not_theirs": "The owner of the address says that they did not write it; what was typed is erased.",
}
# With a value in them: what stays as the words beside the code is the group.
_PATTERNS = (
    ("given_up", re.compile(r"()Given up after \d+ tr(?:y|ies): the time is over\.")),
    ("complaint", re.compile(r"A complaint came back: (.*)\.", re.DOTALL)),
    (
        "unreadable_too_late",
        re.compile(re.escape(_NO_CHANGE) + r" A mail came back that cannot be read\. (.*)", re.DOTALL),
    ),
    ("unreadable", re.compile(r"A mail came back that cannot be read\. (.*)", re.DOTALL)),
)
_LIKE = " OR ".join(
    f"text LIKE '{words}'" for words in ("%\n%", "Given up after %", "A complaint came back: %", "A mail came back %")
)
_AT_ONCE = 2000
_OF_STAFF = "actor_kind IN ('staff', 'command_line', 'other')"
# What was said by whom, in the words of the version before: kind, the words, and where a name begins.
_ACTORS = (
    ("supporter", "supporter"),
    ("clock", "the clock"),
    ("returned_mail", "returned mail"),
    ("supporter_mail", "mail to supporters"),
    ("command_line", "command line"),
)
_NAMED = (("staff", "staff "), ("worker", "worker "), ("command_line", "command line, "))


def upgrade() -> None:
    _drop_append_only("events")
    op.add_column("events", sa.Column("actor_kind", sa.String(16), nullable=False, server_default=""))
    op.add_column("events", sa.Column("actor_id", sa.String(120), nullable=False, server_default=""))
    op.add_column("events", sa.Column("reason_code", sa.String(32), nullable=False, server_default=""))
    op.add_column("messages", sa.Column("released_alone", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("campaigns", sa.Column("holds_letters", sa.Boolean(), nullable=False, server_default=sa.false()))
    _name_actors()
    _name_reasons()
    op.drop_column("events", "actor")
    _hold_what_was_held()
    _abolish_states()
    _make_append_only("events")
    _refuse_truncate("audit")
    _guard_transitions()


def downgrade() -> None:
    _unguard_transitions()
    if _is_postgres():
        op.execute("DROP TRIGGER audit_no_truncate ON audit")
    _drop_append_only("events")
    op.add_column("events", sa.Column("actor", sa.String(120), nullable=False, server_default=""))
    for kind, prefix in _NAMED:
        _execute("UPDATE events SET actor = :prefix || actor_id WHERE actor_kind = :kind", kind=kind, prefix=prefix)
    for kind, words in _ACTORS:
        _execute("UPDATE events SET actor = :words WHERE actor_kind = :kind AND actor_id = ''", kind=kind, words=words)
    _execute("UPDATE events SET actor = actor_id WHERE actor_kind = 'other'")
    for code, sentence in _SENTENCES.items():
        joined = "CASE WHEN text = '' THEN :sentence ELSE text || :newline || :sentence END"
        _execute(
            f"UPDATE events SET text = {joined} WHERE reason_code = :code",  # noqa: S608
            sentence=sentence,
            newline="\n",
            code=code,
        )
    for column in ("actor_kind", "actor_id", "reason_code"):
        op.drop_column("events", column)
    op.drop_column("messages", "released_alone")
    op.drop_column("campaigns", "holds_letters")
    _make_append_only("events", with_truncate=False)


def _name_actors() -> None:
    _execute("UPDATE events SET actor_kind = 'other', actor_id = actor")
    for kind, words in _ACTORS:
        _execute("UPDATE events SET actor_kind = :kind, actor_id = '' WHERE actor = :words", kind=kind, words=words)
    for kind, prefix in _NAMED:
        _execute(
            "UPDATE events SET actor_kind = :kind, actor_id = substr(actor, :length) "
            "WHERE substr(actor, 1, :end) = :prefix",
            kind=kind,
            prefix=prefix,
            length=len(prefix) + 1,
            end=len(prefix),
        )


def _name_reasons() -> None:
    """What staff wrote stays as it is, but for what the program wrote in their name."""
    _name_whole_sentences()
    _name_sentences_beside_words()
    _execute(
        "UPDATE events SET reason_code = 'given_back' WHERE reason_code = '' AND actor_kind = 'worker' "
        "AND from_state = 'sending' AND to_state = 'deferred' AND phase = '' AND text <> ''"
    )


def _name_whole_sentences() -> None:
    words = op.create_table(
        "upgrade_sentences",
        sa.Column("sentence", sa.Text(), primary_key=True),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("of_staff", sa.Boolean(), nullable=False),
    )
    rows = []
    for code, sentence in _SENTENCES.items():
        rows.append({"sentence": sentence, "code": code, "of_staff": sentence in (_HELD_BACK, _RELEASED)})
    op.bulk_insert(words, rows)
    sentence = "upgrade_sentences WHERE sentence = events.text"
    _execute(
        f"UPDATE events SET reason_code = (SELECT code FROM {sentence}), text = '' WHERE text <> '' "  # noqa: S608
        f"AND EXISTS (SELECT 1 FROM {sentence} AND (of_staff OR NOT ({_OF_STAFF})))"
    )
    op.drop_table("upgrade_sentences")


def _name_sentences_beside_words() -> None:
    connection = op.get_bind()
    wanted = sa.text(
        f"SELECT id, text FROM events WHERE id > :after AND reason_code = '' AND NOT ({_OF_STAFF}) AND ({_LIKE}) "  # noqa: S608
        "ORDER BY id LIMIT :limit"
    )
    change = sa.text("UPDATE events SET reason_code = :code, text = :text WHERE id = :id")
    after = 0
    while rows := connection.execute(wanted, {"after": after, "limit": _AT_ONCE}).all():
        changes = []
        for id_, text in rows:
            code, rest = _code_of(text)
            if code:
                changes.append({"id": id_, "code": code, "text": rest})
        if changes:
            connection.execute(change, changes)
        after = rows[-1].id


def _code_of(text: str) -> tuple[str, str]:
    """The code in some words, and the words without it; "" where no sentence of ours is there."""
    codes = {sentence: code for code, sentence in _SENTENCES.items()}
    first, _, behind = text.partition("\n")
    before, _, last = text.rpartition("\n")
    if last in codes:
        return codes[last], before
    if first in codes:
        return codes[first], behind
    for code, pattern in _PATTERNS:
        for sentence, rest in ((text, ""), (last, before)):
            if match := pattern.fullmatch(sentence):
                return code, match[1] or rest
    return "", text


def _hold_what_was_held() -> None:
    """Campaigns that stopped with their letters held back hold them; what waits in them all the same is held too."""
    was_held = (
        "SELECT 1 FROM events WHERE events.message_id = messages.id AND events.reason_code = 'campaign_held' AND "
        "events.id = (SELECT max(id) FROM events AS step WHERE step.message_id = messages.id "
        "AND step.from_state <> step.to_state)"
    )
    _execute(
        "UPDATE campaigns SET holds_letters = :yes WHERE status IN ('paused', 'closed') AND EXISTS ("  # noqa: S608
        "SELECT 1 FROM messages WHERE messages.campaign_id = campaigns.id AND messages.state = 'held' "
        f"AND EXISTS ({was_held}))",
        yes=True,
    )
    waits = (
        "state IN ('queued', 'deferred', 'ambiguous') AND campaign_id IN (SELECT id FROM campaigns WHERE holds_letters)"
    )
    _execute(
        f"UPDATE messages SET released_alone = :yes WHERE {waits} AND EXISTS (SELECT 1 FROM events "  # noqa: S608
        "WHERE events.message_id = messages.id AND from_state = 'held' AND to_state = 'queued' "
        "AND actor_kind = 'staff' AND reason_code = '')",
        yes=True,
    )
    _move(f"{waits} AND NOT released_alone", "held", "campaign_held")
    # of a lost answer nobody knows; the mark says so once the state does not
    _execute(
        "UPDATE messages SET possible_duplicate = :yes WHERE state = 'held' AND EXISTS (SELECT 1 FROM events "
        "WHERE events.message_id = messages.id AND from_state = 'ambiguous' AND reason_code = 'campaign_held')",
        yes=True,
    )


def _abolish_states() -> None:
    for before, after in _ABOLISHED.items():
        _move(f"state = '{before}'", after, "state_abolished")
        _execute("UPDATE events SET from_state = :after WHERE from_state = :before", before=before, after=after)
        _execute("UPDATE events SET to_state = :after WHERE to_state = :before", before=before, after=after)


def _move(condition: str, after: str, reason: str) -> None:
    _execute(
        "INSERT INTO events (message_id, at, from_state, to_state, actor_kind, actor_id, reason_code, attempt, phase, "  # noqa: S608
        "enhanced, text, queue_id) SELECT id, CURRENT_TIMESTAMP, state, :after, 'command_line', '', :reason, attempts, "
        f"'', '', '', '' FROM messages WHERE {condition}",
        after=after,
        reason=reason,
    )
    _execute(f"UPDATE messages SET state = :after, next_attempt_at = NULL WHERE {condition}", after=after)  # noqa: S608


def _guard_transitions() -> None:
    known = []
    for before, afters in TRANSITIONS.items():
        for after in afters:
            known.append(f"'{before} {after}'")
    pairs, states = ", ".join(known), ", ".join(f"'{state}'" for state in TRANSITIONS)
    moved = f"OLD.state <> NEW.state AND (OLD.state || ' ' || NEW.state) NOT IN ({pairs})"
    unknown = f"NEW.state NOT IN ({states})"
    if _is_postgres():
        op.execute(
            "CREATE FUNCTION messages_refuse_transition() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'no rule lets a message become %', NEW.state "
            "USING ERRCODE = 'check_violation'; END $$"
        )
    for name, verb, condition in (("transition", "UPDATE OF state", moved), ("beginning", "INSERT", unknown)):
        if _is_postgres():
            op.execute(
                f"CREATE TRIGGER messages_known_{name} BEFORE {verb} ON messages FOR EACH ROW WHEN ({condition}) "
                "EXECUTE FUNCTION messages_refuse_transition()"
            )
        else:
            op.execute(
                f"CREATE TRIGGER messages_known_{name} BEFORE {verb} ON messages WHEN {condition} "
                "BEGIN SELECT RAISE(ABORT, 'no rule lets a message become so'); END"
            )


def _unguard_transitions() -> None:
    on = " ON messages" if _is_postgres() else ""
    for name in ("transition", "beginning"):
        op.execute(f"DROP TRIGGER messages_known_{name}{on}")
    if _is_postgres():
        op.execute("DROP FUNCTION messages_refuse_transition()")


def _drop_append_only(table: str) -> None:
    if _is_postgres():
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute(f"DROP TRIGGER IF EXISTS {table}_no_truncate ON {table}")
        return
    for verb in ("update", "delete"):
        op.execute(f"DROP TRIGGER {table}_no_{verb}")


def _make_append_only(table: str, *, with_truncate: bool = True) -> None:
    if _is_postgres():
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
        )
        if with_truncate:
            _refuse_truncate(table)
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _refuse_truncate(table: str) -> None:
    """SQLite has no TRUNCATE: its DELETE of everything is refused row by row."""
    if _is_postgres():
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
        )


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _execute(statement: str, **values: object) -> None:
    op.get_bind().execute(sa.text(statement), values)
