"""The geocoders, and Open States, as their settings name them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from actionmail.settings_reading import SettingsError, is_loopback, secret_setting

_OFF = {"off", "none", "0"}
OPEN_STATES = "https://v3.openstates.org"
CENSUS_GEOCODER = "https://geocoding.geo.census.gov/geocoder"
PUBLIC_NOMINATIM = "nominatim.openstreetmap.org"


class GeocoderKind(StrEnum):
    """What a geocoder answers as."""

    CENSUS = "census"
    NOMINATIM = "nominatim"
    PELIAS = "pelias"
    POINTS = "points"  # the file of points in the data folder
    FILE = "file"  # of answers


class GeocoderAddress(Struct, frozen=True, kw_only=True):
    """One word of ACTIONMAIL_GEOCODER_URL. `url` is without what stands before a `+`."""

    kind: GeocoderKind
    url: str = ""

    @classmethod
    def parse(cls, word: str) -> GeocoderAddress:
        """`points`, `file:///path`, `nominatim+https://host`, `pelias+https://host`, or a Census address as it is."""
        if word == GeocoderKind.POINTS:
            return cls(kind=GeocoderKind.POINTS)
        if word.startswith("file:"):
            return cls(kind=GeocoderKind.FILE, url=word)
        scheme, plus, url = word.partition("+")
        if plus and scheme in {GeocoderKind.NOMINATIM, GeocoderKind.PELIAS}:
            return cls(kind=GeocoderKind(scheme), url=url)
        return cls(kind=GeocoderKind.CENSUS, url=word)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def where(self) -> str:
        """The host, or the file; "" for the data folder's."""
        return urlsplit(self.url).netloc or self.path


def geocoder_words(value: str, loopback_only: bool) -> str:
    """The geocoders' addresses, "" for none. Where only this machine may be reached, one that is elsewhere is none."""
    if value.lower() in _OFF:
        return ""
    words = []
    for word in value.split() or [CENSUS_GEOCODER]:
        words.append(_geocoder(word, loopback_only))
    return " ".join(filter(None, words))


def _geocoder(word: str, loopback_only: bool) -> str:
    address = GeocoderAddress.parse(word)
    try:
        parts = urlsplit(address.url)
        _ = parts.port
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    is_file = parts.scheme == "file" and parts.path.startswith("/") and not parts.netloc
    if address.kind is GeocoderKind.POINTS or is_file:
        return word
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment or parts.username:
        raise SettingsError(
            f"ACTIONMAIL_GEOCODER_URL must look like {CENSUS_GEOCODER} or file:///path/answers.json, or be off. "
            "Several may stand there with spaces between them, such as points, nominatim+https://nominatim.example.org "
            "and pelias+https://pelias.example.org."
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise SettingsError("ACTIONMAIL_GEOCODER_URL must be https:// except on this machine: addresses go there.")
    if host.rstrip(".") == PUBLIC_NOMINATIM:
        raise SettingsError(
            f"ACTIONMAIL_GEOCODER_URL names {PUBLIC_NOMINATIM}, whose usage policy allows one question a second from "
            "everybody together: a campaign asks more. Name a Nominatim of your own."
        )
    return "" if loopback_only and not is_loopback(host) else word.rstrip("/")


def openstates_key(env: Mapping[str, str]) -> str:
    key = secret_setting(env, "ACTIONMAIL_OPENSTATES_KEY").strip()
    if key and not (key.isascii() and key.isprintable() and " " not in key and len(key) <= 200):
        raise SettingsError("ACTIONMAIL_OPENSTATES_KEY must be the key as Open States gave it, without blanks.")
    if key and env.get("ACTIONMAIL_GEOCODER_URL", "").strip().lower() in _OFF:
        raise SettingsError(
            "ACTIONMAIL_OPENSTATES_KEY is set, but ACTIONMAIL_GEOCODER_URL is off: Open States is asked about the "
            "point that a geocoder finds. Set a geocoder, or take the key out."
        )
    return key


def openstates_url(env: Mapping[str, str], loopback_only: bool) -> str:
    """The API's address, "" where only this machine may be reached and it is elsewhere."""
    url = env.get("ACTIONMAIL_OPENSTATES_URL", "").strip() or OPEN_STATES
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment or parts.username:
        raise SettingsError(f"ACTIONMAIL_OPENSTATES_URL must look like {OPEN_STATES}.")
    if parts.scheme == "http" and not is_loopback(host):
        raise SettingsError("ACTIONMAIL_OPENSTATES_URL must be https:// except on this machine: the key goes there.")
    return "" if loopback_only and not is_loopback(host) else url.rstrip("/")
