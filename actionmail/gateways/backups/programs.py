"""Other programs that bytes go through: age and GnuPG, and those of PostgreSQL."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO

from actionmail.gateways.backups.faults import BackupFault, BackupFaultCode

_LAST_WORDS = 500


@contextmanager
def writing_into(
    command: Sequence[str], out: IO[bytes] | int, environment: Mapping[str, str] | None = None
) -> Iterator[IO[bytes]]:
    """The standard input of a program. At the end of the block it has to end well; with an exception it is killed.

    Raises BackupFault.
    """
    with TemporaryFile() as words:
        running = _started(command, words, environment, stdin=subprocess.PIPE, stdout=out)
        assert running.stdin is not None
        try:
            yield running.stdin
            running.stdin.close()
        except BrokenPipeError:
            pass  # it ended; its status tells how
        except BaseException:
            running.kill()
            raise
        finally:
            running.wait()
        _ended_well(command, running, words)


@contextmanager
def reading_from(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Iterator[IO[bytes]]:
    """The standard output of a program, which has to end well once all of it is read. Raises BackupFault."""
    with TemporaryFile() as words:
        running = _started(command, words, environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        assert running.stdout is not None
        try:
            yield running.stdout
        except BaseException:
            running.kill()
            raise
        finally:
            running.stdout.close()
            running.wait()
        _ended_well(command, running, words)


def _started(
    command: Sequence[str],
    words: IO[bytes],
    environment: Mapping[str, str] | None,
    *,
    stdin: int,
    stdout: IO[bytes] | int,
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603  # no shell; names are fixed
            command, stdin=stdin, stdout=stdout, stderr=words, env={**os.environ, **(environment or {})}
        )
    except FileNotFoundError:
        raise BackupFault(BackupFaultCode.NO_PROGRAM, command[0]) from None


def _ended_well(command: Sequence[str], running: subprocess.Popen[bytes], words: IO[bytes]) -> None:
    if running.returncode == 0:
        return
    words.seek(0)
    complaint = " ".join(words.read().decode(errors="replace").split())[-_LAST_WORDS:]
    raise BackupFault(BackupFaultCode.PROGRAM_FAILED, f"{command[0]}: {complaint or f'status {running.returncode}'}")
