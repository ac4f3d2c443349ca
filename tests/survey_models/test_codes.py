"""Ticket codes: every single wrong character and every swap is caught, without a look into the database."""

from __future__ import annotations

from functools import reduce
from itertools import combinations, permutations, product
from operator import xor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_models.core.errors import Problem
from survey_models.core.ids import ALPHABET
from survey_models.tickets import codes

PEPPER = b"p" * 32


PLACES = range(codes.LENGTH)
SAMPLE = [codes.new_code() for _ in range(20)] + ["0" * codes.LENGTH]


def alone(place: int, char: str) -> str:
    """A text of zeros but for one character: what that character adds to the weighted sum, and nothing else."""
    return "0" * place + char + "0" * (codes.LENGTH - 1 - place)


def moved(code: str, changes: dict[int, str]) -> str:
    return "".join(changes.get(place, char) for place, char in enumerate(code))


def test_every_single_substitution_of_a_code_is_caught() -> None:
    tried = 0
    for code in SAMPLE:
        for place, char in product(PLACES, ALPHABET):
            if char != code[place]:
                assert not codes.looks_like_code(moved(code, {place: char}))
                tried += 1
    assert tried == len(SAMPLE) * 16 * 31


def test_every_swap_of_two_different_characters_of_a_code_is_caught() -> None:
    swapped = 0
    for code in SAMPLE:
        for left, right in combinations(PLACES, 2):
            if code[left] != code[right]:
                assert not codes.looks_like_code(moved(code, {left: code[right], right: code[left]}))
                swapped += 1
    assert swapped > 1500


def test_the_weighted_sum_is_linear_so_that_a_proof_for_differences_holds_for_all_codes() -> None:
    """The sum of a code is the XOR of what its characters add one by one: checked for every place and character."""
    adds = {(place, char): codes.weighted_sum(alone(place, char)) for place, char in product(PLACES, ALPHABET)}
    for code in SAMPLE:
        assert codes.weighted_sum(code) == reduce(xor, (adds[place, char] for place, char in enumerate(code)))
    # Characters are vectors over GF(2): what their XOR adds is the XOR of what they add, at every place.
    for place, left, right in product(PLACES, range(32), range(32)):
        both = adds[place, ALPHABET[left]] ^ adds[place, ALPHABET[right]]
        assert adds[place, ALPHABET[left ^ right]] == both


def test_no_substitution_and_no_swap_whatever_the_code_leaves_the_sum_as_it_was() -> None:
    """The whole proof: by linearity an error is caught unless what it changes adds up to nothing.

    All 16 x 32 x 31 substitutions (place, old, new) and all 120 x 32 x 31 swaps (two places, two values).
    """
    adds = [[codes.weighted_sum(alone(place, char)) for char in ALPHABET] for place in PLACES]
    proved = 0
    for place, (old, new) in product(PLACES, permutations(range(32), 2)):
        assert adds[place][old] ^ adds[place][new] != 0
        proved += 1
    for (left, right), (one, other) in product(combinations(PLACES, 2), permutations(range(32), 2)):
        before, after = adds[left][one] ^ adds[right][other], adds[left][other] ^ adds[right][one]
        assert before != after
        proved += 1
    assert proved == (16 + 120) * 32 * 31


def test_a_code_has_75_random_bits_and_its_look_alikes_are_read() -> None:
    code = codes.new_code()
    assert len(code) == 16
    assert len({codes.new_code() for _ in range(1000)}) == 1000
    typed = f" {codes.printed(code).lower()} ".replace("0", "o").replace("1", "l")
    assert codes.normalise(typed) == code


@pytest.mark.parametrize("text", ["", "123", "UUUU-UUUU-UUUU-UUUU", "1234-5678-9ABC-DEFG-H", "票" * 16])
def test_what_is_no_code_is_mistyped(text: str) -> None:
    with pytest.raises(Problem) as refused:
        codes.normalise(text)
    assert refused.value.code == "ticket_mistyped"


@given(st.text(max_size=40))
def test_any_text_is_a_code_or_mistyped(text: str) -> None:
    if codes.looks_like_code(text):
        assert codes.looks_like_code(codes.normalise(text))
    else:
        with pytest.raises(Problem):
            codes.normalise(text)


def test_the_digest_depends_on_campaign_and_key() -> None:
    code = codes.new_code()
    first = codes.digest(code, campaign_id="a", pepper=PEPPER)
    assert len(first) == 32
    assert first != codes.digest(code, campaign_id="b", pepper=PEPPER)
    assert first != codes.digest(code, campaign_id="a", pepper=b"q" * 32)
    assert code.encode() not in first
