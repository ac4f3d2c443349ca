"""Draws by every method: planned, run, extended, replayed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from sampling.selection import FrameEntry
from survey_models.core.canonical import digest
from survey_models.core.errors import Problem
from survey_models.draws import service
from survey_models.draws.designs import Method, Plan
from survey_models.draws.tables import Draw, DrawRow
from survey_models.frames import service as frames
from survey_models.frames.tables import FrameRow
from survey_models.ledger import service as ledger
from survey_models.ledger.events import SYSTEM_LOG, Event
from tests.docs.events import differences
from tests.survey_models.draws import made
from tests.survey_models.draws.conftest import Scratch
from tests.survey_models.draws.made import AT, FLAT, LATER, PLANS, SEED, lots


@pytest.mark.parametrize("method", list(Method))
def test_every_method_is_run_and_replayed(session: Session, method: Method) -> None:
    made.run(session, PLANS[method])
    stored = lots(session)
    main = [row for row in stored if not row[3]]
    assert service.replay(session, "d1") == service.Replay(equal=True, drawn=len(stored), difference=None)
    assert all(0 < Fraction(str(row[4])) <= 1 for row in main)
    assert [row[4] for row in stored if row[3]] == [None] * (3 if PLANS[method].reserve else 0)
    if method is Method.STAGES:
        assert len(main) == 2 * 3 + 2
        assert {row[2] for row in main} >= {"party-7"}
        assert "411121/T3" in {row[0] for row in main}
    else:
        assert len(main) == 11
    if method in {Method.STRATIFIED_SRS, Method.SYSTEMATIC}:
        for stratum, size in (("A", 30), ("乙", 17)):
            assert sum(1 / Fraction(str(row[4])) for row in main if row[0] == stratum) == size


def test_both_names_and_the_order_of_time_are_in_the_ledger(session: Session) -> None:
    made.run(session, PLANS[Method.STRATIFIED_SRS])
    service.extend(session, "d1", stratum="A", more=2, asked_by="li.wei", by="wang.fang", at=LATER)
    for event in (Event.DRAW_PLANNED, Event.DRAW_RUN, Event.DRAW_EXTENDED):
        (body,) = ledger.recorded(session, SYSTEM_LOG, event)
        assert differences(event.value, SYSTEM_LOG, body) == []
        assert body["by"] == ("li.wei" if event is Event.DRAW_PLANNED else "wang.fang")
        assert body.get("asked_by", "li.wei") == "li.wei"
    draw = service.get(session, "d1")
    assert draw.run_at is not None
    assert draw.planned_at < draw.run_at


def test_a_draw_of_points_has_the_points_alone(session: Session) -> None:
    cells = [frames.CountCell((area, area), ("town", "城镇"), 1000, made_up=True, source="test") for area in "PQ"]
    points = [frames.Candidate(f"{area}{number}", area, f"{area}{number}") for area in "PQ" for number in range(6)]
    frames.freeze_counts(session, made.TITLE, cells=cells, candidates=points, by="li.wei", at=AT)
    service.plan(session, Plan("d1", "luohe", "roll", "points", sizes={"P": 2, "Q": 2}), by="li.wei", at=AT)
    service.run(session, "d1", seed=SEED, asked_by="li.wei", by="wang.fang", at=LATER)
    assert [row[4] for row in lots(session)] == ["1/3"] * 4
    assert service.replay(session, "d1").equal


def test_extending_takes_the_reserve_and_then_goes_on(session: Session) -> None:
    made.run(session, PLANS[Method.STRATIFIED_SRS])
    before = lots(session)
    run_digest = service.get(session, "d1").result_digest
    service.extend(session, "d1", stratum="A", more=2, asked_by="li.wei", by="wang.fang", at=LATER)
    within = lots(session)
    assert [row[:3] for row in within] == [row[:3] for row in before], "two of the three reserves have moved up"
    assert [row[3] for row in within if row[0] == "A"] == [False] * 8 + [True]
    assert {row[4] for row in within if row[0] == "A"} == {"4/15", None}
    assert [row for row in within if row[0] == "乙"] == [row for row in before if row[0] == "乙"]
    service.extend(session, "d1", stratum="A", more=4, asked_by="li.wei", by="wang.fang", at=LATER)
    beyond = lots(session)
    assert [row[1] for row in beyond if row[0] == "A"] == list(range(1, 13))
    assert [row[:3] for row in beyond if row[0] == "A"][:9] == [row[:3] for row in before if row[0] == "A"]
    assert service.get(session, "d1").result_digest == run_digest
    assert service.replay(session, "d1").equal


@settings(max_examples=15, deadline=None)
@given(case=made.flat_cases(methods=[Method.STRATIFIED_SRS]), data=st.data())
def test_extending_keeps_the_beginning(scratch: Scratch, case: made.Case, data: st.DataObject) -> None:
    with scratch() as session:
        made.run(session, case.plan, case.entries, seed=case.seed)
        for _ in range(2):
            before = lots(session)
            held: dict[str, int] = {}
            for name, _, _, reserve, _ in before:
                held[name] = held.get(name, 0) + (not reserve)
            room = {
                name: sum(entry.stratum == name for entry in case.entries) - held.get(name, 0)
                for name in case.plan.sizes
            }
            open_ = [name for name, left in room.items() if left]
            if not open_:
                return
            stratum = data.draw(st.sampled_from(open_))
            more = data.draw(st.integers(1, room[stratum]))
            service.extend(session, "d1", stratum=stratum, more=more, asked_by="a", by="b", at=LATER)
            after = lots(session)
            assert {row[:3] for row in before} <= {row[:3] for row in after}
            assert sum(row[0] == stratum and not row[3] for row in after) == held.get(stratum, 0) + more
            assert service.replay(session, "d1").equal


def expect(code: str, act: Callable[[], object]) -> None:
    with pytest.raises(Problem) as refused:
        act()
    assert refused.value.code == code


def test_what_cannot_be_extended(session: Session) -> None:
    def extend(stratum: str = "A", more: int = 1) -> object:
        return service.extend(session, "d1", stratum=stratum, more=more, asked_by="a", by="b", at=LATER)

    made.planned(session, PLANS[Method.STRATIFIED_SRS])
    expect("draw_not_run", extend)
    service.run(session, "d1", seed=SEED, asked_by="a", by="b", at=LATER)
    expect("stratum_unknown", lambda: extend("C"))
    expect("sample_too_large", lambda: extend("A", 25))
    expect("sample_too_large", lambda: extend("A", 0))
    session.execute(update(DrawRow).where(DrawRow.stratum == "乙", DrawRow.lot == 2).values(entry="A29x"))
    expect("draw_differs", extend)
    service.plan(session, replace(PLANS[Method.SYSTEMATIC], id="d2"), by="a", at=AT)
    service.run(session, "d2", seed=SEED, asked_by="a", by="b", at=LATER)
    expect(
        "draw_not_extendable",
        lambda: service.extend(session, "d2", stratum="A", more=1, asked_by="a", by="b", at=LATER),
    )


BAD_PLANS: list[tuple[str, Method, dict[str, Any]]] = [
    ("draw_id_malformed", Method.STRATIFIED_SRS, {"id": "D 1"}),
    ("frame_unknown", Method.STRATIFIED_SRS, {"frame_id": "nowhere"}),
    ("stratum_unknown", Method.STRATIFIED_SRS, {"sizes": {"A": 1}}),
    ("stratum_unknown", Method.STRATIFIED_SRS, {"sizes": {"A": 1, "乙": 1, "C": 1}}),
    ("stratum_unknown", Method.STRATIFIED_SRS, {"reserve": {"C": 1}}),
    ("stratum_unknown", Method.STRATIFIED_SRS, {"what": "points"}),
    ("sample_too_large", Method.STRATIFIED_SRS, {"reserve": {"A": 25}}),
    ("sample_too_large", Method.SYSTEMATIC, {"sizes": {"A": 31, "乙": 0}}),
    ("design_malformed", Method.SYSTEMATIC, {"reserve": {"A": 1}}),
    ("design_malformed", Method.STRATIFIED_SRS, {"must": ["A01"]}),
    ("design_malformed", Method.STRATIFIED_SRS, {"what": "people"}),
    ("design_malformed", Method.STAGES, {"sizes": {"A": 1}}),
    ("design_malformed", Method.STAGES, {"takes": {}}),
    ("design_malformed", Method.STAGES, {"takes": {"411121": [2], "411121-party": [2]}}),
    ("design_malformed", Method.STAGES, {"takes": {"411121": [2, 0], "411121-party": [2]}}),
    ("stratum_unknown", Method.STAGES, {"takes": {"411121": [2, 3]}}),
    ("stratum_unknown", Method.STAGES, {"takes": {"411121": [2, 3], "411121/T1": [1], "411121-party": [2]}}),
    ("must_unknown", Method.STAGES, {"must": ["T9"]}),
]


@pytest.mark.parametrize(("code", "method", "wrong"), BAD_PLANS)
def test_a_plan_that_cannot_be_drawn_is_refused_at_once(
    scratch: Scratch, code: str, method: Method, wrong: dict[str, Any]
) -> None:
    with scratch() as session:
        made.freeze(session, made.TREE if method is Method.STAGES else FLAT)
        expect(code, lambda: service.plan(session, replace(PLANS[method], **wrong), by="a", at=AT))


def test_sizes_of_zero_are_nobody_to_draw_by_size(scratch: Scratch) -> None:
    entries = [FrameEntry(f"a{number}", "A", int(number < 2)) for number in range(9)]
    plan = Plan("d1", "luohe", "roll", "rows", sizes={"A": 3}, method=Method.PPS_PARETO)
    with scratch() as session:
        made.freeze(session, entries)
        expect("sample_too_large", lambda: service.plan(session, plan, by="a", at=AT))
        service.plan(session, replace(plan, method=Method.SYSTEMATIC), by="a", at=AT)
        expect("draw_exists", lambda: service.plan(session, plan, by="a", at=AT))


def test_a_seed_is_taken_once_and_only_on_the_frozen_frame(session: Session) -> None:
    def run(seed: str = SEED) -> object:
        return service.run(session, "d1", seed=seed, asked_by="a", by="b", at=LATER)

    expect("draw_unknown", run)
    made.planned(session, PLANS[Method.PPS_SYSTEMATIC])
    for seed in ("12345", "1" * 81, "123 456", "12345六"):
        expect("seed_malformed", lambda seed=seed: run(seed))  # type: ignore[misc]
    session.execute(update(FrameRow).where(FrameRow.id == "A05").values(size=4))
    expect("frame_changed", run)
    session.execute(update(FrameRow).where(FrameRow.id == "A05").values(size=26))
    run()
    expect("draw_already_run", run)


def flipped(text: str) -> str:
    """The text with one bit of its last character changed; no digit becomes another digit."""
    return text[:-1] + chr(ord(text[-1]) ^ 64)


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("column", ["seed", "salt", "frame_digest", "design_digest", "result_digest", "design"])
def test_a_changed_parameter_or_seed_is_seen(scratch: Scratch, method: Method, column: str) -> None:
    with scratch() as session:
        made.run(session, PLANS[method])
        draw = service.get(session, "d1")
        if column == "design":
            draw.design = {**draw.design, "populations": {**draw.design["populations"], "A": 29}}
            draw.design_digest = digest(draw.design)
        else:
            setattr(draw, column, flipped(getattr(draw, column)))
        session.flush()
        found = service.replay(session, "d1")
        assert not found.equal
        assert found.difference == ("design" if column == "design_digest" else "ledger")


@settings(max_examples=25, deadline=None)
@given(case=made.flat_cases() | made.staged_cases(), data=st.data())
def test_a_changed_byte_of_the_frame_is_seen(scratch: Scratch, case: made.Case, data: st.DataObject) -> None:
    entry = data.draw(st.sampled_from(case.entries))
    column = data.draw(st.sampled_from(["id", "stratum", "size"]))
    value = entry.size ^ 1 if column == "size" else flipped(getattr(entry, column))
    with scratch() as session:
        made.run(session, case.plan, case.entries, seed=case.seed)
        session.execute(update(FrameRow).where(FrameRow.id == entry.id).values({column: value}))
        assert service.replay(session, "d1").difference == "frame"


@pytest.mark.parametrize("method", list(Method))
def test_the_first_changed_lot_is_named(scratch: Scratch, method: Method) -> None:
    with scratch() as session:
        made.run(session, PLANS[method])
        rows = lots(session)
        stratum, lot, entry, _, chance = next(row for one, row in pairwise(rows) if one[0] == row[0])
        place = (DrawRow.stratum == stratum, DrawRow.lot == lot)
        session.execute(update(DrawRow).where(*place).values(entry="who"))
        assert service.replay(session, "d1").difference == f"{stratum} #{lot}: {entry} ≠ who"
        session.execute(update(DrawRow).where(*place).values(entry=entry, probability="1/7"))
        assert service.replay(session, "d1").difference == f"{stratum} #{lot}: {entry} {chance} ≠ {entry} 1/7"
        session.execute(delete(DrawRow).where(*place))
        assert service.replay(session, "d1").difference == f"{stratum} #{lot}: {entry} ≠ -"


def test_an_extension_without_its_entry_in_the_ledger_is_seen(scratch: Scratch) -> None:
    with scratch() as session:
        made.run(session, PLANS[Method.STRATIFIED_SRS])
        service.extend(session, "d1", stratum="A", more=1, asked_by="a", by="b", at=LATER)
        session.execute(update(Draw).values(extensions=[]))
        assert service.replay(session, "d1").difference == "ledger"
