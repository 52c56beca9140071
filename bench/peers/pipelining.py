"""The limit for one Python connection: a bare pipelining client with no queue. python pipelining.py PORT LETTERS"""

from __future__ import annotations

import socket
import sys
import time

from common import LETTER_OCTETS, report

port, letters = int(sys.argv[1]), int(sys.argv[2])
opening = b"MAIL FROM:<b+1@act.example.org>\r\nRCPT TO:<rep.1@legis.example>\r\nDATA\r\n"
head = b"Subject: Oppose AB 969 - a constituent in 53703\r\n\r\n"
body = (head + b"I ask you to vote no on this bill.\r\n" * 100)[: LETTER_OCTETS - 2] + b"\r\n.\r\n"
connection = socket.create_connection(("127.0.0.1", port))
connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
answers = connection.makefile("rb")


def expect(*codes: bytes) -> None:
    for code in codes:
        while (line := answers.readline())[3:4] == b"-":
            pass
        if line[:3] != code:
            raise SystemExit(f"expected {code!r}, got {line!r}")


expect(b"220")
connection.sendall(b"EHLO act.example.org\r\n")
expect(b"250")
start = time.monotonic()
connection.sendall(opening)
for number in range(letters):
    expect(b"250", b"250", b"354")
    connection.sendall(body + (opening if number < letters - 1 else b""))
    expect(b"250")
print(report(start, time.monotonic(), letters))
