"""Words for what should be right before letters go out, and for what is to be done where it is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from actionmail.rules.campaigns.filtering import Advice, Score
from actionmail.rules.campaigns.preflight import Finding, Looked, Verdict
from actionmail.rules.wording import and_join
from actionmail.web.campaigns.words.pages import ASKED

WHAT: Final = {
    Looked.SPF: "SPF",
    Looked.DKIM: "DKIM",
    Looked.DMARC: "DMARC",
    Looked.RELAY: "Mail server",
    Looked.POINTER: "Name of the mail server's address",
    Looked.LETTERS: "Spam filters",
    Looked.ADDRESSES: "Supporters' addresses",
    Looked.ROSTER: "Roster",
    Looked.TARGETS: "Legislators",
    Looked.CALLS: "Calls",
    Looked.PACE: "Pace of the letters",
}
VERDICTS: Final = {Verdict.WELL: "well", Verdict.AMISS: "amiss", Verdict.UNKNOWN: "not known"}


def _no_phone(slug: str, count: int, names: Sequence[str]) -> str:
    return f"Of whom supporters of {slug} call, the roster has no number that works of {and_join(_some(names, count))}."


def _out_of_reach(slug: str, count: int, names: Sequence[str]) -> str:
    return (
        f"No letter of {slug} reaches {'; '.join(_some(names, count))}. There is no e-mail address that works, or "
        "letters to them are on hold."
    )


def _some(names: Sequence[str], count: int) -> list[str]:
    """The first of so many."""
    return [*names, f"{count - len(names):,} more"] if count > len(names) else list(names)


def _nobody_asked(slugs: Sequence[str]) -> str:
    return (
        f"{and_join(list(slugs))} {'asks' if len(slugs) == 1 else 'ask'} nobody to confirm by mail. A letter goes out "
        "whoever typed the address: somebody can write in another person's name, and the office's answer goes to the "
        "address that was typed."
    )


def _asked(settings: Sequence[tuple[str, str]]) -> str:
    campaigns = [f"{slug} asks {ASKED[confirm]}" for slug, confirm in settings]
    return f"{and_join(campaigns)} to confirm by mail. A worker has to run for that mail to go out."


def _no_pointer(host: str, addresses: Sequence[str]) -> str:
    if not addresses:
        return f"{host} has no address in the DNS."
    return f"{and_join(list(addresses))}, an address of {host}, has no name in the DNS (PTR) that leads back to it."


def _score(slug: str, letter: str, variant: int, filter: str, score: Score) -> str:
    which = f"{slug}, letter {letter}, subject {variant}"
    of_limit = f"of the {score.limit:g} points at which {filter} calls a mail spam"
    if not score.costly:
        return f"{which}: none {of_limit}."
    rules = [f"{round(hit.points, 1):g} for {hit.rule}{f' ({hit.words})' if hit.words else ''}" for hit in score.costly]
    return f"{which}: {score.points:g} {of_limit}: {and_join(rules)}."


def _signs(slug: str, letter: str, variant: int, signs: Sequence[Advice]) -> str:
    return f"{slug}, letter {letter}, subject {variant}: {and_join([_SIGNS[sign] for sign in signs])}."


_SIGNS: Final = {
    Advice.FREE_MAIL: "answers go to a free-mail address, and the sender is another",
    Advice.SHOUTED_SUBJECT: "the subject is all capitals",
    Advice.SHOUTED_BODY: "the text is all capitals",
    Advice.MIXED_SCRIPTS: "several scripts stand in one letter",
    Advice.FEW_WORDS: "it is little more than a link",
    Advice.SHORTENER: "a link leads through a shortener",
    Advice.EXCLAMATIONS: "there are several exclamation marks in a row",
}


SENTENCES: Final[Mapping[str, str | Callable[..., str]]] = {
    "preflight.dns-not-asked": ("The DNS was not asked: this installation is set to reach nothing but this machine."),
    "preflight.dns-no-answer": "The DNS gave no answer about {domain}: {reason}",
    "preflight.spf-none": "{domain} has no SPF record.",
    "preflight.spf-many": "{domain} has {count} SPF records, which counts as a fault (RFC 7208 4.5).",
    "preflight.spf-everybody": ("The SPF record of {domain} ends in {end}: it lets everybody send in its name."),
    "preflight.spf-well": (
        "{domain} says: {record}. Whether it names your mail server, a test letter tells (spf=pass)."
    ),
    "preflight.dkim-no-key-of-ours": (
        "The worker signs with no key of its own (ACTIONMAIL_DKIM), so the mail server has to sign."
    ),
    "preflight.dkim-well": "The key is published at {name}.",
    "preflight.dkim-withdrawn": "The key at {name} is withdrawn.",
    "preflight.dkim-none": "There is no key at {name}.",
    "preflight.dkim-other": "Another key than ours is published at {name}, so our signatures fail.",
    "preflight.dmarc-well": "{above} has the policy {policy}.",
    "preflight.dmarc-unusable": "The DMARC record of {above} cannot be used: {record}",
    "preflight.dmarc-none": "{domain} has no DMARC record; large mail systems take less from such domains.",
    "preflight.relay-none": "No mail server is set for the web process.",
    "preflight.relay-trouble": "{name}: {trouble}",
    "preflight.relay-direct": "Letters go straight to the receiving domains' own servers.",
    "preflight.relay-well": "{name} lets us in.",
    "preflight.pointer-unknown": (
        "Under which address {host} sends mail cannot be told from here. Receivers ask whether that address has a name "
        "in the DNS (PTR)."
    ),
    "preflight.pointer-none": _no_pointer,
    "preflight.pointer-well": "Every address of {host} has a name in the DNS (PTR) that leads back to it.",
    "preflight.score": _score,
    "preflight.filter-unreachable": "{filter} cannot be reached ({detail}). Letters without a score: {count}.",
    "preflight.filter-too-slow": "{filter} took too long. Letters without a score: {count}.",
    "preflight.filter-no-score": "{filter} answers, but gives no score. Letters without one: {count}.",
    "preflight.signs": _signs,
    "preflight.signs-none": "{slug}, letter {letter}, subject {variant}: no shouting, no lone link.",
    "preflight.no-filter": (
        "No spam filter is set or installed here, so the letters were only looked at for shouting, links and "
        "exclamation marks."
    ),
    "preflight.nobody-asked": _nobody_asked,
    "preflight.no-campaign": "No campaign is being written, scheduled or live.",
    "preflight.asked": _asked,
    "preflight.roster-old": "{alarm}",
    "preflight.call-no-phone": _no_phone,
    "preflight.call-no-hours": "{slug} says no hours, so callers do not learn when somebody answers.",
    "preflight.call-well": "{slug} has hours, and a number of everybody whom supporters call.",
    "preflight.pace-short": (
        "One legislator gets at most {an_hour} letters an hour, half of them at once. Until the deadline of {slug}, "
        "{until}, that makes {room}, and the goal is {goal} supporters: where all of them write to the same "
        "legislator, the rest would run out of time."
    ),
    "preflight.pace-well": (
        "At {an_hour} letters an hour one legislator can get {room} letters until the deadline of {slug}, {until}; the "
        "goal is {goal} supporters."
    ),
    "preflight.targets-out-of-reach": _out_of_reach,
    "preflight.targets-well": "Letters reach all to whom {slug} writes.",
    "preflight.roster-well": "It is as of {as_of}, fresh enough.",
}
_ADVICE: Final = {
    Advice.FREE_MAIL: (
        "Answers must go to supporters, and most of them have such addresses: leave it so. SPF, DKIM and DMARC in "
        "order, and a word with whoever keeps the offices' filter, weigh more."
    ),
    Advice.SHOUTED_SUBJECT: (
        "Write the subject in small letters, with a bill's name as it is. In a script without capitals (Khmer, Lao, "
        "Chinese, Arabic) a bill's name alone already counts as shouting: put a word in small Latin letters beside it, "
        "as in \u201cbill AB 969\u201d."
    ),
    Advice.SHOUTED_BODY: "Write the text in small letters.",
    Advice.MIXED_SCRIPTS: (
        "Two scripts in one text count as a trick. Nobody has to give up their language for that: take away what else "
        "costs points, above all a subject that counts as shouted."
    ),
    Advice.FEW_WORDS: "Say in the letter itself what it is about; a link may stand below.",
    Advice.SHORTENER: "Write the address that the shortened link leads to.",
    Advice.EXCLAMATIONS: "One exclamation mark is enough.",
}
_ONE_SPF = "Let {domain} have exactly one TXT record that begins with v=spf1 and names your mail server."
_PUBLISH_KEY = "Publish the TXT record that `actionmail dkim dns` prints, or `actionmail worker` when it starts."
_TO_DO: Final[Mapping[str, str]] = {
    "preflight.dns-not-asked": ("Before real letters go out, look again where the DNS can be asked about {domain}."),
    "preflight.dns-no-answer": "Look again in a minute. If it stays so, ask whoever keeps the domain.",
    "preflight.spf-none": _ONE_SPF,
    "preflight.spf-many": _ONE_SPF,
    "preflight.spf-everybody": "Let it end in ~all or -all.",
    "preflight.dkim-no-key-of-ours": "Send yourself a test and look for dkim=pass in its headers.",
    "preflight.dkim-withdrawn": _PUBLISH_KEY,
    "preflight.dkim-none": _PUBLISH_KEY,
    "preflight.dkim-other": _PUBLISH_KEY,
    "preflight.dmarc-unusable": ("Let _dmarc.{above} have exactly one record such as: v=DMARC1; p=quarantine"),
    "preflight.dmarc-none": "Publish a TXT record at _dmarc.{domain}, to begin with: v=DMARC1; p=none",
    "preflight.relay-none": "Set ACTIONMAIL_SMTP_URL for it too.",
    "preflight.relay-direct": (
        "Let whoever keeps the machine run `actionmail doctor`: it looks at the machine's name and address, and "
        "whether it gets out by port 25."
    ),
    "preflight.relay-trouble": "Letters wait in the queue until it lets us in. Tell whoever keeps it.",
    "preflight.pointer-unknown": (
        "Send yourself a test, look in its headers for the address that your mail server sent from, and ask "
        "`dig -x ADDRESS`."
    ),
    "preflight.pointer-none": "Let whoever gave the address set its PTR record to a name that leads back to it.",
    "preflight.filter-unreachable": "See whether it runs, and what ACTIONMAIL_SPAM_FILTER says.",
    "preflight.filter-too-slow": "Open this page again when it has less to do.",
    "preflight.filter-no-score": "See whether ACTIONMAIL_SPAM_FILTER names the right port of it.",
    "preflight.no-filter": "Install SpamAssassin, or set ACTIONMAIL_SPAM_FILTER.",
    "preflight.nobody-asked": ("Under the campaign's details, let addresses that never confirmed before be asked."),
    "preflight.no-campaign": (
        "Choose under a campaign's details who has to confirm by mail: best is whoever never did before."
    ),
    "preflight.call-no-phone": "Correct their numbers in the roster; until then, callers are told that there is none.",
    "preflight.call-no-hours": "Give them under the campaign's call, if you know them.",
    "preflight.pace-short": (
        "Let whoever runs the site raise ACTIONMAIL_TARGET_HOUR, if the offices take more; open earlier; or write to "
        "more legislators."
    ),
    "preflight.targets-out-of-reach": (
        "Correct their addresses in the roster, or lift what stops letters to them; until then supporters are shown "
        "another way to reach them."
    ),
    "preflight.roster-old": "Load a newer one, or ask who runs the site.",
}


def to_do(finding: Finding) -> str:
    """What is to be done; "" where nothing is."""
    values = finding.problem.values
    if finding.problem.code == "preflight.score":
        score: Score = values["score"]
        advices = dict.fromkeys(hit.advice for hit in score.costly)
        return " ".join(_ADVICE[advice] for advice in advices if advice)
    if finding.problem.code == "preflight.signs":
        return " ".join(_ADVICE[sign] for sign in values["signs"])
    return _TO_DO.get(finding.problem.code, "").format(**finding.problem.values)
