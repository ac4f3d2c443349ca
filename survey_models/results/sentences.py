"""One plain sentence about one unit's score and place (一句话说明): never more than the data allow. Pure."""

from __future__ import annotations

from decimal import Decimal

from sampling.ranks import round_half_up
from survey_models.results.tables import ResultRow

Sentence = tuple[str, str]
WITHHELD: Sentence = ("评议的人太少，不列得分，不排名次。", "Judged by too few people: no score and no place.")


def sentence(row: ResultRow, *, level: str, ranked_of: int) -> Sentence:
    """In Chinese and English. ``level``: the stated confidence as per cent."""
    if row.score is None:
        return WITHHELD
    zh, en = _score(row, level)
    place_zh, place_en = _place(row, ranked_of)
    return f"{zh}；{place_zh}。", f"{en}; {place_en}."


def place_sentence(row: ResultRow, *, ranked_of: int) -> Sentence:
    """The place alone, for beside the figures of a table."""
    if row.score is None:
        return WITHHELD
    said = _allowed(row, ranked_of)
    return f"得分排第 {row.rank}{said[0]}。", f"Number {row.rank} by score{said[1]}."


def _score(row: ResultRow, level: str) -> Sentence:
    zh, en = (
        f"{row.n_judging} 人评议，得分 {_two(row.score)}",
        f"Judged by {row.n_judging} people, score {_two(row.score)}",
    )
    if row.ci_low is None or row.ci_high is None:
        return f"{zh}，误差算不出来", f"{en}, its error is not known"
    low, high = _two(row.ci_low), _two(row.ci_high)
    return f"{zh}，{level}% 置信区间 {low} 至 {high}", f"{en}, {level} % confidence interval {low} to {high}"


def _place(row: ResultRow, ranked_of: int) -> Sentence:
    zh, en = _allowed(row, ranked_of)
    return f"得分在 {ranked_of} 个单位中排第 {row.rank}{zh}", f"by score it is number {row.rank} of {ranked_of}{en}"


def _allowed(row: ResultRow, ranked_of: int) -> Sentence:
    low, high = row.rank_low, row.rank_high
    if low is None or high is None:
        return "，不知道数据允许的范围", ", the range that the data allow is not known"
    if low == high:
        return "，数据足以断定", ", and the data are sure of it"
    if low == 1 and high == ranked_of:
        return "，但凭这些数据任何名次都可能", ", but on these data any place is possible"
    return f"，数据允许第 {low} 至第 {high} 名", f", the data allow places {low} to {high}"


def _two(value: str | None) -> str:
    return "—" if value is None else f"{round_half_up(Decimal(value)):f}"
