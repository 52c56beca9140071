"""A real name server on this machine, over UDP, for one test's records: all other names are not there."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

Records = Mapping[tuple[str, str], Sequence[str]]  # by name without its last dot, and type; as a zone file writes them


@dataclass
class NameServer:
    """`secure`: names whose answers have the AD bit, with what is below them unless "=" stands before it.

    `broken` get SERVFAIL, and all do where it `fails`; `asked` is what was asked so far.
    """

    records: Records
    secure: Sequence[str] = ()
    broken: Sequence[tuple[str, str]] = ()
    fails: bool = False
    port: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, wire: bytes) -> bytes:
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        if query.flags & dns.flags.AD and any(_is_within(name, one) for one in self.secure):
            response.flags |= dns.flags.AD
        if self.fails or (name, kind) in self.broken:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif alias := self.records.get((name, "CNAME")):
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", "CNAME", *alias))
            if found := self.records.get((alias[0].removesuffix("."), kind)):
                response.answer.append(dns.rrset.from_text(alias[0], 60, "IN", kind, *found))
        elif found := self.records.get((name, kind)):
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *found))
        elif not any(known == name for known, _kind in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response.to_wire()


def _is_within(name: str, zone: str) -> bool:
    return name == zone.removeprefix("=") or (not zone.startswith("=") and name.endswith(f".{zone}"))


@contextmanager
def name_server(
    records: Records,
    *,
    secure: Sequence[str] = (),
    broken: Sequence[tuple[str, str]] = (),
    fails: bool = False,
    silent: bool = False,
) -> Iterator[NameServer]:
    """Answers on a UDP port of 127.0.0.1 until the block ends, unless it is to be silent."""
    server = NameServer(records, secure, broken, fails)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(0.05)
        server.port = listener.getsockname()[1]
        done = threading.Event()

        def serve() -> None:
            while not done.is_set():
                try:
                    wire, client = listener.recvfrom(4096)
                except TimeoutError:
                    continue
                if not silent:
                    listener.sendto(server.answer(wire), client)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server
        finally:
            done.set()
            thread.join()


def txt(record: str) -> str:
    """A long TXT record as a zone file has it: in quoted pieces of at most 255 characters."""
    pieces = [record[start : start + 250] for start in range(0, len(record), 250)]
    return " ".join(f'"{piece}"' for piece in pieces)
