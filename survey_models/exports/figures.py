"""Short tables of an export (汇总表): counts, scores, windows, findings, as the same person sees them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.orm import Session

from survey_models.campaigns import service as campaigns
from survey_models.campaigns import tallies
from survey_models.core.clock import local_day
from survey_models.exports.columns import Cell, Column, Table
from survey_models.findings import service as findings
from survey_models.findings.machines import KIND_WORDS, Kind
from survey_models.findings.service import Who
from survey_models.questionnaires.rules import BLANK, INVALID
from survey_models.ratings import months
from survey_models.ratings.rates import Counting
from survey_models.reports.results_sheet import two_places
from survey_models.results import service as results
from survey_models.units import service as units

_PERCENT = Decimal("0.01")


def tally_table(session: Session, campaign_id: str, *, by: Sequence[str] = ("unit",)) -> Table:
    """Counts of every option by unit, or by unit within strata; refused whole where a cell is too small.

    Raises 409 before counting, ``cell_too_small``, ``cut_unknown``.
    """
    campaign = campaigns.get(session, campaign_id)
    campaigns.refuse_before_counted(session, campaign)
    form = campaigns.form_of(session, campaign)
    whole = tallies.tally(session, form, campaign_id)
    cells = tallies.cut(
        whole,
        by=list(by),
        strata=campaigns.strata_of(session, campaign_id),
        threshold=campaign.min_cell,
        joined=campaigns.joined_strata_of(session, campaign_id),
    )
    names = {item.key: item.label for item in form.items}
    heads = {"stratum": "层", "kind": "人群", "channel": "渠道", "unit": "题目代码"}
    dimensions = [name for name in ("stratum", "kind", "channel", "unit") if name in by]
    columns = [Column(name, heads[name], text=True, width=20 if name != "unit" else 12) for name in dimensions]
    if "unit" in by:
        columns.append(Column("name", "单位名称", text=True, width=28))
    columns.append(Column("n", "份数", width=8))
    labels = {**{one.code: one.label for one in form.unit_scale}, BLANK: "未填", INVALID: "无效"}
    # A name of its own for every code: blank and void are no letters.
    codes = {BLANK: "blank", INVALID: "void"}
    columns += [Column(f"n_{codes.get(code, code)}", labels.get(code, code), width=9) for code in whole.codes]
    rows: list[Sequence[Cell]] = [
        [
            *(one.labels[name] for name in dimensions),
            *([names.get(one.labels["unit"], "")] if "unit" in by else []),
            one.n,
            *(one.counts[code] for code in whole.codes),
        ]
        for one in cells
    ]
    notes = (f"计票 {int(whole.sheets.sum())} 份；单元不足 {campaign.min_cell} 份的不予列出。",)
    return _table("tallies", f"{campaign.title} 计票汇总", columns, rows, notes)


def result_table(session: Session, campaign_id: str) -> Table:
    """The newest result. Raises 409 before counting, ``result_missing``."""
    found = results.latest(session, campaign_id)
    columns = [
        Column("category", "类别", text=True, width=18),
        Column("unit", "单位代码", text=True, width=11),
        Column("name", "单位名称", text=True, width=28),
        *(
            Column(name, label, width=8)
            for name, label in (("rank", "名次"), ("rank_low", "最好"), ("rank_high", "最差"))
        ),
        *(
            Column(name, label, places=2, width=10)
            for name, label in (
                ("score", "得分"),
                ("se", "标准误"),
                ("ci_low", "区间下限"),
                ("ci_high", "区间上限"),
            )
        ),
        Column("n", "份数", width=8),
        *(
            Column(name, label, places=2, width=10)
            for name, label in (
                ("satisfied", "满意率%"),
                ("dont_know", "不了解率%"),
                ("unweighted", "未加权得分"),
            )
        ),
    ]
    rows: list[Sequence[Cell]] = [
        [
            row.category,
            row.unit_code,
            name,
            row.rank,
            row.rank_low,
            row.rank_high,
            *(_two(value) for value in (row.score, row.se, row.ci_low, row.ci_high)),
            row.n,
            *(_two(value) for value in (row.satisfied_rate, row.dont_know_rate, row.unweighted)),
        ]
        for row, name in results.rows(session, found)
    ]
    title = f"{campaigns.get(session, campaign_id).title} 测评结果"
    notes = (
        f"计票 {found.ballots} 份，第 {found.no} 次计算，校验码 SHA-256 {found.result_digest}",
        *found.method["zh"],
    )
    return _table("results", title, columns, rows, notes)


def window_table(session: Session, *, counting: Counting, at: datetime, zone: str) -> Table:
    """Every window in every counted month, with the rates that are shown of it."""
    columns = [
        Column("month", "月份", text=True, width=10),
        Column("window", "窗口代码", text=True, width=12),
        Column("name", "窗口", text=True, width=22),
        Column("hall", "大厅", text=True, width=22),
        Column("number", "窗口号", text=True, width=9),
        Column("n", "评价数", width=9),
        Column("cases", "办件数", width=9),
        *(
            Column(name, label, places=2, width=10)
            for name, label in (("good", "好评率%"), ("bad", "差评率%"), ("own", "主动评价率%"))
        ),
    ]
    rows: list[Sequence[Cell]] = []
    for month in months.counted_months(session, counting=counting, at=at, zone=zone):
        for one in months.month_table(session, month, counting=counting, at=at, zone=zone).windows:
            shown, window = one.rates, one.window
            rows.append(
                [
                    f"{month:%Y-%m}",
                    window.id,
                    window.name,
                    window.hall,
                    window.number,
                    one.n,
                    one.cases,
                    _percent(shown.good if shown else None),
                    _percent(shown.bad if shown else None),
                    _percent(one.own),
                ]
            )
    return _table("windows", "窗口评价（已结算月份）", columns, rows, ("不足 10 次的只列次数。",))


def finding_table(session: Session, *, who: Who, zone: str) -> Table:
    """The findings that a person may see, without what people wrote: kinds, states, days, what they cost."""
    heads = (
        ("id", "编号", 38),
        ("kind", "类别", 10),
        ("unit", "单位代码", 12),
        ("name", "单位名称", 28),
        ("state", "状态", 14),
        ("made_on", "登记日", 12),
        ("due_on", "期限", 12),
        ("article", "依据", 24),
        ("points", "扣分", 9),
        ("outcome", "核查结论", 12),
    )
    columns = [Column(name, label, text=True, width=width) for name, label, width in heads]
    names = {one.code: one.name for one in units.all_units(session)}
    rows: list[Sequence[Cell]] = [
        [
            str(one.id),
            KIND_WORDS[Kind(one.kind)][0],
            one.unit_code,
            names.get(one.unit_code or "", ""),
            one.state,
            f"{local_day(one.made_at, zone)}",
            None if one.due_on is None else f"{one.due_on}",
            one.article,
            one.points,
            one.outcome,
        ]
        for one in findings.listed(session, who=who, limit=None)
    ]
    return _table("findings", "问题处置台账", columns, rows, ())


def _table(
    name: str, title: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], notes: Sequence[str]
) -> Table:
    def told() -> Iterator[Sequence[Cell]]:
        return iter(rows)

    return Table(name, title, columns, len(rows), told, notes)


def _two(text: str | None) -> Decimal | None:
    printed = two_places(text)
    return None if printed is None else Decimal(printed)


def _percent(share: Fraction | None) -> Decimal | None:
    if share is None:
        return None
    return (Decimal(share.numerator * 100) / Decimal(share.denominator)).quantize(_PERCENT)
