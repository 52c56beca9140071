"""The sentences about files that cannot be used as a dataset, by the codes of DatasetError and RowFault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from actionmail.rules.roster.faults import RowFault
from actionmail.rules.roster.seats import DatasetError

_NAMED = 20  # of a list in a sentence
_AS_IT_IS = "take the file as the Census Bureau publishes it, not as a spreadsheet has saved it"

KIND_WORDS: Mapping[str, str] = {
    "people": "legislators",
    "congress": "Congress",
    "committees": "committees",
    "boundaries": "boundaries",
    "zips": "ZIP table",
    "congress-zips": "ZIP table of Congress",
    "first-days": "first days in office",
    "new-maps": "new maps",
    "special-elections": "special elections",
    "counties": "counties on the maps",
    "zcta": "ZIP code areas on the maps",
    "places": "places on the maps",
}

# A row of the roster or of the committees.
_ROWS: Mapping[str, str] = {
    "key_needed": "every row needs a key, on one line",
    "key_kept_for_us": "a key that begins with {value!r} is ActionMail's own",
    "id_needed": "every committee needs an id, on one line",
    "no_state": "{value!r} is no state's two capital letters",
    "none_of": "{value!r} is none of {known}",
    "district_missing": "the district is missing",
    "no_status": "{value!r} is neither sitting nor elected nor vacant",
    "first_day_of_no_election": "a first day in office is that after an election; give both days or neither",
    "first_day_before_election": "the first day in office is before the election",
    "source_missing": "its source is missing: say where this is to be read",
    "house_twice": "{house} is there twice",
    "no_first_day": "whoever is elected needs a first day in office",
    "legislator_name": "a sitting legislator needs a name",
    "vacant_with_person": "a vacant seat has no name, address or phone",
    "no_address": "this is no e-mail address",
    "no_website": "a website begins with http:// or https:// and has no spaces",
    "too_long": "longer than {most} characters",
    "committee_name": "a committee needs a name",
    "unusable_member": "{name!r} has no name, or a name, role or id that is too long",
}

# A file as such: not there, damaged, too large, of another kind.
_FILES: Mapping[str, str] = {
    "cannot_be_read": "cannot be read: {why}",
    "cannot_be_written": "cannot be written ({why}). Nothing was changed",
    "folder_busy": "somebody else is changing the datasets at the moment. Nothing was changed",
    "no_such_file": "there is no such file or folder",
    "no_file_or_folder": "neither a file nor a folder",
    "file_missing": "{name} is missing; both files are needed",
    "files_lost": "its files are not in the database any more",
    "too_large": "larger than {megabytes} MB",
    "not_this_large": "larger than {megabytes} MB, so this is not the file it should be",
    "no_roster_so_large": "larger than {megabytes} MB, so this is no roster",
    "file_too_large": "larger than {kilobytes} KB, so this is not one of its files",
    "too_much_text": "more than {megabytes} MB of text up to here",
    "too_many_files": "more than {most:,} files in it",
    "no_zip": "not a zip, or only half a download",
    "half_a_zip": "not a whole zip file ({why}); download it again",
    "damaged": "damaged ({why}); download it again",
    "damaged_download": "damaged, or only half a download; download it again",
    "damaged_or_locked": "damaged, locked, or only half a download: {why}",
    "locked": "locked with a password; pack it without one",
    "would_climb_out": "{name!r} would climb out of the zip",
    "climbs_out": "a file's name climbs out of the zip: {name!r}",
    "link_leads_out": "a link that leads out of the folder",
    "not_utf8": "not UTF-8 text",
    "not_utf8_download": "not UTF-8 text; download it again",
    "not_utf8_save": "not UTF-8 text; save it as CSV UTF-8",
    "nul": "holds a NUL character, which no text has",
    "sha256_of_no_file": "--sha256 is for a file, and this is none",
    "no_toml": "not readable as TOML: {why}",
    "unknown_dataset": "{name!r} is no dataset; those are {known}",
    "source_no_table": "write it as a table that begins with [{kind}]",
    "unknown_source_key": "{name!r} is none of url, apply, as-of, licence",
    "source_without_url": "its url is missing",
    "unknown_apply": "apply must be {known}, not {value!r}",
    "source_without_vintage": "give as-of, the day of the election with these districts, such as 2024-11-05",
    "source_no_date": "as-of must be a date such as 2024-11-05, without quotes",
    "no_sources": "there is no such file; docs/data.md says what stands in it",
    "moved_meanwhile": "somebody else changed it at the same moment; it is looked at again next time",
    "another_sha256": "its SHA-256 is {sha256}, not what was said. Nothing was imported",
}

# What stands in a file of legislators or committees.
_PEOPLE: Mapping[str, str] = {
    "no_csv": "not readable as CSV: {why}",
    "no_row": "there is no row in it",
    "cells": "{count} cells where {needed} are needed",
    "cell_count": "too few or too many cells",
    "no_date": "not a date such as 2026-08-05",
    "roster_columns": (
        "the first line must name the columns {columns} once each (missing: {missing}; unknown: {unknown})"
    ),
    "columns_not_once": "the first line must name each column once ({columns} is not)",
    "no_committee_columns": "the columns are not those of committees",
    "key_as_in_line": "the same key as in line {first}",
    "id_twice": "the same id as in line {first}",
    "key_twice": "{key} is there twice ({seat})",
    "key_elsewhere": "{key} is already there as {seat}",
    "other_kind": "{seat} does not belong in a dataset of {kind}",
    "no_legislator": "there is no legislator in it",
    "nobody_to_import": "no legislator in it, so nothing to import",
    "no_legislators": "no state legislator in data/<state>/legislature/*.yml, so nothing to import",
    "no_committees": "no committee in data/<state>/committees/*.yml, so nothing to import",
    "no_state_named": "its rows do not name the state: give --state, or the file a name such as wi.csv",
    "name_no_date": "{text} in its name is no date",
    "no_yaml": "not readable as YAML: {why}",
    "yaml_too_deep": "not readable as YAML: lists within lists without end",
    "yaml_alias": "YAML aliases are taken for values of at most {longest} characters, and at most {most:,} of them",
    "no_mapping": "not a list of names and values, as Open States writes it",
    "no_mappings": "must be a list of names and values",
    "no_list": "{name} must be a list",
    "no_text": "{name} must be text",
    "column_no_date": "{name} must be a date such as 2026-08-05",
    "no_jurisdiction": "no state, district or territory of the United States",
    "role_incomplete": "a role must have a type, a jurisdiction and a district",
    "office_incomplete": "an office must have a classification and a voice",
    "vacancy_incomplete": "a vacancy must have a chamber and a district",
    "no_list_of_people": "not a list of people, as legislators-current.yaml is",
    "no_term": "nobody in it has a term on {day}, so nothing to import",
    "person_incomplete": "a person needs id, name and terms",
    "term_incomplete": "a term must have a type, a state, a start and an end",
    "term_type": "the type of a term must be sen or rep, not {value!r}",
    "term_district": "a representative's term needs the number of a district",
    "term_day": "{name} of a term must be a date such as 2025-01-03",
    "no_bioguide": "id needs bioguide",
    "no_list_of_committees": "not a list of committees",
    "no_list_of_members": "not a list of committees and their members",
    "no_members": "no member of any committee in it, so nothing to import",
    "members_no_list": "{key} must have a list of members",
    "committee_twice": "{key} is there twice, or a subcommittee without a thomas_id of its own",
    "committee_incomplete": "needs a thomas_id, and a type: house, senate or joint",
}

# What stands in a file of boundaries or blocks.
_DISTRICTS: Mapping[str, str] = {
    "nothing_for_states": "nothing in it for {states}",
    "unknown_name": (
        "files must be named after state and chamber, such as WI_lower.json, NE_legislature.shp, WI_us_lower.json "
        "or tl_2024_55_sldl.shp; US_lower.json is of all states"
    ),
    "no_state_in_feature": "feature {feature} names no state in STATEFP or GEOID, as a file of all states must",
    "no_such_chamber": "its name tells no state and chamber that there are",
    "part_of_shapefile": "a part of a shapefile; name its .shp, with the other parts beside it",
    "no_dbf": "its .dbf is missing, which says which district is which; keep .shp, .shx and .dbf together",
    "no_degrees": "its coordinates are not degrees (see its .prj); convert it with `ogr2ogr -t_srs EPSG:4326`",
    "no_county": "feature {feature} lacks STATEFP or NAME: take the Census Bureau's file of counties",
    "no_zip_area": "feature {feature} lacks ZCTA5CE20: take the Census Bureau's file of ZIP code areas",
    "no_outline": "feature {feature} is no polygon in degrees",
    "several_shapefiles": "several shapefiles are in it; give the one that is meant",
    "no_shapefile_in_zip": "there is no shapefile in it",
    "no_gazetteer": "the first line must name the columns {columns}: take the Census Bureau's gazetteer of places",
    "no_gazetteer_in_zip": "not one text file is in it, as in the Census Bureau's gazetteer of places",
    "no_place_name": "a place needs a name of at most 80 characters",
    "no_point": "latitude, longitude or land are no numbers of a place",
    "no_layer": "there is nothing in it for any state",
    "no_polygons": "holds {shapes}s, and districts are polygons",
    "too_many_shapes": "more than {most:,} shapes, which is more than such a file has",
    "dbf_not_utf8": ("its .dbf is not UTF-8 text, at shape {shape}; convert it with `ogr2ogr -lco ENCODING=UTF-8`"),
    "shapefile_damaged": "damaged, or only half a download ({why}); download it again",
    "shapes_damaged": "damaged, or only half a download after shape {shape} ({why}); download it again",
    "no_file_of_blocks": "no file of blocks in it",
    "unknown_file_of_blocks": f"its first line is of no file of blocks; {_AS_IT_IS}",
    "block_assignment_file": (
        "a Block Assignment File of 2020, which has the districts of 2018; take a Block Equivalency File"
    ),
    "column_missing": "the column {name} is missing",
    "line_too_long": "a line of more than {most:,} bytes",
    "cells_half_download": "{count} cells where {needed} are needed; only half a download?",
    "no_block": f"{{cell}} is no block of 15 digits; {_AS_IT_IS}",
    "block_lost_zero": f"block {{cell}} has lost its leading zero; {_AS_IT_IS}",
    "no_zip_code": f"{{cell}} is no ZIP code of five digits; {_AS_IT_IS}",
    "no_area": "{cell} is no area in square metres",
    "no_district_code": "{cell} is no district code of the Census Bureau's",
    "code_lost_zeros": f"{{cell}} has lost its leading zeros; {_AS_IT_IS}",
    "no_number_of_people": "{cell} is no number of people",
    "no_areas_file": "none of the files says which ZIP area a block lies in (tab20_zcta520_...)",
    "no_districts_file": "none of the files says which district a block lies in (sldl24.zip, ...)",
    "block_twice": "block {block:015} is there twice",
    "no_block_of_states": "no block of these states in it",
    "no_block_in_area": "none of its blocks is in a ZIP area of these states",
    "people_missing": (
        "of {state}, {count:,} of {whole:,} blocks have no people told; give the people of each state, or name the "
        "states with --state"
    ),
    "blocks_absent": "{count:,} of {whole:,} blocks of {state} are in no line of it; only half a download?",
    "districts_unknown": "no district of the roster or the ZIP table is called: {names}. Name them in {codes_file}",
    "code_columns": "the first line must be {columns}",
    "cell_count_or_empty": "too few, empty or too many cells",
}

# What stands in a ZIP table, or in a list of Congress.
_TABLES: Mapping[str, str] = {
    "no_zip_table": "there is no ZIP table; `actionmail data import zips` makes one",
    "no_table_so_large": "larger than {megabytes} MB, so this is no such table",
    "table_columns": "the first line must be {columns}",
    "reference_columns": (
        "the first line must name {columns}, each column once; {share} may be missing, and other columns may be there"
    ),
    "bad_zip_code": "{value!r} is no ZIP code of five digits",
    "unknown_state": "{value!r} is no state",
    "unknown_chamber": "{value!r} is no chamber of {state}",
    "unknown_congress_district": "{value!r} is no district of Congress",
    "no_district_name": "{value!r} is no district's name",
    "no_kind_and_guess": "{value!r} is no kind and guess: PO BOX or UNIQUE or nothing, and yes or nothing",
    "no_kind": "{value!r} is no kind of ZIP code: STANDARD, PO BOX or UNIQUE",
    "no_guess": "{value!r} is neither yes nor no",
    "no_share": "{value!r} is no share between 0 and 1",
    "row_twice": "{key} is there twice",
    "no_points": "no line of it holds a house with a number, a street, a town or ZIP code, a state and a point",
    "points_not_utf8": "not UTF-8 text: export it as UTF-8",
    "points_no_csv": "this is no CSV ({why})",
    "points_columns": "the first line names no column for: {missing}. Columns may be called number, street, city, "
    "state (or region), zip (or postcode), longitude (or lon) and latitude (or lat)",
    "points_left_out": "{count} of {total} lines hold no house that can be used; look at them, and then give --yes",
    "batch_columns": "there are {count} cells here. The Census Bureau's batch has five (ID, street, city, state, "
    "ZIP), and its answer three to twelve, the third of them Match, No_Match or Tie",
    "batch_empty": "there is no address in it",
    "batch_too_long": "it has more than {most} addresses, which is the most in one batch: cut it in pieces",
    "no_geocoder_answers": "not a file of the geocoder's answers: {why}",
}

# What stands in a map of districts.
_MAPS: Mapping[str, str] = {
    "damaged_or_half": "damaged, or only half a download",
    "half_a_download": "only half a download",
    "too_large_unpacked": "larger than {megabytes} MB unpacked",
    "no_json": "not JSON: {why}",
    "json_too_deep": "nested too deeply to be GeoJSON",
    "no_feature_collection": "not a GeoJSON FeatureCollection",
    "map_without_date": "has no date; `actionmail data import boundaries` writes one",
    "no_feature": "there is no feature in it",
    "too_many_features": "more than {most:,} features, so these are not one house's districts",
    "district_twice": "feature {feature}: district {district} is there twice",
    "no_properties": "feature {feature} has no properties",
    "no_district_in_feature": "feature {feature} has no district name in district, SLDLST, SLDUST or code",
    "no_geometry": "feature {feature} (district {district}) has no geometry that can be read",
    "no_polygon": "feature {feature} (district {district}) is not a polygon",
    "coordinates_no_degrees": (
        "feature {feature} (district {district}) has coordinates that are not degrees of longitude and latitude"
    ),
    "crosses_itself": "feature {feature} (district {district}) crosses itself and cannot be mended: {why}",
    "districts_overlap": (
        "districts {names} lie over one another, so a place in both has no district of its own; leave out districts "
        "that lie over several others, such as floterial ones"
    ),
}

# A file on the web.
_DOWNLOADS: Mapping[str, str] = {
    "bad_sha256": "--sha256 must be 64 hexadecimal digits",
    "another_sha256_thrown_away": (
        "its SHA-256 is {sha256}, not what was said: it was thrown away, and nothing was imported"
    ),
    "cannot_be_kept": "cannot be kept in {folder} ({why})",
    "no_web_address": "this is no address on the web",
    "web_address_needed": "give an address such as https://example.org/people.zip, without a name and password",
    "loopback_only": "ACTIONMAIL_LOOPBACK_ONLY is on, so nothing is fetched from other machines",
    "https_only": "only https:// is fetched, so that nobody on the way can change the file",
    "private_address": "a private address, from which nothing is fetched; give the file instead",
    "downloaded_elsewhere": "is being downloaded by another process at this moment",
    "name_leads_private": "the name leads to a private address",
    "certificate_untrusted": "its server's certificate cannot be trusted",
    "sent_on": (
        "{host} sends us on to {other}, which is not followed; if you trust that host, give its address itself"
    ),
    "sent_in_circles": "{host} sends us round in circles",
    "status_of_no_file": "the server answered with status {status}, so there is no such file",
    "packed_unasked": "the server packs the file in a way it was not asked to",
    "unreachable": "the server could not be reached, or broke off ({kind}).{kept} Nothing was imported",
    "another_part": "the server sent another part than was asked for.{kept} Nothing was imported",
    "kept_part_unfit": "what was kept of it does not fit any more.{kept} Nothing was imported",
    "broke_off": "it broke off after {done:,} of {total:,} bytes.{kept} Nothing was imported",
    "took_too_long": "it takes too long.{kept} Nothing was imported",
    "server_busy": "the server answered with status {status}.{kept} Nothing was imported",
}

_SENTENCES: Mapping[str, str] = {**_ROWS, **_FILES, **_PEOPLE, **_DISTRICTS, **_TABLES, **_MAPS, **_DOWNLOADS}


def dataset_sentence(error: DatasetError) -> str:
    """Which file cannot be used, where in it, and why."""
    values = dict(error.values)
    if "held" in values:  # of a download
        values["kept"] = (
            f" {values['held']:,} bytes are kept: the same command goes on from there." if values["held"] else ""
        )
    return f"{error.place}: {_filled(_SENTENCES[error.code], values)}"


def fault_words(fault: RowFault) -> str:
    """Why a row cannot be used."""
    return _filled(_SENTENCES[fault.code], fault.values)


def _filled(words: str, values: Mapping[str, Any]) -> str:
    texts = dict(values)
    for name, value in values.items():
        if isinstance(value, list | tuple):
            texts[name] = _listed(value)
    return words.format(**texts)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    listed = ", ".join(names[:_NAMED]) or "none"
    return f"{listed} and {more:,} more" if more > 0 else listed
