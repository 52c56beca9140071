"""What a mail that came back to a return path is: a bounce, a delay, an automatic answer, a complaint, or a reply.

Everything here is written by strangers. What is read is bounded in size, lines, nesting and header length before any
parser sees it, and whatever cannot be read is `Unknown`: `classify` raises nothing. Which letter a mail belongs to is
never taken from its content, only from the signed token of the address it came to.

Our own reading of `Status:` (RFC 3464) comes first. A library that knows old mail servers' bounces is asked only about
mail with a null sender that has no such report, and believed only where it names the letter's own address.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32
from email.utils import parseaddr
from html.parser import HTMLParser
from typing import Final, TypeAlias

from flufl.bounce import all_failures

from actionmail.rules.delivery.states import Phase, Signal, server_words
from actionmail.rules.delivery.states import classify as classify_answer

LARGEST: Final = 400_000  # octets that are looked at; reports and first text parts stand at the front
MOST_LINES: Final = 20_000
_LONGEST_LINE: Final = 4_000
_LONGEST_HEADER: Final = 2_000
_MOST_BOUNDARIES: Final = 60  # mentions of "boundary", so about half as many levels
_MOST_NESTED: Final = 60
_MOST_PARTS: Final = 200
_MOST_RECIPIENTS: Final = 100
_FOR_LIBRARY: Final = 64_000  # octets
LONGEST_TEXT: Final = 20_000  # characters of a reply


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounce:
    """Some mail server gave the letter up. `names_recipient`: the report is about the letter's own address."""

    status: str  # RFC 3463, "5.1.1"
    code: int | None
    text: str
    names_recipient: bool

    @property
    def is_temporary(self) -> bool:
        """The remote side gave up on something that is not for ever."""
        return self.status.startswith("4")

    @property
    def is_full(self) -> bool:
        """Mailbox full: permanent by its number, not in life."""
        return self.status[1:] == ".2.2"

    @property
    def signal(self) -> Signal:
        """What it says beyond this letter, by the same table as an answer on the wire. 5.7.x is no dead address."""
        if self.is_temporary or self.is_full:
            return Signal.NONE
        status = "" if self.status.endswith(".0.0") else f"{self.status} "
        signal = classify_answer(Phase.RCPT, self.code or 550, f"{status}{_without_codes(self.text)}").signal
        if signal is Signal.SUSPECT_ADDRESS and not self.names_recipient:
            return Signal.NONE
        return signal if signal in {Signal.SUSPECT_ADDRESS, Signal.BREAK_DOMAIN} else Signal.NONE


@dataclass(frozen=True, kw_only=True, slots=True)
class Delayed:
    """Still being tried elsewhere."""

    status: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivered:
    """`action` is delivered, relayed or expanded. It says nothing of reading."""

    action: str
    status: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AutoReply:
    """A machine answered for a person (RFC 3834)."""

    sender: str  # an address, or ""
    subject: str
    text: str
    attachments: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonalReply:
    """A person wrote back."""

    sender: str
    subject: str
    text: str
    attachments: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class AbuseReport:
    """Somebody pressed "this is spam" (RFC 5965)."""

    feedback: str  # abuse, fraud, not-spam, ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Unknown:
    """Not to be read; `why` is a sentence."""

    why: str


Return: TypeAlias = Bounce | Delayed | Delivered | AutoReply | AbuseReport | PersonalReply | Unknown


def classify(raw: bytes, *, recipient: str, sender: str | None = None) -> Return:
    """What `raw` is, seen from a letter that went to `recipient`. `sender` is the envelope's, where it is known."""
    text = _bounded(raw)
    if why := _unreasonable(text):
        return Unknown(why=why)
    try:
        mail = message_from_bytes(text, policy=compat32)
        return _classified(mail, text, recipient, sender)
    except Exception:  # parsers fed by strangers fail in ways that nobody lists
        return Unknown(why="It is not built as a mail should be, and cannot be read.")


def arrived_at(raw: bytes) -> list[list[str]]:
    """The addresses that the mail's own headers say it came to, the most trustworthy kind of header first."""
    head = re.split(rb"\r?\n\r?\n", _bounded(raw), maxsplit=1)[0]
    lines = re.sub(rb"\r?\n[ \t]+", b" ", head).decode("ascii", "replace").split("\n")
    return [
        [
            address
            for line in lines
            if line.lower().startswith(name) and len(line) <= _LONGEST_HEADER
            for address in _ADDRESS.findall(line)
        ]
        for name in _ADDRESS_HEADERS
    ]


