"""Letters have three steps of their own: who, which legislators, which letter."""

from __future__ import annotations

from typing import Final

from actionmail.rules.speech import lazy, ngettext
from actionmail.web.supporter.kinds.kind import Kind, Texts

KIND: Final = Kind(
    code="letter",
    name=lazy("Letter"),
    act=lazy("Write to your legislators"),
    counted=lambda count: ngettext("%(count)s person has written", "%(count)s people have written", count),
    has_steps=True,
    after_lookup="supporter.letter",
    texts=Texts(
        go_on=lazy("Continue to your letter"),
        whose=lazy("Your letter goes only to the people who represent you, so please tell us who they are."),
        nobody=lazy("Nobody in the %(chamber)s gets a letter from you."),
        nobody_as_yours=lazy("Nobody in the %(chamber)s gets a letter from you as their constituent."),
        choose_one=lazy("Choose at least one legislator: without one, nobody can be written to."),
        street_asked=lazy(
            "Where you live in %(zip)s. It goes to %(finder)s, without your name, "
            "and we do not keep it; for the map we remember, until your letter is sent, about where it is."
        ),
        street_stays=lazy(
            "Where you live in %(zip)s. It stays on our machine, and we do not keep it; "
            "for the map we remember, until your letter is sent, about where it is."
        ),
        closed=lazy("“%(campaign)s” takes no letters any more. Thank you for wanting to write."),
        paused=lazy("“%(campaign)s” takes no letters at the moment. Please come back later."),
        early=lazy("“%(campaign)s” takes no letters yet. Please come back later."),
    ),
)
