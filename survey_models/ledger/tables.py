"""Tables of the ledger (台账): its entries, and the tree over them."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import BigInteger, Index, LargeBinary, String, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, UtcDateTime, distributed, reference

_PENDING, _PLACED, _DATED = text("seq IS NULL"), text("seq IS NOT NULL"), text("at IS NOT NULL")


class LedgerEntry(Base):
    """One act. ``body`` is its canonical bytes, ``digest`` their SHA-256, ``seq`` its place in the tree if it has one.

    ``at`` is empty for ballots: an entry must not tell when a sheet came in.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        # Ballots have no time and are not written into it.
        Index("ix_ledger_entries_log_at", "log", "at", sqlite_where=_DATED, postgresql_where=_DATED),
        # What every ballot is written into grows at its end; by digest there is an index only of what has its place.
        Index("ix_ledger_entries_pending", "log", "seq", sqlite_where=_PENDING, postgresql_where=_PENDING),
        Index("ix_ledger_entries_placed", "log", "digest", sqlite_where=_PLACED, postgresql_where=_PLACED),
        Index("ix_ledger_entries_log_seq", "log", "seq", unique=True, sqlite_where=_PLACED, postgresql_where=_PLACED),
        {"info": distributed("log")},
    )

    log: Mapped[str] = mapped_column(String(60), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    event: Mapped[str] = mapped_column(String(40))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seq: Mapped[int | None] = mapped_column(BigInteger)


class LedgerLog(Base):
    """One tree. ``origin`` is the name it began with; ``day`` the last local day whose end was seen to.

    Whoever lets the tree grow holds this row.
    """

    __tablename__ = "ledger_logs"
    __table_args__ = ({"info": distributed("log")},)

    log: Mapped[str] = mapped_column(String(60), primary_key=True)
    origin: Mapped[str] = mapped_column(String(300))
    day: Mapped[date]


class LedgerKey(Base):
    """A key that the ledger changed to (换钥), hex, and the one before; the entry of the system's log announces it.

    The first key stands here as the ``old`` one of the first change; an installation that never changed it has no row.
    """

    __tablename__ = "ledger_keys"
    __table_args__ = ({"info": reference()},)

    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    old: Mapped[str] = mapped_column(String(64))
    public: Mapped[str] = mapped_column(String(64))
    entry_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class LedgerWitness(Base):
    """A witness (见证人) whose cosignatures are taken. ``vkey``: its public key as c2sp.org/signed-note writes it.

    Of one with ``removed_at`` no further ones are taken; what it signed stays.
    """

    __tablename__ = "ledger_witnesses"
    __table_args__ = ({"info": reference()},)

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    vkey: Mapped[str] = mapped_column(String(300))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LedgerCosignature(Base):
    """A witness's signature under a head (会签): its line of the note, and when it signed by its own clock."""

    __tablename__ = "ledger_cosignatures"
    __table_args__ = ({"info": distributed("log")},)

    log: Mapped[str] = mapped_column(String(60), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    witness: Mapped[str] = mapped_column(String(120), primary_key=True)
    line: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class LedgerTile(Base):
    """A tile of the tree (树块): at most 256 hashes of 32 bytes, one after the other. A full one never changes."""

    __tablename__ = "ledger_tiles"
    __table_args__ = ({"info": distributed("log")},)

    log: Mapped[str] = mapped_column(String(60), primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    idx: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hashes: Mapped[bytes] = mapped_column(LargeBinary)


class LedgerHead(Base):
    """A published head (首部): ``root`` (hex) over the first ``size`` entries, and the signed checkpoint ``note``."""

    __tablename__ = "ledger_heads"
    __table_args__ = (
        Index("ix_ledger_heads_log_at", "log", "at"),
        {"info": distributed("log")},
    )

    log: Mapped[str] = mapped_column(String(60), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
