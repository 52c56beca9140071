"""What a spam filter says of a letter, and what a few rules of our own say where there is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from enum import StrEnum
from typing import Final, TypeAlias

from msgspec import Struct

from actionmail.rules.delivery.envelope import letter_text
from actionmail.rules.delivery.mail_text import header_text


class Advice(StrEnum):
    """What a rule of a filter is about, where there is something to say beyond the filter's own words."""

    FREE_MAIL = "free-mail"  # Reply-To is at a free provider, From is not
    SHOUTED_SUBJECT = "shouted-subject"  # or one whose script has no capitals, beside a bill's
    SHOUTED_BODY = "shouted-body"
    MIXED_SCRIPTS = "mixed-scripts"
    FEW_WORDS = "few-words"  # and a link
    SHORTENER = "shortener"
    EXCLAMATIONS = "exclamations"


class Hit(Struct, frozen=True, kw_only=True):
    """One rule that a filter found to hold. `words` are the filter's own."""

    rule: str
    points: float
    words: str = ""

    @property
    def advice(self) -> Advice | None:
        return next((advice for pattern, advice in _ABOUT if pattern.fullmatch(self.rule)), None)


class Score(Struct, frozen=True, kw_only=True):
    """What a filter gives the letter itself. At `limit` it calls a mail spam; `costly` are dearest first."""

    limit: float
    costly: tuple[Hit, ...]

    @classmethod
    def of(cls, hits: Sequence[Hit], limit: float) -> Score:
        """Without the rules that no trial can satisfy, since it has not gone through any mail server."""
        about_letter = [hit for hit in hits if hit.points > 0 and not _ABOUT_THE_WAY.match(hit.rule)]
        return cls(limit=limit, costly=tuple(sorted(about_letter, key=lambda hit: (-hit.points, hit.rule))))

    @property
    def points(self) -> float:
        return round(sum(hit.points for hit in self.costly), 1)

    @property
    def is_high(self) -> bool:
        """Half of what is too much: the receiving side adds rules that no trial meets."""
        return self.points * 2 >= self.limit


class FilterFault(StrEnum):
    """Why a filter gave no score."""

    UNREACHABLE = "unreachable"  # `detail` is the kind of trouble
    TOO_SLOW = "too-slow"
    NO_SCORE = "no-score"  # what it answered has none


class Unscored(Struct, frozen=True, kw_only=True):
    """A letter that a filter gave no score."""

    fault: FilterFault
    detail: str = ""


class Filter(Struct, frozen=True, kw_only=True):
    """A filter at hand: its name, and its answer to each letter, in their order."""

    name: str
    score: Callable[[Sequence[bytes]], Sequence[Score | Unscored]]


class Trial(Struct, frozen=True, kw_only=True):
    """A letter as a made-up supporter with a free-mail address would send it: of which campaign, and its name there."""

    slug: str
    letter: str
    variant: int  # of the subject, from 1
    raw: bytes


Scored: TypeAlias = tuple[Trial, Score | Unscored]

