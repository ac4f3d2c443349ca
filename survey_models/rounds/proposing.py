"""Which units an earlier round names for the next one (重点单位建议): said beside the question, decided by the office.

漯河 has two sources of its key units: whom people's opinions are about, and who was graded 一般 (中) the round before.
The second is known when a round is planned like another one; the first only after the opinion wave. So they are
proposed and not filled in: what is filled in can no longer be named later.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from survey_models.rounds import history, lists, service
from survey_models.rounds.asking import Question
from survey_models.rounds.periods import Period

NEXT = "_next"
"""A consequence ``key_unit_next`` proposes units for the flag ``key_unit`` of the next round."""


def proposed(session: Session, round_id: str, flag: str, period: Period) -> list[str]:
    """Codes of the units, or of their successors in ``period``; none before the round has a result.

    Raises ``round_unknown``.
    """
    outcome = history.standing_result(session, service.get(session, round_id))
    if outcome is None:
        return []
    codes = [card.unit.code for card in outcome.cards if f"{flag}{NEXT}" in card.consequences]
    stands = lists.standing(session, codes, period)
    return sorted({one for code in codes for one in stands[code]})


def with_proposal(session: Session, one: Question, round_id: str, period: Period) -> Question:
    """A question about a flag with the units that round ``round_id`` names for it; any other as it is."""
    if not round_id or one.path[0] != "flags":
        return one
    codes = proposed(session, round_id, one.path[-1], period)
    if not codes:
        return one
    zh = f"{one.zh}；按 {round_id} 的结果建议：{'、'.join(codes)}"
    return replace(one, zh=zh, en=f"{one.en}; proposed by the result of {round_id}: {', '.join(codes)}")
