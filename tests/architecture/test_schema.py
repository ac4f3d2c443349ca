"""The tables stay within what distributed engines of the PostgreSQL family can hold.

Each table says whether it is copied to every node (`reference`) or split by a column (`distributed`). A split table can
only keep a key unique that contains the column, and can only refer to a copied table or to rows that lie on its own
node. Sequences, triggers, advisory locks and LISTEN/NOTIFY are missing or slow on some engines: no required path uses
them.
"""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    Sequence,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from survey_models.core.base import distributed, reference
from survey_models.tables import Base
from tests.architecture.tree import parsed, sources, strings, text

# Words of SQL that no required path may lean on.
UNPORTABLE = re.compile(
    r"\bpg_(?:try_)?advisory|\bCREATE\s+(?:OR REPLACE\s+)?(?:TRIGGER|RULE)\b|^\s*(?:LISTEN|NOTIFY)\s+\w+\s*;?$",
    re.IGNORECASE,
)


# The one file of the extra guards: what they refuse is refused by the program first, and a start without them serves.
WALLS = "survey_models/core/walls.py"


def split_column(table: Table) -> str | None:
    """The column that a table is split by; None when it is copied or says nothing."""
    match table.info.get("distribution"):
        case ("distributed", str(column)):
            return column
        case _:
            return None


def faults(table: Table) -> Iterator[str]:
    """What a distributed engine would refuse in this table."""
    if table.info.get("distribution") != "reference" and split_column(table) is None:
        yield f"{table.name}: says neither reference nor distributed(column)"
    yield from numbering_faults(table)
    column = split_column(table)
    if column is None:
        return
    if column not in table.columns:
        yield f"{table.name}: has no column {column} to be split by"
        return
    yield from key_faults(table, column)
    yield from reference_faults(table, column)


def numbering_faults(table: Table) -> Iterator[str]:
    """Numbers that the database would hand out one after the other."""
    for column in table.columns:
        if isinstance(column.default, Sequence) or column.identity is not None:
            yield f"{table.name}.{column.name}: takes numbers from a sequence"
    if table.autoincrement_column is not None:
        yield f"{table.name}.{table.autoincrement_column.name}: counts up by itself (autoincrement=False, or a uuid)"


def key_faults(table: Table, column: str) -> Iterator[str]:
    """Keys that leave the column out: no node could check them alone."""
    keys = [("primary key", [c.name for c in table.primary_key.columns])]
    keys += [
        ("unique", [c.name for c in key.columns]) for key in table.constraints if isinstance(key, UniqueConstraint)
    ]
    keys += [("unique index", [c.name for c in index.columns]) for index in table.indexes if index.unique]
    yield from (f"{table.name}: {kind} {names} without {column}" for kind, names in keys if column not in names)


def reference_faults(table: Table, column: str) -> Iterator[str]:
    """References to rows that may lie on another node."""
    for key in table.foreign_key_constraints:
        target = key.referred_table
        if target.info.get("distribution") == "reference":
            continue
        pairs = {(element.parent.name, element.column.name) for element in key.elements}
        if (column, split_column(target)) not in pairs:
            yield f"{table.name}: refers to {target.name} without {column}"


def test_every_table_fits_a_distributed_engine() -> None:
    tables = Base.metadata.sorted_tables
    assert len(tables) > 20
    assert [fault for table in tables for fault in faults(table)] == []


def test_every_module_of_tables_is_in_the_metadata() -> None:
    """A table that `survey_models.tables` forgets would be in no migration."""
    declared = {
        found
        for path in sources("survey_models")
        for found in re.findall(r"^    __tablename__ = \"(\w+)\"", text(path), re.MULTILINE)
    }
    assert declared == set(Base.metadata.tables)


def test_no_statement_leans_on_one_engine() -> None:
    found = {
        str(path): words
        for path in sources("api", "survey_models", "migrations")
        if (words := [word for word in strings(parsed(path)) if UNPORTABLE.search(word)])
    }
    assert set(found) == {WALLS}


def planted(*parts: Column[object] | UniqueConstraint | ForeignKeyConstraint | Index, info: dict[str, object]) -> Table:
    """A table beside one copied and one split table that it may refer to."""
    metadata = MetaData()
    Table("copied", metadata, Column("id", Uuid, primary_key=True), info=reference())
    Table(
        "split",
        metadata,
        Column("campaign_id", String, primary_key=True),
        Column("id", Uuid, primary_key=True),
        info=distributed("campaign_id"),
    )
    return Table("planted", metadata, *parts, info=info)


def campaign_and_id() -> tuple[Column[object], Column[object]]:
    return Column("campaign_id", String, primary_key=True), Column("id", Uuid, primary_key=True)


BY_CAMPAIGN = distributed("campaign_id")


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (planted(*campaign_and_id(), info={}), "neither"),
        (planted(Column("id", Uuid, primary_key=True), info=BY_CAMPAIGN), "has no column"),
        (planted(Column("id", Uuid, primary_key=True), Column("campaign_id", String), info=BY_CAMPAIGN), "primary key"),
        (planted(*campaign_and_id(), Column("n", Integer), UniqueConstraint("n"), info=BY_CAMPAIGN), "unique"),
        (
            planted(*campaign_and_id(), Column("n", Integer), Index("i", "n", unique=True), info=BY_CAMPAIGN),
            "unique index",
        ),
        (planted(*campaign_and_id(), Column("o", Uuid, ForeignKey("split.id")), info=BY_CAMPAIGN), "refers to"),
        (planted(Column("n", Integer, primary_key=True), info=reference()), "counts up"),
        (planted(Column("n", BigInteger, Identity(), primary_key=True), info=reference()), "sequence"),
    ],
)
def test_planted_faults_are_seen(table: Table, expected: str) -> None:
    assert any(expected in fault for fault in faults(table)), list(faults(table))


def test_the_right_way_passes() -> None:
    near = ForeignKeyConstraint(["campaign_id", "o"], ["split.campaign_id", "split.id"])
    table = planted(
        *campaign_and_id(), Column("o", Uuid), Column("c", Uuid, ForeignKey("copied.id")), near, info=BY_CAMPAIGN
    )
    assert list(faults(table)) == []


@pytest.mark.parametrize("words", ["SELECT pg_advisory_xact_lock(1)", "CREATE TRIGGER t BEFORE", "LISTEN jobs"])
def test_unportable_words_are_seen(words: str) -> None:
    assert UNPORTABLE.search(words)
    assert not UNPORTABLE.search("to listen to people; notify the office")
