#!/usr/bin/env bash
# A feed comes out in the opposite order of that in which it was put together.
#
# feedgen 1.0.0; run on 2026-11-28.
# Guess: entries stand in the feed as they were added; a news list read newest first is added newest first.
# Seen:  `add_entry()` puts each new entry before the others (`order="prepend"` is its default), so the newest comes last. Each
#        entry is dated, so readers that sort show no difference; those that take the first ten show the ten oldest.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check feedgen==1.0.0
"$folder/venv/bin/python" - <<'PYTHON'
import re

from feedgen.feed import FeedGenerator

NEWEST_FIRST = ["third", "second", "first"]


def titles(**options):
    feed = FeedGenerator()
    feed.id("urn:example:news")
    feed.title("News")
    for title in NEWEST_FIRST:
        entry = feed.add_entry(**options)
        entry.id(f"urn:example:{title}")
        entry.title(title)
        entry.content(title)
    return re.findall(r"<title>(\w+)</title>", feed.atom_str().decode())[1:]


print("added:", *NEWEST_FIRST, "- written:", *titles(), '- with order="append":', *titles(order="append"))
assert titles() == NEWEST_FIRST[::-1]
assert titles(order="append") == NEWEST_FIRST
PYTHON
