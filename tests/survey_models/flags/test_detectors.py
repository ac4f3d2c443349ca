"""What each detector flags and what it lets pass, in cases small enough to see through."""

import numpy as np

from survey_models.flags.detectors_answers import history_shifts, share_excess, straight_sheets, unit_shifts
from survey_models.flags.detectors_counts import cell_bursts, channel_mix, ratings_over_cases, top_box, window_bursts
from survey_models.flags.rules import rule_set
from survey_models.flags.tables import Rule
from survey_models.flags.tails import FloatArray

RULES = rule_set()
OPEN, SHUT = 510.0, 1020.0


def usual_days(rng: np.random.Generator, days: int = 28, rate: int = 200) -> list[FloatArray]:
    return [np.sort(rng.uniform(OPEN, SHUT, rng.poisson(rate))) for _ in range(days)]


def test_a_burst_is_found_where_it_was() -> None:
    rng = np.random.default_rng(1)
    past = usual_days(rng)
    calm = usual_days(rng, 1)[0]
    stuffed = np.sort(np.concatenate([calm, rng.uniform(700, 705, 30)]))
    rule = RULES.rule(Rule.WINDOW_BURST)
    assert window_bursts([calm, calm], [past, past], rule) == []
    (found,) = window_bursts([calm, stuffed], [past, past], rule)
    assert found.place == 1
    assert found.p is not None
    assert found.p < 1e-6
    assert abs(int(str(found.evidence["from_minute"])) - 700) < 15
    assert int(str(found.evidence["count"])) >= 30


def test_a_half_day_a_busy_day_and_a_new_window_are_no_bursts() -> None:
    rng = np.random.default_rng(2)
    past = usual_days(rng)
    rule = RULES.rule(Rule.WINDOW_BURST)
    half = np.sort(rng.uniform(OPEN, 760, 120))
    busy = np.sort(rng.uniform(OPEN, SHUT, 600))
    tapped = rng.uniform(700, 705, 200)
    assert window_bursts([half, busy], [past, past], rule) == []
    assert window_bursts([tapped], [past[:9]], rule) == []


def test_more_ratings_than_cases_needs_both_more_and_unusual() -> None:
    rng = np.random.default_rng(3)
    cases = rng.poisson(100, (3, 29))
    ratings = (cases * 0.7).astype(np.int64)
    rule = RULES.rule(Rule.RATINGS_OVER_CASES)
    assert ratings_over_cases(ratings, cases, rule) == []
    ratings[1, -1] = cases[1, -1] + 20
    ratings[2] = cases[2] + 1
    (found,) = ratings_over_cases(ratings, cases, rule)
    assert (found.place, found.evidence["ratings"]) == (1, ratings[1, -1])
    assert ratings_over_cases(ratings, np.zeros_like(cases), rule) == []


def test_a_reminder_moves_all_cells_and_raises_nothing() -> None:
    rng = np.random.default_rng(4)
    days = np.array([20, 15, 10, 8, 6, 40])
    done = rng.poisson(np.tile(days, (20, 1)))
    issued, cohort = np.full(20, 200), np.zeros(20, dtype=np.int64)
    rule = RULES.rule(Rule.CELL_BURST)
    assert cell_bursts(done, issued, cohort, rule) == []
    done[7, -1] += 120
    (found,) = cell_bursts(done, issued, cohort, rule)
    assert found.place == 7
    assert found.evidence["issued"] == 200
    assert cell_bursts(done[:, :3], issued, cohort, rule) == []
    assert cell_bursts(done[:6], issued[:6], cohort[:6], rule) == []


