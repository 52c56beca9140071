"""To which mail servers a domain's letters go, and in which order (RFC 5321 5.1, RFC 7505)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from msgspec import Struct

from actionmail.rules.delivery.dane import Tlsa


class MxRecord(Struct, frozen=True, kw_only=True):
    """One MX record. `host` is in lower case without its last dot, "" for the root."""

    preference: int
    host: str


class Encryption(StrEnum):
    """What a server has to do before it gets a letter."""

    MAY = "may"  # encrypt if it can, whoever it is (RFC 7435)
    MUST = "must"  # encrypt, whoever it is: it has DANE records of which none can be used (RFC 7672 2.2)
    POLICY = "policy"  # prove its name to the system's authorities (MTA-STS, RFC 8461)
    DANE = "dane"  # prove to be whom its DANE records name (RFC 7672)


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """One server of a domain's, where it answers, and what it has to prove. `names` are those that it may prove."""

    host: str
    addresses: tuple[str, ...]
    port: int
    encryption: Encryption = Encryption.MAY
    records: tuple[Tlsa, ...] = ()
    names: tuple[str, ...] = ()


def is_null(records: Sequence[MxRecord]) -> bool:
    """Whether a domain says that it takes no mail (RFC 7505 3)."""
    return [record.host for record in records] == [""]


def in_order(records: Iterable[MxRecord], *, own: str, shuffled: Callable[[list[str]], list[str]]) -> list[str]:
    """The hosts in the order in which they are asked, equals in an order of their own (RFC 5321 5.1).

    `own` is this machine's name: where it is among them, it and what comes after it is left out, lest mail go round.
    """
    by_preference: dict[int, list[str]] = {}
    for record in sorted(records, key=lambda record: record.preference):
        if record.host == own.rstrip(".").lower():
            by_preference.pop(record.preference, None)
            break
        if record.host:
            by_preference.setdefault(record.preference, []).append(record.host)
    hosts: list[str] = []
    for equals in by_preference.values():
        hosts += shuffled(equals)
    return list(dict.fromkeys(hosts))
