"""A name server on this machine that knows a few names and says of all others that they are not there."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

Records = Mapping[tuple[str, str], Sequence[str]]  # by name, with its last dot, and type; as a zone file writes them


@contextmanager
def name_server(records: Records, *, fails: bool = False, silent: bool = False) -> Iterator[int]:
    """Answers on a UDP port of 127.0.0.1 until the block ends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(0.1)
        done = threading.Event()

        def serve() -> None:
            while not done.is_set():
                try:
                    wire, client = listener.recvfrom(4096)
                except TimeoutError:
                    continue
                if not silent:
                    listener.sendto(_answer(records, wire, fails), client)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            done.set()
            thread.join()


def txt(record: str) -> str:
    """A long TXT record as a zone file has it: in quoted pieces of at most 255 characters."""
    pieces = [record[start : start + 250] for start in range(0, len(record), 250)]
    return " ".join(f'"{piece}"' for piece in pieces)


def _answer(records: Records, wire: bytes, fails: bool) -> bytes:
    query = dns.message.from_wire(wire)
    response = dns.message.make_response(query)
    question = query.question[0]
    name, kind = question.name.to_text().lower(), dns.rdatatype.to_text(question.rdtype)
    if fails:
        response.set_rcode(dns.rcode.SERVFAIL)
    elif name not in {known for known, _kind in records}:
        response.set_rcode(dns.rcode.NXDOMAIN)
    elif records.get((name, kind)):
        response.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *records[name, kind]))
    return response.to_wire()