def test_visited_points_have_days_of_their_own() -> None:
    done = np.zeros((20, 10), dtype=np.int64)
    done[np.arange(20), np.arange(20) // 2] = 60
    rule = RULES.rule(Rule.CELL_BURST)
    assert cell_bursts(done, np.full(20, 80), np.ones(20, dtype=np.int64), rule) == []


def test_a_cell_whose_sheets_came_by_another_way_stands_out() -> None:
    rng = np.random.default_rng(5)
    usual = np.array([0.5, 0.35, 0.05, 0.0, 0.1])
    counts = rng.multinomial(250, usual, size=20)
    cohort = np.zeros(20, dtype=np.int64)
    rule = RULES.rule(Rule.CHANNEL_MIX)
    assert channel_mix(counts, cohort, rule) == []
    counts[4] = rng.multinomial(250, [0.3, 0.2, 0.45, 0.0, 0.05])
    (found,) = channel_mix(counts, cohort, rule)
    assert (found.place, found.evidence["channel"]) == (4, 2)
    assert channel_mix(counts[:, :1], cohort, rule) == []


def test_a_day_of_top_ratings_is_measured_by_the_devices_own_past() -> None:
    rng = np.random.default_rng(6)
    n = rng.poisson(100, (4, 30))
    top = rng.binomial(n, np.array([0.5, 0.7, 0.9, 0.6])[:, None])
    rule = RULES.rule(Rule.TOP_BOX)
    assert top_box(top, n, rule) == []
    top[0, -1] = int(n[0, -1] * 0.85)
    (found,) = top_box(top, n, rule)
    assert found.place == 0
    assert top_box(top[:, -8:], n[:, -8:], rule) == []


def test_one_answer_sheets_are_those_of_twenty_units_and_more() -> None:
    rule = RULES.rule(Rule.STRAIGHT_LINING)
    sheets = np.full((4, 80), ord("1"), dtype=np.uint8)
    sheets[1, :4] = ord("2")
    sheets[2, :5] = ord("3")
    sheets[3, 19:] = ord("-")
    assert straight_sheets(sheets, rule).tolist() == [True, True, False, False]
    assert straight_sheets(np.full((2, 30), ord("-"), dtype=np.uint8), rule).tolist() == [False, False]


def test_content_everywhere_is_no_suspicion_and_one_cell_is() -> None:
    rng = np.random.default_rng(7)
    n = np.full(24, 200)
    k = rng.binomial(n, 0.4)
    cohort = np.arange(24) % 2
    rule = RULES.rule(Rule.STRAIGHT_LINING)
    assert share_excess(k, n, cohort, rule) == []
    k[3], k[5] = 150, 20
    assert [one.place for one in share_excess(k, n, cohort, rule)] == [3]
    assert share_excess(k[:5], n[:5], cohort[:5], rule) == []


def units_by_area(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    odds = rng.normal(0, 0.8, 40)[:, None] + rng.normal(0, 0.3, 8)[None, :] + rng.normal(0, 0.08, (40, 8))
    n = np.full((40, 8), 600)
    return rng.binomial(n, 1 / (1 + np.exp(-odds))), n


def test_a_unit_drummed_up_in_one_area_stands_out_from_liked_units_and_kind_areas() -> None:
    rng = np.random.default_rng(8)
    best, n = units_by_area(rng)
    rule = RULES.rule(Rule.UNIT_SHIFT)
    assert unit_shifts(best, n, rule) == []
    best[11, 3] += (n[11, 3] - best[11, 3]) // 2
    assert [one.place for one in unit_shifts(best, n, rule)] == [11 * 8 + 3]
    assert unit_shifts(best[:, :3], n[:, :3], rule) == []


def test_a_unit_is_compared_with_its_own_past_the_common_change_aside() -> None:
    rng = np.random.default_rng(9)
    before, n = units_by_area(rng)
    odds = np.log((before + 0.5) / (n - before + 0.5)) + 0.5
    now = rng.binomial(n, 1 / (1 + np.exp(-odds)))
    rule = RULES.rule(Rule.UNIT_SHIFT)
    assert history_shifts(now, n, before, n, rule) == []
    now[2, 6] += (n[2, 6] - now[2, 6]) // 2
    assert [one.place for one in history_shifts(now, n, before, n, rule)] == [2 * 8 + 6]