_ADDRESS_HEADERS = ("x-original-to:", "delivered-to:", "envelope-to:", "x-envelope-to:", "x-delivered-to:", "to:")
_ADDRESS = re.compile(r"[A-Za-z0-9+_=.-]{1,80}@[A-Za-z0-9.-]{1,253}")


def without_token(text: str, token: str) -> str:
    """`text` with the letter's return path blotted out, also where a mail program broke or encoded it."""
    if token:
        spelled = r"[\s>=]{0,4}".join(map(re.escape, token))
        text = re.sub(rf"(?i)(?:b(?:\+|%2B|=2B)\s?)?{spelled}", _BLOT, text)
    return re.sub(r"(?i)\bb(?:\+|%2B|=2B)[a-z2-7]{18,62}(?=@|%40|=40)", _BLOT, text)


_BLOT = "(our return address)"


def _bounded(raw: bytes) -> bytes:
    lines = raw[:LARGEST].split(b"\n", MOST_LINES)[:MOST_LINES]
    return b"\n".join(line[:_LONGEST_LINE] for line in lines)


def _unreasonable(text: bytes) -> str:
    lowered = text.lower()
    if not text.strip():
        return "It is empty."
    if lowered.count(b"boundary") > _MOST_BOUNDARIES or lowered.count(b"message/") > _MOST_NESTED:
        return "It has more parts within parts than any honest mail."
    if any(len(found[0]) > _LONGEST_HEADER for found in _MIME_HEADER.finditer(lowered)):
        return "One of its headers is longer than any honest mail's."
    return ""


_MIME_HEADER = re.compile(rb"^content-[a-z-]{1,30}[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*", re.MULTILINE)


def _classified(mail: Message, text: bytes, recipient: str, sender: str | None) -> Return:
    parts = _parts(mail)
    kinds = {part.get_content_type() for part in parts}
    if kinds & {"message/delivery-status", "message/global-delivery-status"}:
        report = _report(parts, recipient)
        if report is not None:
            return report
    if "message/feedback-report" in kinds or _parameter(mail, "report-type") == "feedback-report":
        return AbuseReport(feedback=_feedback(parts))
    is_machine = _is_machine(mail, sender)
    if is_machine and (found := _ask_library(text, recipient)):
        return found
    subject = server_words(_header(mail, "Subject"))[:200]
    is_automatic = _is_automatic(mail, subject)
    if is_machine and not is_automatic:
        return Unknown(why="It came from a mail system, and is no report that can be read.")
    who = parseaddr(_header(mail, "From"))[1][:254]
    who = who if _ADDRESS.fullmatch(who) else ""
    words, attachments = _words(parts)
    if is_automatic:
        return AutoReply(sender=who, subject=subject, text=words, attachments=attachments)
    if not who:
        return Unknown(why="It does not say who sent it.")
    return PersonalReply(sender=who, subject=subject, text=words, attachments=attachments)


def _parts(mail: Message) -> list[Message]:
    """The mail and its parts, outside in; what a report returns of our own letter stays closed."""
    found: list[Message] = []
    waiting = [mail]
    while waiting and len(found) < _MOST_PARTS:
        part = waiting.pop(0)
        found.append(part)
        if part.get_content_maintype() == "multipart" and isinstance(part.get_payload(), list):
            waiting.extend(sub for sub in part.get_payload() if isinstance(sub, Message))
    return found


def _report(parts: Sequence[Message], recipient: str) -> Return | None:
    """RFC 3464. Blocks that name the letter's address decide; where none does, all do. The worst one counts."""
    blocks = [block for part in parts if "delivery-status" in part.get_content_type() for block in _blocks(part)]
    groups = [block for block in blocks if "action" in block or "status" in block or "final-recipient" in block]
    named = [block for block in groups if _names(block, recipient)]
    read = [
        found
        for block in (named or groups)[:_MOST_RECIPIENTS]
        if (found := _recipient_report(block, names_recipient=bool(named)))
    ]
    return min(read, key=_gravity) if read else None


