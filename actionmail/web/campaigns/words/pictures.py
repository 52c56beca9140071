"""Words for pictures that cannot be taken, or not be deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from actionmail.rules.wording import and_join


def _in_use(titles: Sequence[str]) -> str:
    shown = [f'"{title}"' for title in titles[:3]]
    more = [f"{len(titles) - 3} more"] if len(titles) > 3 else []
    return f"It is shown by {and_join([*shown, *more])}, so it was not deleted. Choose another picture there first."


_TAKEN: Final = "Save it as a JPEG, PNG, WebP or GIF"

SENTENCES: Final[Mapping[str, str | Callable[..., str]]] = {
    "picture.none": "Choose a file.",
    "picture.too-large": "The file has more than {most} MB. Save it smaller, such as 2,000 points wide.",
    "picture.svg": f"This is an SVG drawing, which can hold scripts, so none is taken. {_TAKEN}.",
    "picture.no-picture": f"This is no picture that can be taken here. {_TAKEN}.",
    "picture.damaged": "The file is damaged, or was not copied to its end. Save it once more.",
    "picture.too-wide": "It is {width:,} points wide and {height:,} high; at most {most:,} fit. Make it smaller.",
    "picture.too-many-points": "It has more than {most:,} points. Make it smaller.",
    "picture.no-alternative": "Say in a sentence what the picture shows, for who cannot see it.",
    "picture.in-use": _in_use,
}
