"""Near-duplicates: no pair is missed, one-answer sheets are left alone."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_models.flags.near_duplicates import close_pairs, near_duplicates
from survey_models.flags.rules import rule_set
from survey_models.flags.tables import Rule

RULE = rule_set().rule(Rule.NEAR_DUPLICATES)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text("123-", min_size=70, max_size=70), min_size=1, max_size=6, unique=True),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 69), st.sampled_from("0123")), max_size=30),
    st.integers(1, 3),
)
def test_close_pairs_are_those_of_a_plain_comparison(
    texts: list[str], changes: list[tuple[int, int, str]], unlike: int
) -> None:
    sheets = set(texts)
    for number, place, code in changes:
        text = sorted(sheets)[number % len(sheets)]
        sheets.add(text[:place] + code + text[place + 1 :])
    rows = np.array([list(text.encode()) for text in sorted(sheets)], dtype=np.uint8)
    expected = {(a, b) for a, b in combinations(range(len(rows)), 2) if (rows[a] != rows[b]).sum() <= unlike}
    assert {(int(a), int(b)) for a, b in close_pairs(rows, unlike)} == expected


def test_clusters_hold_the_copies_and_nobody_else() -> None:
    rng = np.random.default_rng(3)
    sheets = rng.choice(list(b"1230"), size=(300, 80)).astype(np.uint8)
    copies = [5, 40, 41, 77, 120, 200, 299]
    for place in copies:
        sheets[place] = sheets[5]
        sheets[place, rng.integers(80)] = ord("1")
    sheets[150] = sheets[151] = sheets[152]
    found = near_duplicates(sheets, RULE)
    assert [one.evidence for one in found] == [{"count": 7, "sheets": copies}]


def test_content_people_and_sheets_given_up_halfway_are_no_copies() -> None:
    sheets = np.full((60, 80), ord("1"), dtype=np.uint8)
    sheets[30:, 12:] = ord("-")
    assert near_duplicates(sheets, RULE) == []
    assert near_duplicates(sheets[:, :10], RULE) == []
