"""Pictures that were uploaded, as they are served: one backup, and all web machines, have them with the rest."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from actionmail.db.base import Base, BigId


class StoredFile(Base):
    """One size of a picture, under the hash of its bytes; it never changes, and may be of several pictures."""

    __tablename__ = "picture_files"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(16))  # rules.campaigns.pictures.ENDINGS
    width: Mapped[int]  # points
    height: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class Picture(Base):
    """A picture in two sizes, with its words for who cannot see it."""

    __tablename__ = "pictures"

    id: Mapped[int] = mapped_column(primary_key=True)
    upload_sha256: Mapped[str] = mapped_column(String(64), unique=True)  # of the bytes as they came, which are not kept
    large_sha256: Mapped[str] = mapped_column(ForeignKey("picture_files.sha256"), unique=True)
    small_sha256: Mapped[str] = mapped_column(ForeignKey("picture_files.sha256"), index=True)
    alternatives: Mapped[dict[str, Any]]  # by language, rules.campaigns.pictures.Alternatives
    added_by: Mapped[str] = mapped_column(String(254), default="", server_default="")  # "": the command line
    added_at: Mapped[datetime]

    large: Mapped[StoredFile] = relationship(foreign_keys=large_sha256, lazy="joined", viewonly=True)
    small: Mapped[StoredFile] = relationship(foreign_keys=small_sha256, lazy="joined", viewonly=True)


class OrganisationLogo(Base):
    """The logo of an organisation under a statement: one size, made anew. It goes with the signer."""

    __tablename__ = "organisation_logos"

    action_id: Mapped[int] = mapped_column(BigId, ForeignKey("actions.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    media_type: Mapped[str] = mapped_column(String(16))  # rules.campaigns.pictures.ENDINGS
    width: Mapped[int]  # points
    height: Mapped[int]
    alternative: Mapped[str] = mapped_column(String(500), default="", server_default="")  # "": the organisation's name
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
