#!/usr/bin/env bash
# "Bring C:\New.pdf" becomes two lines in the calendar, and the backslash and the N are gone.
#
# icalendar 7.3.2 and vobject 0.9.9 beside it (PyPI); run on 2026-11-29.
# Guess: a text with a backslash before any letter comes back as it was, the backslash escaped (RFC 5545, section 3.3.11), as vobject
#        writes it. `\N` is a line's end in a file, not in Python.
# Seen:  before it escapes, icalendar takes the two characters \N in a text for a line's end. `\n` and `\M` come back as they were.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check icalendar==7.3.2 vobject==0.9.9
cat >"$folder/write.py" <<'PYTHON'
import icalendar
import vobject

for text in (r"C:\New.pdf", r"C:\new.pdf", r"C:\Map.pdf"):
    event = icalendar.Event()
    event.add("uid", "1")
    event.add("description", text)
    theirs = vobject.newFromBehavior("vevent")
    theirs.add("uid").value = "1"
    theirs.add("description").value = text
    again = [str(icalendar.Event.from_ical(event.to_ical())["DESCRIPTION"])]
    again.append(vobject.readOne(event.to_ical().decode()).description.value)
    again.append(vobject.readOne(theirs.serialize(validate=False)).description.value)
    print(text, "by icalendar", *map(repr, again[:2]), "by vobject", repr(again[2]))
PYTHON
diff <("$folder/venv/bin/python" "$folder/write.py" | tee /dev/stderr) - <<'SEEN'
C:\New.pdf by icalendar 'C:\new.pdf' 'C:\new.pdf' by vobject 'C:\\New.pdf'
C:\new.pdf by icalendar 'C:\\new.pdf' 'C:\\new.pdf' by vobject 'C:\\new.pdf'
C:\Map.pdf by icalendar 'C:\\Map.pdf' 'C:\\Map.pdf' by vobject 'C:\\Map.pdf'
SEEN
