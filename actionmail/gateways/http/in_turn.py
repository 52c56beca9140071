"""Several geocoders behind one: asked in the operator's order until one knows the house."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from actionmail.rules.districts.addresses import Address, Geocode, Place, Years
from actionmail.rules.districts.refusals import GeocoderUnavailable


class InTurn:
    """The next one is asked where one gives no answer, knows no such address, or only about where it is.

    So it is too where one tells a point alone in a state that `has_boundaries` denies: nothing would come of it. The
    address goes to these geocoders and to no other.
    """

    def __init__(self, geocoders: Sequence[Geocode], *, has_boundaries: Callable[[str], bool]) -> None:
        self._geocoders = tuple(geocoders)
        self._has_boundaries = has_boundaries

    def __call__(self, address: Address, years: Years) -> tuple[Place, ...]:
        """The places that one of them has, the most exact there are; () where all of them know none.

        Raises GeocoderUnavailable where none has a place, and one that may know it gave no answer.
        """
        second_best: tuple[Place, ...] = ()
        trouble: GeocoderUnavailable | None = None
        for geocode in self._geocoders:
            try:
                places = geocode(address, years)
            except GeocoderUnavailable as error:
                trouble = trouble or error
                continue
            if places and all(map(self._is_enough, places)):
                return places
            second_best = second_best or places
        if trouble and not second_best:
            raise trouble
        return second_best

    def _is_enough(self, place: Place) -> bool:
        return not place.exactness.is_rough and bool(place.layers or self._has_boundaries(place.state))
