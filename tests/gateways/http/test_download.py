"""Datasets from the web, against a real server on this machine."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from actionmail.gateways.http.download import TRIES, DownloadTimeouts, download
from actionmail.rules.roster.seats import DatasetError
from tests.datasets import unusable
from tests.gateways.files_server import files_server

BODY = bytes(range(256)) * 40
SHA256 = hashlib.sha256(BODY).hexdigest()


def fetch(url: str, folder: Path, **more: Any) -> bytes:
    options: dict[str, Any] = {"limit": 1024 * 1024, "loopback_only": True, **more}
    file, found = download(url, folder, **options)
    assert found == hashlib.sha256(file.read_bytes()).hexdigest()
    return file.read_bytes()


def test_a_file_is_fetched_whole_with_progress(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    with files_server({"/people-2026-08-05.zip": BODY}) as server:
        url = f"{server.url}/people-2026-08-05.zip?key=secret"
        file, found = download(
            url,
            tmp_path,
            limit=len(BODY),
            sha256=SHA256.upper(),
            loopback_only=True,
            progress=lambda done, total: told.append((done, total)),
        )
    assert (file.name, file.read_bytes(), found) == ("people-2026-08-05.zip", BODY, SHA256)
    assert (told[0], told[-1]) == ((0, len(BODY)), (len(BODY), len(BODY)))


def test_half_a_download_goes_on_where_it_broke_off(tmp_path: Path) -> None:
    with files_server({"/a.zip": BODY}) as server:
        server.cut = [3000, 2000]
        assert fetch(f"{server.url}/a.zip", tmp_path) == BODY
        assert [headers.get("range") for _, headers in server.asked] == [None, "bytes=3000-", "bytes=5000-"]


def test_what_came_is_kept_for_the_next_call(tmp_path: Path) -> None:
    with files_server({"/a.zip": BODY}) as server:
        server.cut = [3000, 0, 0]
        with unusable("3,000 bytes are kept: the same command goes on from there"):
            fetch(f"{server.url}/a.zip", tmp_path)
        assert fetch(f"{server.url}/a.zip", tmp_path) == BODY
        assert server.asked[-1][1]["range"] == "bytes=3000-"


def test_a_file_that_changed_meanwhile_begins_anew(tmp_path: Path) -> None:
    with files_server({"/a.zip": BODY}) as server:
        server.cut = [3000, 0, 0]
        with pytest.raises(DatasetError):
            fetch(f"{server.url}/a.zip", tmp_path)
        server.files["/a.zip"] = BODY[::-1]
        assert fetch(f"{server.url}/a.zip", tmp_path) == BODY[::-1]


def test_what_is_there_and_unchanged_is_not_fetched_again(tmp_path: Path) -> None:
    with files_server({"/a.zip": BODY}) as server:
        fetch(f"{server.url}/a.zip", tmp_path)
        assert fetch(f"{server.url}/a.zip", tmp_path) == BODY
        assert "if-none-match" in server.asked[-1][1]
        server.files["/a.zip"] = b"newer"
        assert fetch(f"{server.url}/a.zip", tmp_path) == b"newer"


def test_another_checksum_throws_the_file_away(tmp_path: Path) -> None:
    with files_server({"/a.zip": BODY}) as server, unusable(f"its SHA-256 is {SHA256}"):
        fetch(f"{server.url}/a.zip", tmp_path, sha256="0" * 64)
    assert not list(tmp_path.rglob("*.zip*"))


@pytest.mark.parametrize("says_length", [True, False])
def test_too_large_is_refused(tmp_path: Path, says_length: bool) -> None:
    with files_server({"/a.zip": BODY}) as server, unusable("larger than"):
        server.says_length = says_length
        fetch(f"{server.url}/a.zip", tmp_path, limit=len(BODY) - 1)
    assert not list(tmp_path.rglob("*.zip*"))


def test_too_slow_is_refused(tmp_path: Path) -> None:
    with files_server({"/a.zip": BODY}) as server, unusable("it takes too long"):
        server.pause = 0.05
        fetch(f"{server.url}/a.zip", tmp_path, timeouts=DownloadTimeouts(total=0.1))


def test_silence_is_refused(tmp_path: Path) -> None:
    with files_server({"/a.zip": BODY}) as server, unusable("broke off"):
        server.silence = 1
        fetch(f"{server.url}/a.zip", tmp_path, timeouts=DownloadTimeouts(read=0.1))
    assert len(server.asked) == TRIES


@pytest.mark.parametrize("says_length", [True, False])
def test_headers_that_drip_are_no_way_to_hold_us(tmp_path: Path, says_length: bool) -> None:
    """Each of them comes in time, the whole never does; nor is what was cut off there taken for a file."""
    with files_server({"/a.zip": BODY}) as server, unusable("it takes too long"):
        server.pause, server.padding, server.says_length = 0.02, 200, says_length
        fetch(f"{server.url}/a.zip", tmp_path, timeouts=DownloadTimeouts(total=0.3))
    assert not list(tmp_path.rglob("a.zip"))


def test_a_file_without_a_length_that_is_cut_off_in_time_is_no_file(tmp_path: Path) -> None:
    with files_server({"/a.zip": BODY}) as server, unusable("it takes too long"):
        server.pause, server.says_length = 0.05, False
        fetch(f"{server.url}/a.zip", tmp_path, timeouts=DownloadTimeouts(total=0.3))
    assert not list(tmp_path.rglob("a.zip"))


def test_redirects_stay_on_the_host(tmp_path: Path) -> None:
    with files_server({"/a.zip": BODY}) as server:
        server.redirects = {"/moved": "/a.zip", "/off": "https://elsewhere.example.org/a.zip", "/round": "/round"}
        assert fetch(f"{server.url}/moved", tmp_path) == BODY
        with unusable(r"sends us on to https://elsewhere\.example\.org, which is not followed"):
            fetch(f"{server.url}/off", tmp_path)
        with unusable("in circles"):
            fetch(f"{server.url}/round", tmp_path)


def test_a_busy_server_is_asked_again_and_a_missing_file_is_not(tmp_path: Path) -> None:
    with files_server({"/a.zip": BODY}) as server:
        server.statuses = [503]
        assert fetch(f"{server.url}/a.zip", tmp_path) == BODY
        with unusable("status 404"):
            fetch(f"{server.url}/b.zip", tmp_path)
        assert [path for path, _ in server.asked] == ["/a.zip", "/a.zip", "/b.zip"]


@pytest.mark.parametrize(
    ("url", "loopback_only", "sentence"),
    [
        ("http://example.org/a.zip", False, "only https://"),
        ("http://127.0.0.1/a.zip", False, "only https://"),
        ("https://127.0.0.1/a.zip", False, "a private address"),
        ("https://10.1.2.3/a.zip", False, "a private address"),
        ("https://[::1]/a.zip", False, "a private address"),
        ("https://169.254.169.254/a.zip", False, "a private address"),
        ("https://example.org/a.zip", True, "LOOPBACK_ONLY"),
        ("https://10.1.2.3/a.zip", True, "LOOPBACK_ONLY"),
        ("file:///etc/passwd", False, "give an address such as"),
        ("https://user:password@example.org/a.zip", False, "give an address such as"),
        ("https://[/a.zip", False, "no address on the web"),
        ("https://localhost:1/a.zip", False, "a private address"),
    ],
)
def test_where_nothing_is_fetched_from(tmp_path: Path, url: str, loopback_only: bool, sentence: str) -> None:
    with unusable(sentence) as refused:
        fetch(url, tmp_path, loopback_only=loopback_only)
    assert "user:" not in str(refused.value)


def test_nobody_there_is_a_sentence(tmp_path: Path) -> None:
    with files_server({}) as server:
        pass
    with unusable("could not be reached"):
        fetch(f"{server.url}/a.zip", tmp_path)
