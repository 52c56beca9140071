"""Why a ZIP code or an address leads to no districts: a code and what belongs to it. The doors have the sentences."""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """Each reason, with the values that come with it."""

    BAD_ZIP = "bad_zip"
    UNKNOWN_ZIP = "unknown_zip"  # zip
    MILITARY_ZIP = "military_zip"  # zip
    TERRITORY_ZIP = "territory_zip"  # zip, territory (its name)
    ZIP_ELSEWHERE = "zip_elsewhere"  # zip, state, found_states
    ZIP_IN_SEVERAL_STATES = "zip_in_several_states"  # zip, found_states
    NO_SUCH_STATE = "no_such_state"  # typed
    STATE_NOT_NAMED = "state_not_named"
    ADDRESS_ELSEWHERE = "address_elsewhere"  # state, found_states
    ADDRESS_UNKNOWN = "address_unknown"
    DISTRICTS_UNKNOWN = "districts_unknown"  # the address lies somewhere, and nothing told in which districts
    MILITARY_ADDRESS = "military_address"
    PO_BOX = "po_box"
    RURAL_ROUTE = "rural_route"
    GENERAL_DELIVERY = "general_delivery"
    NO_ADDRESS = "no_address"
    OTHER_SCRIPT = "other_script"
    NO_HOUSE_NUMBER = "no_house_number"
    NO_STREET = "no_street"
    NO_TOWN = "no_town"


class LookupRefused(Exception):
    """No districts for what was typed. `values` are those that `code` comes with."""

    def __init__(self, code: Refusal, **values: str) -> None:
        super().__init__(code.value)
        self.code = code
        self.values = values


class BadZip(LookupRefused):
    """What was typed is no ZIP code."""

    def __init__(self) -> None:
        super().__init__(Refusal.BAD_ZIP)


class UnknownZip(LookupRefused):
    """A ZIP code that the table does not hold."""


class WrongState(LookupRefused):
    """A ZIP code or an address of other states (two letters each, territories too) than the one asked about."""

    def __init__(self, code: Refusal, *, found_states: tuple[str, ...], **values: str) -> None:
        super().__init__(code, **values)
        self.found_states = found_states


class SeveralStates(LookupRefused):
    """A ZIP code that lies in several states, none of which was named."""

    def __init__(self, zip5: str, found_states: tuple[str, ...]) -> None:
        super().__init__(Refusal.ZIP_IN_SEVERAL_STATES, zip=zip5)
        self.found_states = found_states


class AddressRefused(LookupRefused):
    """An address that no geocoder can find a place for."""


class AddressNotFound(LookupRefused):
    """An address that the geocoder does not know, or whose districts nothing told.

    `zip` is the ZIP code that the geocoder has it in, "" where it said none.
    """

    def __init__(self, code: Refusal, *, found_zip: str = "") -> None:
        super().__init__(code)
        self.found_zip = found_zip


class Trouble(StrEnum):
    """Why a service gave no answer that can be used, with the values that come with it."""

    NOT_SET_UP = "not_set_up"
    LEFT_ALONE = "left_alone"  # for a minute, after failures in a row
    TIMED_OUT = "timed_out"  # seconds
    UNREACHABLE = "unreachable"  # kind (of the connection's failure)
    STATUS = "status"  # status
    REDIRECTED = "redirected"
    PRIVATE_HOST = "private_host"
    TOO_LONG = "too_long"
    NOT_JSON = "not_json"  # status
    NO_MATCHES = "no_matches"
    BAD_MATCH = "bad_match"
    NO_COORDINATES = "no_coordinates"
    OUTSIDE = "outside"  # of the United States
    VINTAGE_UNKNOWN = "vintage_unknown"
    KEY_REFUSED = "key_refused"
    NO_PEOPLE = "no_people"  # status
    NO_POINTS = "no_points"  # the file of points was not imported
    POINTS_DAMAGED = "points_damaged"
    NOT_READY = "not_ready"  # message


class GeocoderUnavailable(Exception):
    """A service gave no answer that can be used. `values` are those that `code` comes with, never the address."""

    def __init__(self, code: Trouble, **values: str) -> None:
        super().__init__(" ".join([code.value, *values.values()]))
        self.code = code
        self.values = values
