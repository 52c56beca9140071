"""How many actions came from where within the last hours, and which work of browsers was spent. Nobody's address."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from actionmail.db.base import Base


class PlaceCount(Base):
    """Actions of one hour that have something in common. `place` is a keyed hash of what that is."""

    __tablename__ = "place_counts"

    place: Mapped[str] = mapped_column(String(32), primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True, index=True)
    actions: Mapped[int]


class SpentWork(Base):
    """Work of a browser that an action was taken for: no second one is."""

    __tablename__ = "spent_works"

    work: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
