"""The stored scores equal an independent recount, on both databases."""

from __future__ import annotations

import ast
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from sqlalchemy import text

from survey_models.core.walls import take_down
from tests.demo import recount
from tests.demo.installation import Demo

TOLERANCE = Fraction(1, 10**9)
CLOSED = "luohe-closed"


def stored(demo: Demo) -> dict[str, tuple[Fraction, Decimal, Fraction, int, int, str]]:
    query = (
        "SELECT r.unit_code, r.score, r.se, r.unweighted, r.n_judging, r.rank, r.category FROM result_rows r"
        " JOIN results x ON x.id = r.result_id WHERE x.campaign_id = :id"
    )
    return {
        unit: (Fraction(score), Decimal(se), Fraction(plain), judging, rank, category)
        for unit, score, se, plain, judging, rank, category in demo.rows(query, id=CLOSED)
    }


def test_scores_and_errors_equal_the_recount(demo: Demo) -> None:
    again, kept = recount.recount(demo.rows, CLOSED), stored(demo)
    assert len(again) == len(kept) == 80
    for unit, found in again.items():
        score, se, plain, judging, _, _ = kept[unit]
        assert abs(score - found.score) <= TOLERANCE, unit
        assert abs(Fraction(se) - Fraction(recount.root(found.variance))) <= TOLERANCE, unit
        assert abs(plain - found.unweighted) <= TOLERANCE, unit
        assert judging == found.judging, unit
        assert found.score != found.unweighted


def test_places_follow_the_printed_scores_within_each_category(demo: Demo) -> None:
    again, kept = recount.recount(demo.rows, CLOSED), stored(demo)
    for unit, (_, _, _, _, rank, category) in kept.items():
        rivals = [recount.printed(again[other].score) for other, row in kept.items() if row[5] == category]
        assert rank == 1 + sum(rival > recount.printed(again[unit].score) for rival in rivals), unit


def test_a_changed_sheet_would_be_seen(own_demo: Demo) -> None:
    before = recount.recount(own_demo.rows, CLOSED)
    with own_demo.engine.connect() as connection:
        take_down(connection)
        connection.execute(
            text(
                "UPDATE ballots SET answers = '3' || substr(answers, 2) WHERE campaign_id = 'luohe-closed'"
                " AND id = (SELECT min(id) FROM ballots WHERE campaign_id = 'luohe-closed' AND answers LIKE '1%')"
            )
        )
        connection.commit()
    after = recount.recount(own_demo.rows, CLOSED)
    assert abs(after["LH-001"].score - before["LH-001"].score) > TOLERANCE
    assert after["LH-002"] == before["LH-002"]


def test_the_recount_imports_nothing_of_what_it_checks() -> None:
    tree = ast.parse(Path(recount.__file__).read_text(encoding="utf-8"))
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not {module.split(".")[0] for module in modules} & {"sampling", "survey_models", "api", "numpy", "scipy"}
