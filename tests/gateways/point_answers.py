"""What a Nominatim and a Pelias say, as their documentation has it; `census_server.census` serves it."""

from __future__ import annotations

from typing import Any

CAPITOL = (43.0747, -89.3841)  # 2 E Main St, Madison: WI Senate 26, Assembly 76
STATUS = {
    "status": 0,
    "message": "OK",
    "data_updated": "2026-11-20T14:47:00+00:00",
    "software_version": "5.1.0-0",
    "database_version": "5.1.0-0",
}


def result(point: tuple[float, float] = CAPITOL, **other: Any) -> dict[str, Any]:
    """One result of jsonv2 with addressdetails: a building with an address, unless `other` says something else."""
    address = {
        "house_number": "2",
        "road": "East Main Street",
        "city": "Madison",
        "county": "Dane County",
        "ISO3166-2-lvl6": "US-WI-025",
        "state": "Wisconsin",
        "ISO3166-2-lvl4": "US-WI",
        "postcode": "53703",
        "country": "United States",
        "country_code": "us",
    }
    address |= other.pop("address", {})
    return {
        "place_id": 100149,
        "licence": "Data © OpenStreetMap contributors, ODbL 1.0. http://osm.org/copyright",
        "osm_type": "way",
        "osm_id": 26580000,
        "lat": f"{point[0]:.7f}",
        "lon": f"{point[1]:.7f}",
        "category": "building",
        "type": "yes",
        "place_rank": 30,
        "importance": 9.99e-06,
        "addresstype": "building",
        "name": "",
        "display_name": "2, East Main Street, Madison, Dane County, Wisconsin, 53703, United States",
        "boundingbox": ["43.0746", "43.0748", "-89.3842", "-89.3840"],
        **other,
        "address": {name: value for name, value in address.items() if value is not None},
    }


def feature(point: tuple[float, float] = CAPITOL, **other: Any) -> dict[str, Any]:
    """One feature: an exact match of an address, unless `other` says something else."""
    properties = {
        "id": "us/wi/dane:0123456789abcdef",
        "gid": "openaddresses:address:us/wi/dane:0123456789abcdef",
        "layer": "address",
        "source": "openaddresses",
        "name": "2 East Main Street",
        "housenumber": "2",
        "street": "East Main Street",
        "postalcode": "53703",
        "confidence": 1,
        "match_type": "exact",
        "accuracy": "point",
        "country": "United States",
        "country_a": "USA",
        "region": "Wisconsin",
        "region_a": "WI",
        "locality": "Madison",
        "label": "2 East Main Street, Madison, WI, USA",
        **other,
    }
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [point[1], point[0]]},
        "properties": properties,
    }


def collection(*features: dict[str, Any]) -> dict[str, Any]:
    return {
        "geocoding": {
            "version": "0.2",
            "attribution": "http://pelias.example.org/attribution",
            "query": {"size": 10, "private": False},
            "engine": {"name": "Pelias", "author": "Mapzen", "version": "1.0"},
            "timestamp": 1790000000000,
        },
        "type": "FeatureCollection",
        "features": list(features),
    }
