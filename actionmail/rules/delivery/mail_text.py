"""What a person wrote in a mail, bounded and with nothing in it that a reader would not see."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from email.header import decode_header, make_header
from email.message import Message
from html import unescape
from typing import Final

from actionmail.rules.delivery.mail_limits import LONGEST_HEADER

LONGEST_TEXT: Final = 20_000  # characters
_NOT_FOR_MAIL = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
# A tag ends before the next one begins, whatever its quotes say, so that each octet is looked at once;
# what was taken is not given back, or a long name without an end would be tried at each of its lengths.
_TAG = re.compile(r"""<(/?)([a-z!?][^\s<>/"']*+)(?:"[^"<]*"|'[^'<]*'|[^<>"'])*+>""", re.IGNORECASE)
_UNREAD = frozenset({"script", "style", "head", "title"})
_BREAKS_BEFORE = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "blockquote"})
_BREAKS_AFTER = frozenset({"p", "div"})
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_WHITE = re.compile(r"\s+")
_EMPTY_LINES = re.compile(r"\n{3,}")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def header_text(mail: Message, name: str) -> str:
    """The first header of this name, decoded; "" where there is none."""
    value = next((text for key, text in mail.raw_items() if key.lower() == name.lower()), None)
    return "" if value is None else decoded_header(str(value)[:LONGEST_HEADER])


def headers_of(mail: Message) -> list[tuple[str, str]]:
    """All headers as they stand, each decoded."""
    return [(name, decoded_header(str(value))) for name, value in mail.raw_items()]


def decoded_header(value: str) -> str:
    """A header's value in one line, with its encoded words (RFC 2047) read. Octets beyond ASCII are UTF-8 (RFC 6532).

    White space between two encoded words is none (section 6.2); the standard library's `policy.default` shows it
    within long names up to Python 3.13.0.
    """
    text = _FOLD.sub("", value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        return str(make_header(decode_header(text)))
    except Exception:  # an unknown character set, broken base64, ...
        return text


def parameter(mail: Message, name: str) -> str:
    value = mail.get_param(name)
    return value.lower() if isinstance(value, str) else ""


def words_of(parts: Sequence[Message]) -> tuple[str, int]:
    """The text of a mail, and how many other parts it has."""
    plain: Message | None = None
    rich: Message | None = None
    others = 0
    for part in parts:
        if plain is None and _is_text(part, "text/plain"):
            plain = part
        if rich is None and _is_text(part, "text/html"):
            rich = part
        if part.get_content_maintype() != "multipart":
            others += part.get_content_type() not in {"text/plain", "text/html"} or _is_attached(part)
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


def _shown(text: str) -> str:
    """Bounded, with LF line ends, and nothing that moves a cursor or a reading direction."""
    whole = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return whole if len(whole) <= LONGEST_TEXT else f"{whole[:LONGEST_TEXT].rstrip()}\n[...]"


def _from_html(page: str) -> str:
    """The words of a page, paragraphs kept. In one pass: html.parser takes minutes over 60 kB of `<a <a <a`."""
    page = page[: 3 * LONGEST_TEXT]
    words: list[str] = []
    hidden = position = 0
    while position < len(page):
        opening = page.find("<", position)
        if not hidden:
            words.append(_plain(page[position : opening if opening >= 0 else len(page)]))
        if opening < 0:
            break
        if page.startswith("<!--", opening):
            end = page.find("-->", opening + 4)
            position = end + 3 if end >= 0 else len(page)
            continue
        tag = _TAG.match(page, opening)
        if tag is None:
            words.append("" if hidden else "<")
            position = opening + 1
            continue
        hidden = max(0, hidden + _hides(tag))
        if tag[2].lower() in (_BREAKS_AFTER if tag[1] else _BREAKS_BEFORE):
            words.append("\n")
        position = tag.end()
    lines = [line.strip() for line in "".join(words).split("\n")]
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def _plain(text: str) -> str:
    return _WHITE.sub(" ", unescape(text))


def _hides(tag: re.Match[str]) -> int:
    """1 where what follows is not for readers, -1 where that ends."""
    if tag[2].lower() not in _UNREAD or tag[0].endswith("/>"):
        return 0
    return -1 if tag[1] else 1
