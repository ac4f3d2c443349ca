"""Checks of what stands beside the scores (旁列数字的核对): sheets set aside, and the open QR. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from survey_models.core.canonical import blinded
from survey_models.evidence.beside import printed, recomputed_aside, recomputed_open
from survey_models.evidence.cases import Case
from survey_models.evidence.findings import Check, Missing, Told, demand
from survey_models.results.rules import UnitScore

_NEAR = Decimal("2e-9")


def aside(case: Case) -> Told:
    """Numbers, acts and reasons of what was set aside are those of the log; auditors: the scores with it, too."""
    stated, logged = case.result["set_aside"], _logged(case)
    sheets = stated["sheets"] if stated else 0
    demand(sheets == logged["set_aside"], "剔除的份数与台账不同", "another number was set aside than logged")
    acts = {body["act"]: (body["scope"], body["reason"]) for body in case.events("ballots:voided")}
    for one in stated["by"] if stated else ():
        same = acts.get(one["act"]) == (one["scope"], one["reason"])
        demand(same, f"第 {one['act']} 项剔除与台账不同", f"act {one['act']} is not as it was logged")
    if not case.is_auditors:
        return f"剔除 {sheets} 份；剔除前的得分由审计包重算", f"{sheets} set aside; scores with them: for auditors"
    whole = _whole(case)
    made = None
    if stated:
        voids, seed = whole["set_aside"]["by"], case.result["inputs"]
        made = recomputed_aside(case.ground, case.box, counted=case.cells, voids=voids, seed=seed)
    demand(_same(made, whole["set_aside"]), "剔除前的得分不符", "other scores with what was set aside")
    return f"剔除 {sheets} 份，剔除前的得分算得相同", f"{sheets} set aside; the scores with them come out the same"


def open_(case: Case) -> Told:
    """The open QR's sheets are as many as were mixed; auditors: its column, computed again from the box."""
    stated, whole = case.result["open"], _whole(case) if case.is_auditors else None
    _logged(case)
    sheets = stated["sheets"] if stated else 0
    mixes = case.events("ballots:mixed")
    mixed = sum(number for *_, channel, number in mixes[-1]["cells"] if channel == "open") if mixes else 0
    if not case.ground.form.units:
        demand(stated is None, "问卷不评单位却有扫码一栏", "a column of the open QR without a unit")
        return "问卷不评单位，没有这一栏", "the questionnaire rates no unit: no such column"
    fits = sheets <= mixed if case.voids else sheets == mixed
    demand(fits, f"扫码 {sheets} 份，混洗 {mixed} 份", f"{sheets} open sheets stated, {mixed} mixed")
    if whole is None:
        return f"扫码 {sheets} 份；这一栏由审计包重算", f"{sheets} open sheets; their column: for auditors"
    voids = case.later_voids
    made = recomputed_open(case.ground, case.box, units=_units(case), voids=voids, sheets=sheets)
    demand(_same(made, whole["open"]), "扫码一栏不符", "another column of the open QR")
    return f"扫码 {sheets} 份，这一栏算得相同", f"{sheets} open sheets; their column comes out the same"


def _whole(case: Case) -> dict[str, Any]:
    """Both with nine decimals: those of the logged digest, and what is printed of them is printed so."""
    whole = case.beside
    made = blinded(whole, case.blinds["result"])
    demand(made == _logged(case)["beside"], "旁列数字与记入的摘要不符", "what stands beside is not what was logged")
    shown = printed(whole, case.result["units"])
    same = shown == {name: case.result[name] for name in ("set_aside", "open")}
    demand(same, "公布的旁列数字不符", "what is printed beside the scores is something else")
    return whole


def _logged(case: Case) -> dict[str, Any]:
    """The entry of the newest result. One from before these figures were logged cannot be checked."""
    found = max(case.events("results:computed"), key=lambda body: int(body["no"]))
    if "beside" not in found:
        raise Missing("这份结果早于旁列数字入账", "this result is from before these figures were logged")
    return found


def _units(case: Case) -> list[UnitScore]:
    """The scores that the column is compared with."""
    categories = case.ground.categories
    if not case.cells:
        keys = [case.ground.form.items[place].key for place in case.ground.form.units]
        return [UnitScore(key, 0, 0) for key in keys if key in categories]
    return [unit for unit in case.unit_scores.units if unit.unit in categories]


def _same(made: Any, written: Any) -> bool:
    """Whether both say the same, figures within 2e-9."""
    if isinstance(made, Mapping) and isinstance(written, Mapping):
        return made.keys() == written.keys() and all(_same(made[key], written[key]) for key in made)
    if isinstance(made, list | tuple) and isinstance(written, list | tuple):
        return len(made) == len(written) and all(map(_same, made, written))
    if isinstance(made, str) and isinstance(written, str) and made != written:
        try:
            return abs(Decimal(made) - Decimal(written)) <= _NEAR
        except InvalidOperation:
            return False
    return bool(made == written)


CHECKS = (
    Check("aside", "剔除的票和剔除前的得分", "what was set aside, and the scores with it", aside),
    Check("open", "网络扫码一栏", "the column of the open QR", open_),
)
