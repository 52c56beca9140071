"""What staff are told by mail, in plain words with links."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlencode

from actionmail.flows.delivery.stops import Stop
from actionmail.flows.review.attention import Attention
from actionmail.flows.review.dashboard import Troubled
from actionmail.rules.delivery.rates import Scope
from actionmail.rules.delivery.states import State
from actionmail.rules.staff.staff_letters import StaffLetter
from actionmail.web.campaigns.words import not_opened
from actionmail.web.review.crowd_words import crowd_path, crowd_words
from actionmail.web.review.petition_words import mail_standing
from actionmail.web.review.words import STATE_WORDS, pause_words

_END = "You get this because you asked for it. To end it: {base}/staff/account#notices"


def digest(needed: Attention, *, organisation: str, base_url: str) -> StaffLetter:
    """The morning's mail. Personal data stands on the pages, and not here."""
    lines = [_stopped(stop, base_url) for stop in needed.stops]
    lines += [_troubled(troubled, base_url) for troubled in needed.troubled]
    for campaign in needed.not_opened:
        words = f"{campaign.title} did not open at its time. {not_opened(campaign.not_opened)}"
        lines.append(f"{words}\n  {base_url}/staff/campaigns/{campaign.slug}")
    for mail in needed.mails:
        words = f"The mail that hands {mail.title} over to {mail.recipient_name}: {mail_standing(mail)}"
        lines.append(f"{words}\n  {base_url}/staff/campaigns/{mail.slug}/delivery#mail")
    for held in needed.held:
        words = f"{held.title}: {held.count:,} {'action waits' if held.count == 1 else 'actions wait'} for you"
        lines.append(f"{words}\n  {base_url}/staff/crowds/held/{held.newest}")
    for crowd in needed.crowds:
        lines.append(f"{crowd.title}: {crowd_words(crowd)}\n  {base_url}{crowd_path(crowd)}")
    count = "one thing needs" if len(lines) == 1 else f"{len(lines)} things need"
    return _letter(f"{organisation}: {count} attention", "What needs attention this morning:", lines, base_url)


def alarm(stops: Collection[Stop], *, organisation: str, base_url: str) -> StaffLetter:
    """The mail about what burns: nothing is sent to somebody, or at all, since the last one."""
    lines = [_stopped(stop, base_url) for stop in stops]
    subject = f"{organisation}: letters are stopped"
    return _letter(subject, "Letters that were to go do not go any more:", lines, base_url)


def _letter(subject: str, first: str, lines: list[str], base_url: str) -> StaffLetter:
    listed = "\n\n".join(f"- {line}" for line in lines)
    end = _END.format(base=base_url)
    return StaffLetter(subject=subject, text=f"{first}\n\n{listed}\n\nAll of it: {base_url}/staff/\n\n{end}")


def _stopped(stop: Stop, base_url: str) -> str:
    page = f"{base_url}/staff/"
    match stop.scope:
        case Scope.TARGET:
            whom, page = f"to {stop.title or f'legislator {stop.name}'}", f"{base_url}/staff/roster/{stop.name}"
        case Scope.DOMAIN:
            whom, page = f"to addresses at {stop.name}", _log(base_url, domain=stop.name)
        case Scope.CAMPAIGN:
            whom, page = f"for {stop.title or f'campaign {stop.name}'}", _log(base_url, campaign=stop.name)
        case _:
            whom = "at all"
    words = pause_words(stop)
    return f"Nothing is sent {whom}{f': {words}' if words else '.'} (since {stop.at:%Y-%m-%d %H:%M} UTC)\n  {page}"


def _troubled(troubled: Troubled, base_url: str) -> str:
    letters = "letter" if troubled.count == 1 else "letters"
    when = ""
    if troubled.since:
        when = f"; made since {troubled.since}"
    elif troubled.until:
        when = f"; made on {troubled.until} or before"
    page = f"{base_url}/staff/reviews"
    if troubled.state is not State.REVIEW:
        bounds = {"since": troubled.since, "until": troubled.until}
        days = {name: str(day) for name, day in bounds.items() if day}
        page = _log(base_url, state=troubled.state.value, **days)
    return f"{troubled.count:,} {letters}: {STATE_WORDS[troubled.state]}{when}\n  {page}"


def _log(base_url: str, **filters: str) -> str:
    return f"{base_url}/staff/messages?{urlencode(filters)}"
