"""Guards in the database (数据库护栏): an extra wall behind the program, on which no required path relies.

What is evidence is written once: a change or deletion that comes past the program is refused by a trigger. This file
lists all of them; every start of the server compares and makes anew what is missing or differs. Whoever owns the
database can take them down: that shows in the ledger's tree, not here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

REFUSAL = "evidence is written once"


@dataclass(frozen=True)
class Wall:
    """``what`` (UPDATE, UPDATE OF columns, DELETE) is refused on ``table`` where ``when`` holds (SQL over OLD, NEW)."""

    table: str
    what: str
    when: str = ""

    @property
    def name(self) -> str:
        """The trigger's name: table, act and a digest of the definition, so that a changed one is another."""
        mark = hashlib.sha256(f"{self.what}\n{self.when}".encode()).hexdigest()[:8]
        return f"wall_{self.table}_{self.what.split()[0].lower()}_{mark}"


_PURGED = "EXISTS (SELECT 1 FROM purges p WHERE p.campaign_id = OLD.campaign_id)"
# The bytes of a file go when every campaign that it was sent for is purged.
_KEPT_FILE = (
    "EXISTS (SELECT 1 FROM uploads u WHERE u.sha256 = OLD.sha256 AND NOT EXISTS "
    "(SELECT 1 FROM purges p WHERE p.campaign_id = u.campaign_id))"
    # Evidence of a finding, until two people let it go after its time.
    " OR EXISTS (SELECT 1 FROM finding_files f WHERE f.sha256 = OLD.sha256 AND f.erased_at IS NULL)"
    " OR EXISTS (SELECT 1 FROM mark_sendings m WHERE OLD.sha256 IN (m.sha256, m.attachment))"
    " OR EXISTS (SELECT 1 FROM duty_files d WHERE d.sha256 = OLD.sha256)"
)
_FULL_TILE = 256 * 32

WALLS: tuple[Wall, ...] = (
    Wall("ledger_entries", "UPDATE OF log, id, event, body, digest, at"),
    Wall("ledger_entries", "UPDATE OF seq", "OLD.seq IS NOT NULL"),
    Wall("ledger_entries", "DELETE"),
    Wall("ledger_heads", "UPDATE"),
    Wall("ledger_heads", "DELETE"),
    Wall("ledger_keys", "UPDATE"),
    Wall("ledger_keys", "DELETE"),
    Wall("ledger_cosignatures", "UPDATE"),
    Wall("ledger_cosignatures", "DELETE"),
    Wall("ledger_tiles", "UPDATE", f"length(OLD.hashes) = {_FULL_TILE} AND OLD.hashes <> NEW.hashes"),
    Wall("ledger_tiles", "DELETE"),
    Wall("intake_sheets", "UPDATE"),
    Wall("intake_sheets", "DELETE", f"NOT {_PURGED}"),
    Wall("ballot_texts", "UPDATE"),
    Wall("ballot_texts", "DELETE", f"NOT {_PURGED}"),
    Wall("mix_members", "UPDATE"),
    Wall("mix_members", "DELETE", f"NOT {_PURGED}"),
    Wall("mixes", "UPDATE"),
    Wall("mixes", "DELETE"),
    Wall("ballots", "UPDATE"),
    Wall("ballots", "DELETE"),
    Wall("ballot_voids", "UPDATE"),
    Wall("ballot_voids", "DELETE"),
    Wall("rating_voids", "UPDATE"),
    Wall("rating_voids", "DELETE"),
    Wall("tickets", "UPDATE OF state", "OLD.state = 'spent'"),
    Wall("tickets", "DELETE"),
    Wall("results", "UPDATE"),
    Wall("results", "DELETE"),
    Wall("result_rows", "UPDATE"),
    Wall("result_rows", "DELETE"),
    Wall("blobs", "UPDATE", _KEPT_FILE),
    Wall("blobs", "DELETE", _KEPT_FILE),
    Wall("finding_steps", "UPDATE"),
    Wall("finding_steps", "DELETE"),
    Wall("finding_files", "UPDATE OF finding_id, sha256, media, filename, size, taken_on, late, made_by, made_at"),
    Wall("finding_files", "DELETE"),
    Wall(
        "marks",
        "UPDATE OF round_id, component, unit_code, member, version, value, reason, sending_id, sent_by, sent_at",
    ),
    Wall("marks", "UPDATE", "OLD.state = 'approved'"),
    Wall("marks", "DELETE"),
    Wall("mark_sendings", "UPDATE"),
    Wall("mark_sendings", "DELETE"),
    Wall("duty_files", "UPDATE"),
    Wall("duty_files", "DELETE"),
    Wall("duty_submissions", "UPDATE OF round_id, duty, debtor, period, version, receipt, text, deeds, files, sent_at"),
    Wall("duty_submissions", "DELETE"),
    Wall("deed_updates", "UPDATE"),
    Wall("deed_updates", "DELETE"),
    Wall("purges", "UPDATE"),
    Wall("purges", "DELETE"),
)


