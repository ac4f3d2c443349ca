"""Draws made before probabilities were kept get theirs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import MetaData, create_engine, insert, select

from api.migrate import check, upgrade

AT = datetime(2026, 11, 22, tzinfo=UTC)


def test_old_draws_get_their_probabilities(empty_database_url: str) -> None:
    upgrade(empty_database_url, "20261122_01")
    engine = create_engine(empty_database_url)
    old = MetaData()
    old.reflect(engine)
    frame = {"id": "f", "kind": "list", "title": "t", "source": "s", "made_up": True, "size": 20, "digest": "0" * 64}
    draw: dict[str, Any] = {"campaign_id": "luohe", "frame_id": "f", "frame_digest": "0" * 64, "salt": "s"}
    draw |= {"design_digest": "1" * 64, "seed": "123456", "planned_at": AT, "run_at": AT, "result_digest": "2" * 64}
    design = {"method": "stratified-srs", "sizes": {"A": 3, "B": 0}, "reserve": {"A": 1}}
    with engine.begin() as connection:
        connection.execute(insert(old.tables["frames"]).values(**frame, frozen_at=AT))
        rows = [{"frame_id": "f", "id": f"a{no}", "stratum": "A", "size": 1} for no in range(18)]
        rows += [{"frame_id": "f", "id": f"b{no}", "stratum": "B", "size": 1} for no in range(2)]
        connection.execute(insert(old.tables["frame_rows"]), rows)
        points = [{"frame_id": "f", "id": f"p{no}", "area_code": "A", "name": "p"} for no in range(5)]
        connection.execute(insert(old.tables["frame_points"]), points)
        for name, what in (("d", "rows"), ("e", "points")):
            connection.execute(insert(old.tables["draws"]).values(**draw, id=name, what=what, design=design))
            lots = [{"entry": f"a{no}", "stratum": "A", "lot": no, "reserve": no == 4} for no in (1, 2, 3, 4)]
            connection.execute(insert(old.tables["draw_rows"]), [{"draw_id": name, **lot} for lot in lots])
    upgrade(empty_database_url)
    check(empty_database_url)
    new = MetaData()
    new.reflect(engine)
    table = new.tables["draw_rows"]
    with engine.connect() as connection:
        found = connection.execute(select(table.c.draw_id, table.c.lot, table.c.probability)).all()
        assert connection.scalars(select(new.tables["draws"].c.extensions)).all() == [[], []]
    engine.dispose()
    kept = {("d", lot): "1/6" for lot in (1, 2, 3)} | {("e", lot): "3/5" for lot in (1, 2, 3)}
    assert {(row.draw_id, row.lot): row.probability for row in found} == kept | {("d", 4): None, ("e", 4): None}
