"""The draw that separates equals (抽签): two parts make it, and nobody chooses both. Pure.

The public seed is thrown before witnesses, after the tie is known. The house's share was fixed when the result was
scored, before anybody knew that there would be a tie: it follows from the result's blinding value, to which the ledger
holds the house (``result_digest``), and which nobody is shown. So no seed can be tried out beforehand, and no share
can be chosen afterwards.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sampling.errors import SamplingError
from sampling.selection import draw_srs
from survey_models.core.errors import Problem
from survey_models.draws.designs import SEED


def share_of(blind: str, about: str, category: str) -> str:
    """The house's share (系统份额) of one question: hex SHA-256 over ``tie-draw``, the blinding value and the question.

    It tells nothing about the blinding value and may be published once the draw is made.
    """
    return hashlib.sha256(f"tie-draw\n{blind}\n{about}\n{category}".encode()).hexdigest()


def order(round_id: str, about: str, category: str, units: Sequence[str], *, seed: str, share: str) -> tuple[str, ...]:
    """The units, best first, by the keys of every draw: SHA-256 of ``seed,salt,code``.

    The salt is ``round/about/category/share``. Raises ``round_decision_unfit`` for a seed that was not thrown: 6 to 80
    digits or letters.
    """
    codes = sorted(units)
    if not SEED.fullmatch(seed):
        raise _unfit("种子是 6 到 80 位数字或字母", "the seed is 6 to 80 digits or letters")
    try:
        places = draw_srs(codes, n=len(codes), seed=seed, salt=f"{round_id}/{about}/{category}/{share}")
    except SamplingError as error:
        raise _unfit("种子不合要求", f"the seed does not fit, {error}") from error
    return tuple(codes[place] for place in places)


def _unfit(why: str, why_en: str) -> Problem:
    return Problem("round_decision_unfit", why=why, why_en=why_en)
