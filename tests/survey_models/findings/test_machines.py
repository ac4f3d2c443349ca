"""The machines as data: whole, and of the documents' limits."""

import pytest

from survey_models.core.errors import Problem
from survey_models.findings import rules
from survey_models.findings.machines import BAD_RATINGS, COMPLAINTS, INSPECTIONS, MACHINES, Kind
from survey_models.findings.moves import Machine, Move, State
from survey_models.findings.rules import Limits


@pytest.mark.parametrize("kind", list(Kind))
def test_every_state_is_reached_and_ends(kind: Kind) -> None:
    assert MACHINES[kind].faults() == []


def test_a_machine_that_cannot_be_is_found_out() -> None:
    states = {"a": State(("甲", "a")), "b": State(("乙", "b"), final=True)}
    lonely = Machine("a", states, {"go": Move(("走", "go"), (), ("a",), "c", after="come")})
    assert lonely.faults() == ["go: c", "go: after come", "b is never reached", "a never ends"]


def test_what_counts() -> None:
    counting = {kind: {name for name, one in MACHINES[kind].states.items() if one.counts} for kind in Kind}
    assert counting[Kind.INSPECTION] == {"confirmed", "noticed", "objected", "ordered", "rectified", "filed"}
    assert counting[Kind.COMPLAINT] == {"upheld", "filed"}
    assert counting[Kind.RATING] == set(), "a bad rating costs nothing twice: it is in the window's score"
    assert "withdrawn" not in counting[Kind.INSPECTION]


def test_who_verified_a_bad_rating_does_not_hear_the_appeal() -> None:
    verifying = {role for name in ("valid", "mistaken", "malicious") for role in BAD_RATINGS.moves[name].roles}
    hearing = {role for name in ("grant", "deny") for role in BAD_RATINGS.moves[name].roles}
    assert verifying.isdisjoint(hearing)


def test_the_limits_of_the_documents() -> None:
    limits = Limits()
    assert (limits.objection, limits.reply, limits.extension, limits.send_back) == (2, 10, 5, 3)
    assert INSPECTIONS.moves["object"].within == "objection"
    assert COMPLAINTS.moves["give_more_time"].once
    assert COMPLAINTS.moves["send_back"].within == "send_back"


@pytest.mark.parametrize(
    ("points", "fits"),
    [
        *[("", True), ("0.5", True), ("1000", True), ("1000.5", False), ("1,5", False), ("-1", False), ("NaN", False)],
        *[("1e1", False), ("1e-999999999", False), ("１", False), ("1_0", False)],
    ],
)
def test_points_are_decimal_text(points: str, fits: bool) -> None:
    if fits:
        assert str(rules.points_of(points) or "") == points
    else:
        with pytest.raises(Problem):
            rules.points_of(points)
