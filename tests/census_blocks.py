"""Files of fictional blocks in the Census Bureau's own layouts."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

AREA_HEADER = (
    "OID_ZCTA5_20|GEOID_ZCTA5_20|NAMELSAD_ZCTA5_20|AREALAND_ZCTA5_20|AREAWATER_ZCTA5_20|MTFCC_ZCTA5_20|"
    "CLASSFP_ZCTA5_20|FUNCSTAT_ZCTA5_20|OID_TABBLOCK_20|GEOID_TABBLOCK_20|NAMELSAD_TABBLOCK_20|AREALAND_TABBLOCK_20|"
    "AREAWATER_TABBLOCK_20|MTFCC_TABBLOCK_20|FUNCSTAT_TABBLOCK_20|AREALAND_PART|AREAWATER_PART"
)


@dataclass(frozen=True, kw_only=True)
class Block:
    """One block. Codes are the Census Bureau's; `zip` is "" for a block in no ZIP area."""

    id: str
    zip: str
    lower: str = "ZZZ"
    upper: str = "ZZZ"
    congress: str = "ZZ"
    people: int = 0
    land: int = 1000


def area_line(block: Block) -> str:
    zcta = f"860{block.zip}|{block.zip}|ZCTA5 {block.zip}|9000000|0|G6350|B5|S" if block.zip else "|||||||"
    return f"{zcta}|208{block.id}|{block.id}|Block {block.id[-4:]}|{block.land}|0|G5040|S|{block.land}|0"


def write_areas(folder: Path, blocks: Iterable[Block], name: str = "tab20_zcta520_tabblock20_natl.txt") -> Path:
    path = folder / name
    lines = [AREA_HEADER, *(area_line(block) for block in blocks)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig", newline="\r\n")
    return path


def write_districts(folder: Path, blocks: Iterable[Block], chamber: str) -> Path:
    """A zip with the national file, and a state's file that says what the national one says."""
    column, member = {
        "upper": ("SLDUST", "NationalSLDU24.txt"),
        "lower": ("SLDLST", "NationalSLDL24.txt"),
        "congress": ("CDFP", "NationalCD119.txt"),
    }[chamber]
    text = f"GEOID,{column}\n" + "".join(f"{block.id},{getattr(block, chamber)}\n" for block in blocks)
    path = folder / f"{member.removeprefix('National').lower().removesuffix('.txt')}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member.replace("National", "55_WI_"), text)
        archive.writestr(member, text)
    return path


def write_people(folder: Path, blocks: Iterable[Block], state: str = "wi") -> Path:
    """The redistricting data's zip: the header file with the state's own line first, and another file of it."""

    def line(level: str, block: str, people: int, name: str) -> str:
        cells = ["PLST", state.upper(), level, "00", "00", "000", "00", "0000001", f"{level}0000US{block}", block]
        cells += [""] * 87
        cells[87], cells[90] = name, str(people)
        return "|".join(cells)

    everybody = list(blocks)
    lines = [line("040", everybody[0].id[:2], sum(one.people for one in everybody), "Cañon County")]
    lines += [line("750", one.id, one.people, f"Block {one.id[-4:]}") for one in everybody]
    path = folder / f"{state}2020.pl.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{state}000012020.pl", "PLST|WI|000|01|0000001|5893718|5681000\n")
        archive.writestr(f"{state}geo2020.pl", ("\n".join(lines) + "\n").encode("latin-1"))
    return path
