"""Seven known ways of stuffing, put into the honest city (已知的七种作弊), each with the place where it was put."""

from __future__ import annotations

import numpy as np

from benchmarks.stuffing_city import BEST, UNITS, Campaign, Hall, Rng

BURST, BURST_MINUTES = 30, 5
OVER_CASES = 0.30
STRAIGHT = 0.25
SPEEDERS = 0.25
SHIFT = 0.40
COPIES, COPIES_OF_EACH = 0.05, 25
SURGE = 0.50


def burst_at_window(hall: Hall, rng: Rng, minutes: float = BURST_MINUTES) -> int:
    """30 top ratings, tapped in a row within ``minutes``, on the last day of the window with 300 ratings a day."""
    window, times = 0, hall.minutes[0][-1]
    begin = rng.uniform(times.min(), times.max() - minutes)
    hall.minutes[window][-1] = np.sort(np.concatenate([times, begin + rng.uniform(0, minutes, BURST)]))
    hall.ratings[window, -1] += BURST
    hall.top[window, -1] += BURST
    return window


def more_ratings_than_cases(hall: Hall, rng: Rng, share: float = OVER_CASES) -> int:
    """One window's ratings of the last day are driven to ``share`` above its finished cases, all day long."""
    window = int(rng.integers(len(hall.rate)))
    wanted = int(np.ceil(hall.cases[window, -1] * (1 + share)))
    more = max(0, wanted - int(hall.ratings[window, -1]))
    hall.ratings[window, -1] += more
    hall.top[window, -1] += more
    return window


def straight_lined(campaign: Campaign, rng: Rng, share: float = STRAIGHT) -> int:
    """In one cell ``share`` of the sheets are replaced by sheets with the best answer throughout."""
    cell = int(rng.integers(len(campaign.area)))
    mine = np.flatnonzero(campaign.cell == cell)
    campaign.answers[rng.choice(mine, int(share * len(mine)), replace=False)] = BEST
    return cell


def speeders(campaign: Campaign, rng: Rng, share: float = SPEEDERS) -> int:
    """In one group ``share`` of the sheets were filled faster than anybody reads."""
    cell = int(rng.integers(len(campaign.area)))
    mine = np.flatnonzero(campaign.cell == cell)
    campaign.fast[rng.choice(mine, int(share * len(mine)), replace=False)] = True
    return cell


def drummed_up(campaign: Campaign, rng: Rng, share: float = SHIFT) -> int:
    """In one area ``share`` of the people who judge one unit were won for the best answer (拉票)."""
    area, unit = int(rng.integers(campaign.area.max() + 1)), int(rng.integers(UNITS))
    mine = np.flatnonzero((campaign.area[campaign.cell] == area) & np.isin(campaign.answers[:, unit], list(b"123")))
    campaign.answers[rng.choice(mine, int(share * len(mine)), replace=False), unit] = BEST
    return unit * int(campaign.area.max() + 1) + area


def copied(campaign: Campaign, rng: Rng, share: float = COPIES) -> set[int]:
    """``share`` of all sheets are copies of a few varied sheets, 25 of each, with up to two changes each."""
    n = int(share * len(campaign.answers))
    turns = (campaign.answers[:, 1:] != campaign.answers[:, :-1]).sum(axis=1)
    masters = rng.choice(np.flatnonzero(turns >= 24), max(1, n // COPIES_OF_EACH), replace=False)
    places = rng.choice(len(campaign.answers), n, replace=False)
    for number, place in enumerate(places):
        campaign.answers[place] = campaign.answers[masters[number % len(masters)]]
        changed = rng.choice(UNITS, int(rng.integers(0, 3)), replace=False)
        campaign.answers[place, changed] = rng.choice(list(b"123"), len(changed))
    return {int(place) for place in places}


def late_surge(campaign: Campaign, rng: Rng, share: float = SURGE) -> int:
    """In one cell ``share`` of the tickets that were never used are all used on the last day."""
    cell = int(rng.integers(len(campaign.area)))
    unused = int(campaign.issued[cell] - campaign.done[cell].sum())
    campaign.done[cell, -1] += int(share * unused)
    return cell
