"""Another of the same kind, with some of its values changed: of a Struct as of a dataclass.

mypy looks at the names and types that dataclasses' `replace` is given, of Structs too, which that one itself does not
take; at those of `msgspec.structs.replace` it does not look. So here it is told that this is the former.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from msgspec import Struct, structs

if TYPE_CHECKING:
    from dataclasses import replace as replace
else:

    def replace(record: Any, /, **changes: Any) -> Any:
        if isinstance(record, Struct):
            return structs.replace(record, **changes)
        return dataclasses.replace(record, **changes)
