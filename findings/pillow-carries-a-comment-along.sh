#!/usr/bin/env bash
# A picture that was made smaller and saved anew still has the comment of the file that it came from.
#
# Pillow 13.0.0; run on 2026-11-29.
# Guess: `save()` writes nothing of the old file's metadata unless it is given (`exif=`, `xmp=`, `comment=`), and certainly
#        not after `resize()` or `convert()`, which make a new image.
# Seen:  so it is with EXIF and XMP. A comment, which cameras, scanners and editors write into JPEG and GIF, goes along in `info`
#        through `resize()` and `convert()`, and both writers put it into the new file, even from GIF to JPEG. PNG and WebP do not.
#        An image of the points alone (`Image.frombytes(image.mode, image.size, image.tobytes())`) has none.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check pillow==13.0.0
"$folder/venv/bin/python" - <<'PYTHON'
from io import BytesIO

from PIL import Image

COMMENT = b"Scanned by Mai Example, 5 Elm Street"


def written(image, kind, **how):
    to = BytesIO()
    image.save(to, kind, **how)
    return to.getvalue()


exif = Image.Exif()
exif[0x010F] = "Maker of the camera"
drawn = Image.new("RGB", (40, 20), "red")
jpeg = written(drawn, "JPEG", comment=COMMENT, exif=exif, xmp=b"<x>Somebody</x>")
gif = written(drawn.quantize(8), "GIF", comment=COMMENT)

kept = []
for source, content in (("JPEG", jpeg), ("GIF", gif)):
    smaller = Image.open(BytesIO(content)).convert("RGB").resize((20, 10))
    for target in ("JPEG", "GIF", "PNG", "WEBP"):
        anew = written(smaller, target)
        assert b"Maker of the camera" not in anew and b"Somebody" not in anew
        if COMMENT in anew:
            kept.append(f"{source} to {target}")
    alone = Image.frombytes(smaller.mode, smaller.size, smaller.tobytes())
    assert COMMENT not in written(alone, "JPEG")
print("the comment is still there:", ", ".join(kept))
assert kept == ["JPEG to JPEG", "JPEG to GIF", "GIF to JPEG", "GIF to GIF"]
PYTHON
