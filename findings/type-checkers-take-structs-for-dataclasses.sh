#!/usr/bin/env bash
# mypy and pyright let a Struct of msgspec into dataclasses.replace, asdict and fields, which refuse it when they run.
#
# msgspec 0.22.0, mypy 2.4.1 (--strict), pyright 1.1.414, attrs 26.1.0 beside it; run on 2026-12-01.
# Guess: a Struct is no dataclass, so a strict type checker says so at each of these calls.
# Seen:  neither says anything: msgspec tells them by `dataclass_transform` (PEP 681) that Structs are written as dataclasses are,
#        and both then give them the `__dataclass_fields__` by which typeshed knows a dataclass. Each call is a TypeError. Of a
#        class of attrs, which tells them the same, mypy refuses the call; pyright does not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check msgspec==0.22.0 mypy==2.4.1 \
    pyright==1.1.414 attrs==26.1.0
cd "$folder"
cat >letters.py <<'PYTHON'
import dataclasses

import attrs
from msgspec import Struct


class Letter(Struct, frozen=True, kw_only=True):
    subject: str


@attrs.frozen(kw_only=True)
class Note:
    subject: str


def by_replace(letter: Letter) -> Letter:
    return dataclasses.replace(letter, subject="SB 12")


def by_asdict(letter: Letter) -> dict[str, object]:
    return dataclasses.asdict(letter)


def by_fields(letter: Letter) -> int:
    return len(dataclasses.fields(letter))


def note_by_replace(note: Note) -> Note:
    return dataclasses.replace(note, subject="SB 12")
PYTHON
cat >run.py <<'PYTHON'
from letters import Letter, Note, by_asdict, by_fields, by_replace, note_by_replace

calls = [(by_replace, Letter), (by_asdict, Letter), (by_fields, Letter), (note_by_replace, Note)]
for call, kind in calls:
    try:
        call(kind(subject="AB 1"))
        print(f"{call.__name__}: works")
    except TypeError:
        print(f"{call.__name__}: TypeError")
PYTHON
lines() {
    grep -o 'letters.py:[0-9]*.*error' | sed 's/\(letters.py:[0-9]*\).*/\1/' || true
}
{
    echo "mypy:" $(venv/bin/mypy --strict letters.py | lines)
    echo "pyright:" $(PYRIGHT_PYTHON_IGNORE_WARNINGS=1 venv/bin/pyright --pythonpath venv/bin/python letters.py | lines)
    venv/bin/python run.py
} | tee /dev/stderr | diff - <(
    cat <<'SEEN'
mypy: letters.py:29
pyright:
by_replace: TypeError
by_asdict: TypeError
by_fields: TypeError
note_by_replace: TypeError
SEEN
)
