"""The short form of `make simulate-sampling`, and that its verdicts can be bad."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import simulated_visits
from benchmarks.simulated_city import PEOPLE, SCALE, Codes, build_city
from benchmarks.simulated_draws import run_designs
from benchmarks.simulated_lines import bias_lines, coverage_lines, draw_lines
from benchmarks.simulated_raking import RakedRun, build_frame, choice_lines, run_raked
from benchmarks.verdicts import binomial_bounds, chi_square_z, family_z, frequency_z
from sampling.estimation import domain_estimates
from sampling.rank_sets import rank_sets
from sampling.stages import inspect_next

ROOT = Path(__file__).resolve().parents[2]
DRAWS = 20


@pytest.mark.proof
def test_twenty_draws_keep_their_limits() -> None:
    options = ["--draws", str(DRAWS), "--full-draws", "0", "--ranked", "4", "--processes", "1"]
    # Small matrices: threads of the linear algebra only wait for each other, and take twice the time on a busy machine.
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.simulate_sampling", *options],
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "240,000 people, unequal" in ended.stdout
    assert "all true places in their sets at once, 4 draws" in ended.stdout
    assert f"four quarters of inspections, {DRAWS} years" in ended.stdout
    assert "40 of 757 places, one with 9 % of all: margin_means" in ended.stdout


def test_the_truth_is_that_of_a_census() -> None:
    city = build_city(PEOPLE)
    rows = slice(0, None, 40)
    census = domain_estimates(
        city.codes[rows], scale=SCALE, weights=np.ones(6_000), strata=city.label[rows], covariance=False
    )
    plain = np.array([_mean_of(city.codes[rows, unit]) for unit in range(80)])
    np.testing.assert_allclose(census.score, plain, rtol=1e-12)
    whole = np.array([_mean_of(city.codes[:, unit]) for unit in range(80)])
    np.testing.assert_allclose(city.score, whole, rtol=1e-12)


def _mean_of(column: Codes) -> float:
    very, mostly, not_at_all = (np.count_nonzero(column == ord(code)) for code in "123")
    return (100 * very + 60 * mostly) / (very + mostly + not_at_all)


def test_a_sample_of_the_wrong_people_is_seen() -> None:
    city = build_city(PEOPLE)
    run = run_designs(PEOPLE, [2, 3], ranked=0)["unequal"]
    good = [line.good for line in draw_lines(city, run, draws=2)]
    run.included[:] = np.roll(run.included, 60_000)  # people of other strata
    assert all(good)
    assert not all(line.good for line in draw_lines(city, run, draws=2))


def test_bias_and_short_intervals_are_seen() -> None:
    chance = np.random.default_rng(1)
    errors = chance.normal(0, 1, (2_000, 80))
    assert all(line.good for line in bias_lines("fair", errors, draws=2_000))
    assert not all(line.good for line in bias_lines("shifted", errors + 0.15, draws=2_000))
    assert all(line.good for line in coverage_lines("fair", np.abs(errors) < 1.96, draws=2_000))
    assert not all(line.good for line in coverage_lines("short", np.abs(errors) < 1.80, draws=2_000))
    one_short = np.abs(errors) < np.where(np.arange(80) == 7, 1.70, 1.96)
    assert [line.good for line in coverage_lines("one short", one_short, draws=2_000)] == [True, False]


def test_a_plan_that_forgets_a_must_check_unit_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(units: Sequence[str], **given: Any) -> list[str]:
        return [unit for unit in inspect_next(units, **given) if unit != "U07"]

    monkeypatch.setattr(simulated_visits, "inspect_next", forgetful)
    years = simulated_visits.live_years(40)
    assert years.unvisited == 40
    assert years.musts_missed > 0
    assert not all(line.good for line in simulated_visits.year_lines(40))


@pytest.mark.parametrize(("pi", "draws"), [(0.01, 20), (0.1, 20), (0.02, 500)])
def test_chi_square_has_the_stated_mean_and_variance(pi: float, draws: int) -> None:
    chance = np.random.default_rng(2)
    size = 1_000
    z = []
    for _ in range(100):
        # A draw of fixed size each time, as in a simple random sample.
        times = np.zeros(size, dtype=np.int64)
        for _ in range(draws):
            times[chance.permutation(size)[: int(pi * size)]] += 1
        z.append(chi_square_z(times, pi, draws=draws)[1])
    assert abs(np.mean(z)) < 3 / np.sqrt(100)
    assert 0.7 < np.std(z) < 1.3


def test_limits_of_the_full_run_are_the_plain_ones() -> None:
    low, high = binomial_bounds(2_000, members=80)
    assert 0.93 <= low < high <= 0.97
    assert family_z(1) == pytest.approx(2.5758, abs=1e-4)
    assert frequency_z([0, 5, 10, 10], [0.5, 0.5, 0.5, 1.0], draws=10).tolist() == pytest.approx(
        [3.0973, 0.0, 3.0973], abs=1e-3
    )


def test_probabilities_that_are_not_so_are_seen_and_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = simulated_visits.villages()
    assert frame.line(range(1, 201)).good
    wrong = replace(frame, chances=np.where(frame.chances < 1, frame.chances * 0.7, 1.0))
    monkeypatch.setattr(simulated_visits, "small_frames", lambda: [frame, wrong])
    good, first, again = simulated_visits.small_frame_lines(200)
    assert good.good
    assert "missed" in first.name
    assert "2000 new draws" in again.name
    assert not again.good


def test_units_made_equal_use_up_the_five_per_cent() -> None:
    # Rank sets from a covariance that is too small exclude places that they may not.
    chance = np.random.default_rng(4)
    estimates = chance.normal(0, 1, (30, 24))
    honest = [np.all(rank_sets(score, np.eye(24), seed="1").lowest == 1) for score in estimates]
    proud = [np.all(rank_sets(score, 0.3 * np.eye(24), seed="1").lowest == 1) for score in estimates]
    assert np.mean(honest) >= 0.95 - 2 * np.sqrt(0.95 * 0.05 / 30)
    assert np.mean(proud) < 0.5


def test_residuals_that_announce_too_little_are_seen() -> None:
    chance = np.random.default_rng(5)

    def run(own: float, other: float) -> RakedRun:
        said = {"margin_means": np.full((2_000, 12), own), "weighted": np.full((2_000, 12), other)}
        errors = chance.normal(0, 1, (2_000, 12))
        covered = dict.fromkeys(said, 0.95)
        return RakedRun("margin_means", errors, said, covered, np.empty((0, 12)))  # type: ignore[arg-type]

    assert all(line.good for line in choice_lines("fair", run(0.98, 0.8), clustered=True))
    assert [line.good for line in choice_lines("worse", run(0.93, 1.0), clustered=True)] == [True, True, False, True]
    assert not choice_lines("short", run(0.8, 0.7), clustered=True)[0].good


def test_raked_clusters_are_drawn_with_their_own_probabilities() -> None:
    frame = build_frame(large=0.09)
    assert frame.people[0] == 558
    assert np.array_equal(np.bincount(frame.place), frame.people)
    run = run_raked(frame, draws=60, places=40)
    assert run.used == "margin_means"
    # Textbook residuals announce about a quarter less on the same samples.
    assert 0.65 < run.ratio(run.announced["weighted"]) / run.ratio(run.announced["margin_means"]) < 0.85
    assert len(run.repeated) == 6
    # The estimates lie about the truth, or weights and margins would not be those of the frame.
    assert np.abs(run.errors.mean(axis=0) / run.errors.std(axis=0)).max() < 4 / np.sqrt(60)
