"""The bolt cannot be drawn back, so each test bolts a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

_TRY = """
import socket, sys
from actionmail.gateways.http.network_lockdown import ForbiddenHost, forbid_other_hosts
forbid_other_hosts()
kind, family, *address = sys.argv[1:]
made = socket.socket(getattr(socket, family), getattr(socket, kind))
made.settimeout(0.2)
try:
    target = address[0] if family == "AF_UNIX" else (address[0], 9)
    if family == "AF_INET":
        target = socket.getaddrinfo(*target)[0][4] if address[0] else target
    made.sendto(b"x", target) if kind == "SOCK_DGRAM" else made.connect(target)
except ForbiddenHost:
    print("forbidden")
except OSError as error:
    print("tried", type(error).__name__)
else:
    print("tried")
"""


def attempt(*arguments: str) -> str:
    done = subprocess.run([sys.executable, "-c", _TRY, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.split()[0]


@pytest.mark.parametrize("host", ["192.0.2.1", "example.org", "127.0.0.1.example.org", ""])
def test_another_host_is_out_of_reach(host: str) -> None:
    assert attempt("SOCK_STREAM", "AF_INET", host) == "forbidden"
    assert attempt("SOCK_DGRAM", "AF_INET", host) == "forbidden"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost"])
def test_this_machine_is_within_reach(host: str) -> None:
    assert attempt("SOCK_STREAM", "AF_INET", host) == "tried"
    assert attempt("SOCK_DGRAM", "AF_INET", host) == "tried"


def test_a_unix_socket_is_within_reach() -> None:
    assert attempt("SOCK_STREAM", "AF_UNIX", "/nonexistent/socket") == "tried"
