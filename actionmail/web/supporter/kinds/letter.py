"""Letters have three steps of their own: who, which legislators, which letter."""

from __future__ import annotations

from typing import Final

from actionmail.web.supporter.kinds.kind import Kind, Texts

KIND: Final = Kind(
    code="letter",
    name="Letter",
    act="Write to your legislators",
    counted=lambda count: f"{count:,} {'person has' if count == 1 else 'people have'} written",
    has_steps=True,
    after_lookup="supporter.letter",
    texts=Texts(
        go_on="Continue to your letter",
        whose="Your letter goes only to the people who represent you",
        nobody="Nobody in the {chamber} gets a letter from you",
        choose_one="Choose at least one legislator: without one, nobody can be written to.",
        until="until your letter is sent",
        closed="takes no letters any more. Thank you for wanting to write.",
        paused="takes no letters at the moment. Please come back later.",
        early="takes no letters yet. Please come back later.",
    ),
)
