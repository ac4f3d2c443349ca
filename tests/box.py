"""A filled box for tests of results: the campaign of ``tests.poll``, as if its sheets had been cast and counted."""

from __future__ import annotations

import uuid

import numpy as np

from survey_models.ballots.tables import Ballot
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.tables import State
from survey_models.core import clock
from tests.poll import Poll

CELLS = [(no, 2 * ((no - 1) // 2) + point) for no in range(1, 5) for point in (1, 2)]


def back_to_ready(poll: Poll) -> None:
    """As before it opened: what is stated can still be changed."""
    with poll.work() as session:
        campaigns.get(session, poll.shape.id).state = State.READY.value


def sheets(poll: Poll, per_cell: int = 10) -> dict[tuple[int, int], list[str]]:
    """Answers of each cell: the units, then age and sex; sex is left blank now and then. The same on every run."""
    chance = np.random.default_rng(7)
    found = {}
    for stratum, point in CELLS:
        units = chance.choice(list("1230"), size=(per_cell, poll.shape.n_units), p=[0.5, 0.25, 0.15, 0.1])
        age = chance.choice(list("1234"), size=(per_cell, 1))
        sex = chance.choice(list("12-"), size=(per_cell, 1), p=[0.45, 0.45, 0.1])
        found[stratum, point] = ["".join(line) for line in np.concatenate([units, age, sex], axis=1)]
    return found


def fill_and_count(poll: Poll, box: dict[tuple[int, int], list[str]]) -> None:
    """Put the sheets into the box and say that it is counted."""
    fill(poll, box)
    count(poll)


def count(poll: Poll) -> None:
    """As after counting: scores may be computed."""
    with poll.work() as session:
        campaign = campaigns.get(session, poll.shape.id)
        campaign.state = State.COUNTED.value
        campaign.counted_at = clock.now()


def fill(poll: Poll, box: dict[tuple[int, int], list[str]]) -> None:
    """Put the sheets into the box."""
    with poll.work() as session:
        for (stratum, point), lines in box.items():
            for answers in lines:
                session.add(
                    Ballot(
                        campaign_id=poll.shape.id,
                        id=uuid.uuid4(),
                        stratum_no=stratum,
                        point_no=point,
                        channel="phone",
                        questionnaire_version=1,
                        answers=answers,
                        more=None,
                        upload_id=None,
                        line=None,
                        set_aside=False,
                    )
                )