def raise_walls(connection: Connection) -> int:
    """Make every wall that is missing or was another; how many were made. Nothing is done before the tables exist."""
    if not inspect(connection).has_table("purges"):
        return 0
    present = _present(connection)
    wanted = {wall.name: wall for wall in WALLS}
    for name, table in present.items():
        if name not in wanted:
            _drop(connection, name, table)
    missing = [wall for name, wall in wanted.items() if name not in present]
    if missing and connection.dialect.name == "postgresql":
        connection.execute(text(_REFUSE))
    for wall in missing:
        connection.execute(text(_definition(connection.dialect.name, wall)))
    return len(missing)


def take_down(connection: Connection) -> int:
    """Remove every wall, as the database's owner can: for migrations and for tests that play the insider."""
    present = _present(connection)
    for name, table in present.items():
        _drop(connection, name, table)
    return len(present)


_REFUSE = f"""
CREATE OR REPLACE FUNCTION pingyi_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
_NAMES = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'wall\\_%' ESCAPE '\\'",
    # A disabled trigger is as good as none.
    "postgresql": "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
    "WHERE c.relnamespace = current_schema()::regnamespace AND t.tgname LIKE 'wall\\_%' AND t.tgenabled <> 'D'",
}


def _present(connection: Connection) -> dict[str, str]:
    return {str(name): str(table) for name, table in connection.exec_driver_sql(_named(connection)).all()}


def _named(connection: Connection) -> str:
    query = _NAMES[connection.dialect.name]
    # The driver reads a percent sign as a parameter.
    return query.replace("%", "%%") if connection.dialect.name == "postgresql" else query


def _definition(dialect: str, wall: Wall) -> str:
    if dialect == "sqlite":
        when = f" WHEN {wall.when}" if wall.when else ""
        return (
            f"CREATE TRIGGER {wall.name} BEFORE {wall.what} ON {wall.table} FOR EACH ROW{when} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )
    # A condition of PostgreSQL's own trigger may hold no subquery: rows are looked at inside a function of the wall.
    if "SELECT" not in wall.when:
        when = f" WHEN ({wall.when})" if wall.when else ""
        return (
            f"CREATE OR REPLACE TRIGGER {wall.name} BEFORE {wall.what} ON {wall.table} "
            f"FOR EACH ROW{when} EXECUTE FUNCTION pingyi_refuse()"
        )
    gone = "OLD" if wall.what == "DELETE" else "NEW"
    return (
        f"CREATE OR REPLACE FUNCTION {wall.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {wall.when} THEN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
        f"RETURN {gone}; END $$; "
        f"CREATE OR REPLACE TRIGGER {wall.name} BEFORE {wall.what} ON {wall.table} "
        f"FOR EACH ROW EXECUTE FUNCTION {wall.name}()"
    )


def _drop(connection: Connection, name: str, table: str) -> None:
    of = f" ON {table}" if connection.dialect.name == "postgresql" else ""
    connection.execute(text(f"DROP TRIGGER IF EXISTS {name}{of}"))