def _gravity(found: Return) -> int:
    if isinstance(found, Bounce):
        return 1 if found.is_temporary else 0
    return 2 if isinstance(found, Delayed) else 3


def _blocks(part: Message) -> Iterator[Mapping[str, str]]:
    """The groups of fields. The parser gives them apart, or, for the kind of RFC 6533, the later ones as text."""
    payload = part.get_payload()
    for sub in payload if isinstance(payload, list) else [part]:
        if not isinstance(sub, Message):
            continue
        yield {name.lower(): _flat(str(value)) for name, value in sub.items()[:50]}
        rest = sub.get_payload()
        if isinstance(rest, str) and rest.strip():
            for block in re.split(r"\r?\n[ \t]*\r?\n", rest)[:_MOST_RECIPIENTS]:
                lines = re.sub(r"\r?\n[ \t]+", " ", block).splitlines()[:50]
                pairs = [line.partition(":") for line in lines if ":" in line]
                yield {name.strip().lower(): _flat(value) for name, _, value in pairs}


def _flat(value: str) -> str:
    return " ".join(value[:_LONGEST_HEADER].split())


def _names(block: Mapping[str, str], recipient: str) -> bool:
    addresses = (
        block.get(name, "").rpartition(";")[2].strip(" <>") for name in ("original-recipient", "final-recipient")
    )
    return any(address.casefold() == recipient.casefold() for address in addresses if address)


def _recipient_report(block: Mapping[str, str], *, names_recipient: bool) -> Return | None:
    diagnostic = block.get("diagnostic-code", "")
    words = server_words(diagnostic.partition(";")[2].strip() if ";" in diagnostic[:40] else diagnostic)
    status = _status(block.get("status", ""), words)
    action = block.get("action", "").lower().partition(" ")[0]
    if not action:  # it must be there; where it is not, the class of the status says as much
        action = {"2": "delivered", "4": "delayed", "5": "failed"}.get(status[:1], "")
    if action == "failed":
        if status[:1] == "2":
            return Unknown(why="The report says both that it failed and that it did not.")
        code = _CODE.search(words)
        return Bounce(
            status=status or "5.0.0",
            code=int(code[1]) if code else None,
            text=words,
            names_recipient=names_recipient,
        )
    if action == "delayed":
        return Delayed(status=status, text=words)
    if action in {"delivered", "relayed", "expanded"}:
        return Delivered(action=action, status=status, text=words)
    return None


def _status(field: str, words: str) -> str:
    """`Status:`; where that is missing or says only a class (5.0.0), the server's own words may know more."""
    given = _STATUS.match(field)
    said = _ENHANCED.search(words)
    if given and (given[2] != ".0.0" or not said or said[1][0] != given[1]):
        return given[1] + given[2]
    if said:
        return said[1]
    code = _CODE.search(words)
    return f"{code[1][0]}.0.0" if code else ""


_STATUS = re.compile(r"\s*([245])(\.\d{1,3}\.\d{1,3})(?=\D|$)")
_ENHANCED = re.compile(r"(?:^|[\s(#-])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?:^|\s)([245]\d\d)(?=[ -])")


def _without_codes(words: str) -> str:
    return _CODE.sub(" ", _ENHANCED.sub(" ", words)).strip(" -")


def _ask_library(text: bytes, recipient: str) -> Return | None:
    """Failures in forms older than RFC 3464. It tells addresses alone, so the status is the least that is true."""
    temporary, permanent = all_failures(message_from_bytes(text[:_FOR_LIBRARY], policy=compat32))
    wanted = recipient.casefold().encode()
    if wanted in {address.lower() for address in permanent}:
        words = _first_words(text)
        return Bounce(status=_status("", words) or "5.0.0", code=None, text=words, names_recipient=True)
    if wanted in {address.lower() for address in temporary}:
        return Delayed(status="4.0.0", text=_first_words(text))
    return None


def _first_words(text: bytes) -> str:
    """The line in which an old mail server says why, as far as one can tell; else ""."""
    body = re.split(rb"\r?\n\r?\n", text[:_FOR_LIBRARY], maxsplit=1)[-1]
    for line in body.decode("utf-8", "replace").splitlines():
        if (_ENHANCED.search(line) or _CODE.search(line)) and not line.lower().startswith(_TRACE):
            return server_words(" ".join(line.split()))
    return ""


