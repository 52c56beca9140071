#!/usr/bin/env bash
# A list of constants in a trigger's WHEN is made anew for every row.
#
# apsw 3.54.1.0 (SQLite as it carries it); run on 2026-11-30.
# Guess: `x NOT IN ('a', 'b', ...)` of 40 constants is made into a table once for a statement, in a trigger as elsewhere.
# Seen:  in the WHERE of an UPDATE of 1,000 rows it is; in the WHEN of a BEFORE UPDATE trigger SQLite makes the table of
#        40 anew for each row: 135 steps of its machine more for every row, where the rest takes 20. A search in one text
#        (`instr('|a|b|', '|' || x || '|') = 0`) asks the same and costs 12.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check apsw==3.54.1.0
"$folder/venv/bin/python" - <<'PYTHON'
import apsw

ROWS = 1000
STEPS = [f"state{n} state{n + 1}" for n in range(40)]
LIST = ", ".join(f"'{step}'" for step in STEPS)
PAIR = "OLD.state || ' ' || NEW.state"
NONE = "0"
IN_LIST = f"({PAIR}) NOT IN ({LIST})"
IN_TEXT = f"instr('|{'|'.join(STEPS)}|', '|' || {PAIR} || '|') = 0"


def steps_a_row(when=None, where="1"):
    """Steps of SQLite's virtual machine for an UPDATE of all rows, for each row."""
    database = apsw.Connection(":memory:")
    database.execute("CREATE TABLE letters (id INTEGER PRIMARY KEY, state TEXT)")
    database.executemany("INSERT INTO letters VALUES (?, 'state1')", [(n,) for n in range(ROWS)])
    if when is not None:
        database.execute(
            f"CREATE TRIGGER guard BEFORE UPDATE ON letters WHEN {when} BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    count = 0

    def step():
        nonlocal count
        count += 1
        return False

    database.set_progress_handler(step, 1)
    database.execute(f"UPDATE letters SET state = 'state2' WHERE {where}")
    assert database.changes() == ROWS
    return round(count / ROWS)


plain = steps_a_row()
in_where = steps_a_row(where=f"(state || ' state2') IN ({LIST})")
never, in_list, in_text = steps_a_row(NONE), steps_a_row(IN_LIST), steps_a_row(IN_TEXT)
print("SQLite", apsw.sqlite_lib_version())
print(f"no trigger: {plain} steps a row; the list in WHERE: {in_where}")
print(f"a trigger that never fires: {never}; with the list in WHEN: {in_list}; with a search in one text: {in_text}")
assert in_where - plain < 20, (plain, in_where)
assert in_list - never > 80, (never, in_list)
assert in_text - never < 30, (never, in_text)
PYTHON
