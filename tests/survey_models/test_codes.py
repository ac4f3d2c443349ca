"""Ticket codes: every single wrong character and every swap is caught, without a look into the database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_models.core.errors import Problem
from survey_models.core.ids import ALPHABET
from survey_models.tickets import codes

PEPPER = b"p" * 32


def test_every_single_substitution_is_caught() -> None:
    code = codes.new_code()
    for place in range(codes.LENGTH):
        for char in ALPHABET:
            if char != code[place]:
                assert not codes.looks_like_code(code[:place] + char + code[place + 1 :])


def test_every_swap_of_two_different_characters_is_caught() -> None:
    swapped = 0
    for _ in range(40):
        code = codes.new_code()
        for left in range(codes.LENGTH):
            for right in range(left + 1, codes.LENGTH):
                if code[left] != code[right]:
                    chars = list(code)
                    chars[left], chars[right] = chars[right], chars[left]
                    assert not codes.looks_like_code("".join(chars))
                    swapped += 1
    assert swapped > 4000


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
