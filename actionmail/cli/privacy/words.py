"""What the command line says of the audit trail's chain."""

from __future__ import annotations

from collections.abc import Mapping

from actionmail.flows.privacy.audit_chain import FaultKind, Verified

_FAULTS: Mapping[FaultKind, str] = {
    FaultKind.CHANGED: "Entry {entry} does not fit: it, or its link, was changed after it was written.",
    FaultKind.GONE: "Entry {entry} does not fit: it was taken out, and its link {position} is still there.",
    FaultKind.LINK_GONE: "Link {position} was taken out of the chain.",
    FaultKind.UNCHAINED: "Entry {entry} does not fit: the chain has no link for it.",
    FaultKind.NOT_AS_NOTED: "Entry {entry} does not fit: it is whole in itself, but not what was noted.",
    FaultKind.SHORTER: "The trail ends before what was noted: entry number {position} of it is not there.",
}


def verified(result: Verified) -> str:
    """What came of it, with what to note: the count and the head."""
    entries = "1 entry" if result.count == 1 else f"{result.count:,} entries"
    if result.fault is None:
        return f"{entries}, each as it was written.\nTo be noted elsewhere: {result.count}:{result.head}"
    fault = _FAULTS[result.fault.kind].format(entry=result.fault.entry, position=result.fault.position)
    return f"{fault}\nBefore it fit {entries}: {result.count}:{result.head}"
