"""Which states touch one another on land or in a river: a post office may serve homes beyond the line."""

from __future__ import annotations

from collections.abc import Mapping

_BORDERS = """
    AL:FL,GA,MS,TN AR:LA,MO,MS,OK,TN,TX AZ:CA,CO,NM,NV,UT CA:NV,OR CO:KS,NE,NM,OK,UT,WY CT:MA,NY,RI DC:MD,VA
    DE:MD,NJ,PA FL:GA GA:NC,SC,TN IA:IL,MN,MO,NE,SD,WI ID:MT,NV,OR,UT,WA,WY IL:IN,KY,MO,WI IN:KY,MI,OH KS:MO,NE,OK
    KY:MO,OH,TN,VA,WV LA:MS,TX MA:NH,NY,RI,VT MD:PA,VA,WV ME:NH MI:OH,WI MN:ND,SD,WI MO:NE,OK,TN MS:TN MT:ND,SD,WY
    NC:SC,TN,VA ND:SD NE:SD,WY NH:VT NJ:NY,PA NM:OK,TX,UT NV:OR,UT NY:PA,VT OH:PA,WV OK:TX OR:WA PA:WV SD:WY TN:VA
    UT:WY VA:WV
"""


def _neighbours() -> Mapping[str, frozenset[str]]:
    touching: dict[str, set[str]] = {}
    for entry in _BORDERS.split():
        state, _, others = entry.partition(":")
        for other in others.split(","):
            touching.setdefault(state, set()).add(other)
            touching.setdefault(other, set()).add(state)
    return {state: frozenset(others) for state, others in touching.items()}


NEIGHBOURS = _neighbours()  # none of Alaska, Hawaii and Puerto Rico