_TRACE = ("received:", "x-", "dkim-", "arc-", "authentication-results:", "date:", "message-id:")


def _feedback(parts: Sequence[Message]) -> str:
    for part in parts:
        if part.get_content_type() == "message/feedback-report":
            for block in _blocks(part):
                kind = block.get("feedback-type", "").lower()
                if re.fullmatch(r"[a-z-]{1,30}", kind):
                    return kind
    return "abuse"


def _is_machine(mail: Message, sender: str | None) -> bool:
    """A null sender (RFC 5321 4.5.5), or what poses as one."""
    if sender is None:
        sender = _header(mail, "Return-Path").strip() or None
    if sender is not None and sender.strip("<> ").lower() in {"", "mailer-daemon"}:  # Postfix's pipe(8) says the latter
        return True
    local = parseaddr(_header(mail, "From"))[1].partition("@")[0].lower()
    return local in {"mailer-daemon", "postmaster", "mail-daemon", "microsoftexchange"} or local.startswith(
        "microsoftexchange329e71ec"
    )


def _is_automatic(mail: Message, subject: str) -> bool:
    """RFC 3834, and what those send who have not read it."""
    if _header(mail, "Auto-Submitted").lower().partition(";")[0].strip() not in {"", "no"}:
        return True
    if _header(mail, "Precedence").strip().lower() in {"auto_reply", "bulk", "list", "junk"}:
        return True
    if any(mail.get(name) is not None for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Reply", "List-Id")):
        return True
    return _AUTOMATIC.match(subject) is not None


_AUTOMATIC = re.compile(
    r"\s*(auto(matic)?[- ]?(reply|response)|out of (the )?office|away from (the|my) (office|desk)|respuesta autom)",
    re.IGNORECASE,
)


def _header(mail: Message, name: str) -> str:
    value = mail.get(name)
    if value is None:
        return ""
    text = str(value)[:_LONGEST_HEADER]
    try:
        return str(make_header(decode_header(text)))
    except Exception:  # an unknown character set, broken base64, ...
        return text


def _parameter(mail: Message, name: str) -> str:
    value = mail.get_param(name)
    return value.lower() if isinstance(value, str) else ""


def _words(parts: Sequence[Message]) -> tuple[str, int]:
    """The text of a mail, and how many other parts it has."""
    plain = next((part for part in parts if _is_text(part, "text/plain")), None)
    rich = next((part for part in parts if _is_text(part, "text/html")), None)
    leaves = [part for part in parts if part.get_content_maintype() != "multipart"]
    others = sum(part.get_content_type() not in {"text/plain", "text/html"} or _is_attached(part) for part in leaves)
    if plain is not None and (text := _decoded(plain).strip()):
        return _shown(text), others
    return _shown(_from_html(_decoded(rich))) if rich is not None else "", others


def _is_text(part: Message, kind: str) -> bool:
    return part.get_content_type() == kind and not _is_attached(part)


def _is_attached(part: Message) -> bool:
    return part.get_content_disposition() == "attachment"


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    charset = part.get_content_charset() or "utf-8"
    try:
        known = codecs.lookup(charset)
    except (LookupError, ValueError):
        return content.decode("utf-8", "replace")
    if known.name in _NOT_FOR_MAIL or not getattr(known, "_is_text_encoding", True):
        return content.decode("utf-8", "replace")
    return content.decode(known.name, "replace")


_NOT_FOR_MAIL = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def _shown(text: str) -> str:
    """Bounded, with LF line ends, and nothing that moves a cursor or a reading direction."""
    whole = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return whole if len(whole) <= LONGEST_TEXT else f"{whole[:LONGEST_TEXT].rstrip()}\n[...]"


class _Text(HTMLParser):
    """Words of an HTML page, paragraphs kept."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style", "head", "title"}:
            self._hidden += 1
        elif tag in {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "blockquote"}:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style", "head", "title"}:
            self._hidden = max(0, self._hidden - 1)
        elif tag in {"p", "div"}:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(" ".join(data.split()) + (" " if data[-1:].isspace() else ""))


def _from_html(page: str) -> str:
    reader = _Text()
    reader.feed(page[: 3 * LONGEST_TEXT])
    reader.close()
    lines = [line.strip() for line in "".join(reader.words).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