# What is no matter of the letter: the client, its name, its address, what the DNS says, signatures.
_ABOUT_THE_WAY = re.compile(
    r"NO_RECEIVED|NO_RELAYS|ALL_TRUSTED|UNPARSEABLE_RELAY|RCVD_.*|RDNS_.*|HELO_.*|ONCE_RECEIVED|HFILTER_.*|SPF_.*|R_SPF_.*"
    r"|DKIM_.*|R_DKIM_.*|DMARC_.*|ARC_.*|RSPAMD_.*|DNSWL_.*|MISSING_DATE|BAYES_.*|NEURAL_.*|FUZZY_.*|AUTH_NA.*|VIOLATED_.*"
    r"|ADDITIONAL_.*|T_SPF_.*|T_SCC_.*|FORGED_SENDER|FROM_NEQ_ENVFROM|TO_NEQ_RCPT|FORGED_RECIPIENTS"
)
# Rules of SpamAssassin 4.0 and rspamd 3.4.
_ABOUT: Final = tuple(
    (re.compile(pattern), advice)
    for pattern, advice in (
        (r"(FREEMAIL|T_FREEMAIL)_.*REPLY.?TO.*|REPLYTO_.*FREEMAIL|SPOOF_REPLYTO|FREEMAIL_REPLYTO_.*", Advice.FREE_MAIL),
        (r"SUBJ_ALL_CAPS", Advice.SHOUTED_SUBJECT),
        (r"UPPERCASE_.*|.*_CAPS_BODY", Advice.SHOUTED_BODY),
        (r"R_MIXED_CHARSET(_URL)?|CHARSET_FARAWAY.*|MIME_CHARSET_FARAWAY|UNWANTED_LANGUAGE_BODY", Advice.MIXED_SCRIPTS),
        (
            r"SHORT_SHORTNER|URI_ONLY.*|.*_SHORT_URI.*|HAS_ONION_URI|BODY_SINGLE_URI|ONE_WORD.*|R_EMPTY_.*",
            Advice.FEW_WORDS,
        ),
        (r"SHORTENED_URL.*|REDIRECTOR_URL.*|URL_SHORTENER_.*|URIBL_.*SHORT.*", Advice.SHORTENER),
        (r"PLING_.*|SUBJECT_HAS_EXCLAIM|SUBJECT_ENDS_EXCLAIM|MANY_EXCLAM.*", Advice.EXCLAMATIONS),
    )
)

_SHORTENERS: Final = frozenset(
    {"bit.ly", "tinyurl.com", "t.co", "goo.gl", "ow.ly", "is.gd", "buff.ly", "rebrand.ly", "cutt.ly", "t.ly", "tiny.cc"}
)
_LINK = re.compile(r"\bhttps?://([^\s/:<>\"']{1,253})", re.IGNORECASE)
_FOOTER: Final = "\n-- \n"
_FEW: Final = 200  # characters of a letter that is little more than its link
_LETTERS: Final = 20  # of a text, before anybody can be said to shout


def signs(raw: bytes) -> tuple[Advice, ...]:
    """What of the few rules that matter for such mail holds for a letter, in the order of what they cost."""
    headers = BytesHeaderParser().parsebytes(raw)
    subject = header_text(headers, "Subject")
    text = letter_text(raw).rpartition(_FOOTER)[0] or letter_text(raw)
    return tuple(
        _signs(subject, text, _domain(header_text(headers, "From")), _domain(header_text(headers, "Reply-To")))
    )


def _signs(subject: str, text: str, sender: str, reply_to: str) -> Iterator[Advice]:
    links = [host.lower().removeprefix("www.") for host in _LINK.findall(text)]
    if links and len(_LINK.sub("", text).strip()) < _FEW:
        yield Advice.FEW_WORDS
    if not _SHORTENERS.isdisjoint(links):
        yield Advice.SHORTENER
    if is_shouted(subject):
        yield Advice.SHOUTED_SUBJECT
    if len(text) > _LETTERS and is_shouted(text):
        yield Advice.SHOUTED_BODY
    if "!!" in subject or text.count("!!") > 1:
        yield Advice.EXCLAMATIONS
    if reply_to in FREE_MAIL and sender != reply_to:
        yield Advice.FREE_MAIL


def is_shouted(text: str) -> bool:
    """As filters count: no small letter, and capitals of more than one word, or beside a script that has none."""
    capitals = [word for word in re.findall(r"\w+", text) if word.upper() == word and word.lower() != word]
    has_small = any(character.islower() for character in text)
    has_caseless = any(character.isalpha() and character.upper() == character.lower() for character in text)
    return not has_small and (len(capitals) > 1 or (has_caseless and len(capitals) == 1))


FREE_MAIL: Final = frozenset(
    {
        *("gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com", "aol.com", "msn.com", "live.com"),
        *("me.com", "mac.com", "ymail.com", "protonmail.com", "proton.me", "gmx.com", "mail.com", "googlemail.com"),
    }
)
# Gmail gives no name of fewer than six characters, so nobody has this address.
FREE_MAIL_SUPPORTER: Final = "mai@gmail.com"


def _domain(header: str) -> str:
    return parseaddr(header)[1].rpartition("@")[2].lower()
