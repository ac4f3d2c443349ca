"""Draws keep the probability of what they drew, and the lots that were added later.

Every draw so far was a stratified simple random sample, whose probability is its number over the stratum's entries.
"""

from __future__ import annotations

from fractions import Fraction

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "20261122_02"
down_revision = "20261122_01"
branch_labels = None
depends_on = None

DRAWS = sa.table("draws", sa.column("id"), sa.column("frame_id"), sa.column("what"), sa.column("design", JSON))
EXTENDED = sa.table("draws", sa.column("extensions", JSON))
ROWS = sa.table(
    "draw_rows", sa.column("draw_id"), sa.column("stratum"), sa.column("reserve", sa.Boolean), sa.column("probability")
)
FRAME_ROWS = sa.table("frame_rows", sa.column("frame_id"), sa.column("stratum"))
FRAME_POINTS = sa.table("frame_points", sa.column("frame_id"), sa.column("area_code"))


def upgrade() -> None:
    with op.batch_alter_table("draw_rows", schema=None) as batch_op:
        batch_op.add_column(sa.Column("probability", sa.String(length=80), nullable=True))
    with op.batch_alter_table("draws", schema=None) as batch_op:
        batch_op.add_column(sa.Column("extensions", JSON, nullable=True))
    connection = op.get_bind()
    connection.execute(sa.update(EXTENDED).values(extensions=[]))
    for draw in connection.execute(sa.select(DRAWS)).all():
        _fill(connection, draw)
    with op.batch_alter_table("draws", schema=None) as batch_op:
        batch_op.alter_column("extensions", existing_type=JSON, nullable=False)


def _fill(connection: sa.Connection, draw: sa.Row[tuple[str, str, str, dict[str, dict[str, int]]]]) -> None:
    """Write the probability of the main sample of one draw, stratum by stratum."""
    frame, stratum = (FRAME_POINTS, "area_code") if draw.what == "points" else (FRAME_ROWS, "stratum")
    for name, number in draw.design.get("sizes", {}).items():
        counted = sa.select(sa.func.count()).select_from(frame)
        size = connection.scalar(counted.where(frame.c.frame_id == draw.frame_id, frame.c[stratum] == name))
        drawn = sa.and_(ROWS.c.draw_id == draw.id, ROWS.c.stratum == name, ROWS.c.reserve.is_(False))
        if size:
            connection.execute(sa.update(ROWS).where(drawn).values(probability=str(Fraction(number, size))))
