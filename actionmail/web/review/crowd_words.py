"""What staff are told of crowds, and where to look at them."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from actionmail.flows.review.crowds import Crowd, CrowdKind

_NEXT = {
    CrowdKind.SOURCE: "A newsletter does that, and so does a program: look at their names and words.",
    CrowdKind.NETWORK: "A library or a phone company does that, and so does a program: look at their names and words.",
    CrowdKind.PARAGRAPH: "Whoever hands words out does that, and offices count such letters once: ask for own reasons.",
}


def crowd_words(crowd: Crowd) -> str:
    """What happened, behind the campaign's title: "214 actions within an hour by the link \u201cflyer\u201d. ..." """
    match crowd.kind:
        case CrowdKind.SOURCE:
            words = f"{crowd.count:,} actions within an hour by the link \u201c{crowd.source}\u201d"
        case CrowdKind.NETWORK:
            words = f"{crowd.count:,} actions within an hour from one network address"
        case CrowdKind.PARAGRAPH:
            words = f"{crowd.count:,} supporters wrote the same paragraph within a day"
    return f"{words}, the last at {crowd.until:%Y-%m-%d %H:%M} UTC. {_NEXT[crowd.kind]}"


def crowd_filter(crowd: Crowd) -> dict[str, str]:
    """What the send log is narrowed by to show their letters."""
    filters = {"campaign": crowd.campaign}
    match crowd.kind:
        case CrowdKind.SOURCE:
            filters["source"] = crowd.source
        case CrowdKind.NETWORK:
            filters["near"] = str(crowd.action)
        case CrowdKind.PARAGRAPH:
            filters["alike"] = str(crowd.action)
    until = crowd.until + timedelta(minutes=1)
    filters |= {"since": f"{crowd.since:%Y-%m-%dT%H:%M}", "until": f"{until:%Y-%m-%dT%H:%M}", "zone": "UTC"}
    return filters


def cleaning_path(crowd: Crowd) -> str:
    """Below the site's address: all of them by count, to be taken out."""
    return f"/staff/crowds/{crowd.kind}/{crowd.action}"


def crowd_path(crowd: Crowd) -> str:
    """Below the site's address: their letters in the send log, or the campaign's actions where it writes none."""
    if not crowd.writes_letters:
        return f"/staff/campaigns/{crowd.campaign}/actions"
    return f"/staff/messages?{urlencode(crowd_filter(crowd))}"
