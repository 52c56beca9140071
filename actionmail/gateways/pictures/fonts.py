"""The fonts that cards are drawn with: those that came with the code, and for Chinese those of the system.

Pillow shapes text with Raqm and HarfBuzz, which its wheels hold, and with the system's FriBidi; which letters a font
has is asked of HarfBuzz.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import uharfbuzz
from msgspec import Struct
from PIL import ImageFont, features

from actionmail.rules.campaigns.cards import clusters

# Whether letters are joined, stacked and turned: Raqm finds FriBidi on the system, or Pillow does without both.
IS_SHAPED: Final = bool(features.check("raqm"))
# In the order in which they are asked for a letter; what nobody can read unless it is shaped, only where it is.
_SHIPPED: Final = (
    "NotoSans-Bold.ttf",
    "NotoSansLao-Bold.ttf",
    *(("NotoSansKhmer-Bold.ttf", "NotoSansMyanmar-Bold.ttf", "NotoSansArabic-Bold.ttf") if IS_SHAPED else ()),
)
# 20 MB each, so not shipped: Debian's fonts-noto-cjk, and what other systems have.
_OF_THE_SYSTEM: Final = (
    "NotoSansCJK-Bold.ttc",
    "NotoSansSC-Bold.otf",
    "NotoSansTC-Bold.otf",
    "SourceHanSansSC-Bold.otf",
    "wqy-zenhei.ttc",
    "DroidSansFallbackFull.ttf",
)
SYSTEM_FOLDERS: Final = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
# Shown by nothing, so that no font needs them.
_WITHOUT_SHAPE: Final = frozenset("\u200b\u200c\u200d\ufe0e\ufe0f")


class Face(Struct, frozen=True):
    """One font file, and of a collection the first of its fonts that is for simplified Chinese."""

    path: Path
    index: int
    letters: frozenset[int]

    def has(self, text: str) -> bool:
        return all(ord(sign) in self.letters or sign in _WITHOUT_SHAPE for sign in text)


@lru_cache(maxsize=8)
def faces(shipped: Path, system: Sequence[Path] = SYSTEM_FOLDERS) -> tuple[Face, ...]:
    """Those that there are, in their order. A file that cannot be read is passed over: it is not ours to mend."""
    paths = [shipped / name for name in _SHIPPED]
    for name in _OF_THE_SYSTEM:
        for folder in system:
            paths += sorted(folder.rglob(name))
    faces = []
    for path in paths:
        face = _face(path)
        if face:
            faces.append(face)
    return tuple(faces)


def _face(path: Path) -> Face | None:
    try:
        index = _simplified(path) if path.suffix == ".ttc" else 0
        letters = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)), index).unicodes
    except (OSError, uharfbuzz.HarfBuzzError):
        return None
    return Face(path, index, frozenset(letters)) if letters else None


def _simplified(path: Path) -> int:
    for index in range(16):
        try:
            family, _ = ImageFont.truetype(path, 12, index=index).getname()
        except OSError:
            break
        if family and family.endswith(" SC"):
            return index
    return 0


def runs(text: str, among: Sequence[Face]) -> tuple[list[tuple[Face, str]], str]:
    """The text in stretches of one font each, and what none of the fonts can draw, which is left out of them."""
    stretches: list[tuple[Face, str]] = []
    lacking = ""
    for cluster in clusters(text):
        last = stretches[-1][0] if stretches else None
        if last and last.has(cluster):
            stretches[-1] = (last, stretches[-1][1] + cluster)
        elif face := next((face for face in among if face.has(cluster)), None):
            stretches.append((face, cluster))
        else:
            lacking += cluster
    return stretches, lacking
