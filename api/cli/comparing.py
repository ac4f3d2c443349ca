"""``pingyi rounds compare``: the data of a round under other settings, other option numbers or another scheme."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.campaigns import OFFICE
from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.core import clock
from survey_models.core.errors import Problem

if TYPE_CHECKING:
    from api.schemas.comparing import ComparisonView

POLICIES = {
    "block": "待补 waits",
    "reweight": "不计,分给其他 left out",
    "zero": "0 分 nought",
    "category_mean": "同类平均 mean of its category",
    "withhold": "不出总分 no total",
    "": "—",
}


def compare(
    ctx: typer.Context,
    found: Annotated[str, typer.Argument(help="周期编号,如 nanyang-2014-27-2015h1。 Id of the round.")],
    *,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="名称=值,或 maps.三档名.选项=分值。 NAME=VALUE, or maps.MAP.OPTION=NUMBER."),
    ] = None,
    scheme: Annotated[
        str, typer.Option(help="另一个办法:随附的或保存的。 Another scheme: a preset or a stored one.")
    ] = "",
    version: Annotated[int | None, typer.Option(min=1, help="保存的第几版。 Number of the stored version.")] = None,
    file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="另一个办法(YAML),不保存。 A scheme, not stored.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON。 Print JSON.")] = False,
) -> None:
    """同样的数据换一种设置或另一个办法会怎样。 What other settings, or another scheme, would make of the same data."""
    from api.schemas.comparing import ComparisonView
    from survey_models.rounds import comparing
    from survey_models.rounds.streams import Stage

    named = bool(scheme) or version is not None
    if (file is not None and named) or not (file or named or settings):
        raise Problem("request_malformed", where="--set --scheme --version --file")
    desk = desk_of(ctx)
    stage = Stage(clock.now(), desk.settings.timezone, desk.settings.counting)
    other = comparing.Other(scheme=scheme, version=version, text=_text(file) if file is not None else "")
    with desk.look(*OFFICE) as session:
        asked = comparing.read(session, found, settings or (), other)
        seen = ComparisonView.of(comparing.compared(session, found, asked, stage))
    if as_json:
        typer.echo(seen.model_dump_json(indent=1))
        return
    _moved(seen)
    _lacking(seen)
    say(
        f"第 {seen.no} 份得分:{sum(one.moves for one in seen.shifts)} 个单位会变,{len(seen.flips)} 对名次互换。",
        f"Result {seen.no}: {sum(one.moves for one in seen.shifts)} units move, {len(seen.flips)} pairs turn round.",
    )


def _moved(seen: ComparisonView) -> None:
    named = {one.id: f"{one.title} {one.title_en}" for one in seen.names}

    def words(*ids: str | None) -> str:
        return "、".join("—" if one is None else named.get(one, one) for one in ids)

    rows = []
    for one in seen.shifts:
        if one.moves:
            by = one.rank - one.rank_other if one.rank is not None and one.rank_other is not None else None
            step = "—" if by is None else f"↑{by}" if by > 0 else f"↓{-by}" if by < 0 else "="
            grades = words(one.grade, one.grade_other) if one.grade == one.grade_other else ""
            grades = grades or f"{words(one.grade)} → {words(one.grade_other)}"
            both = (one.printed, one.printed_other, one.rank, one.rank_other)
            shown = ("—" if value is None else value for value in both)
            rows.append((one.unit, one.name, *shown, step, grades, words(*one.gained), words(*one.gone)))
    columns = ["代码 unit", "单位 name", "得分 score", "另 other", "名次 rank", "另 other", "移动 moves", "等次 grade"]
    table([*columns, "多 gained", "少 gone"], rows)


def _lacking(seen: ComparisonView) -> None:
    """What the other scheme asks for and the round has not."""
    if seen.scheme is None:
        return
    typer.echo(f"{seen.scheme.id} {seen.scheme.version} {seen.scheme.title} {seen.scheme.digest}")
    rows = [
        (
            f"{one.title} {one.title_en}",
            f"{one.wants} {one.wants_en}",
            f"{one.why} {one.why_en}",
            len(one.units),
            POLICIES[one.policy],
        )
        for one in seen.unfed
    ]
    if rows:
        table(["指标 line", "要的 asks for", "缺的 has not", "单位 units", "按该办法 then"], rows)
    for note in seen.notes:
        say(note.zh, note.en)
    if not rows:
        say("该办法要的数据本轮都有。", "The round has all the data that it asks for.")


def _text(file: Path) -> str:
    """The text of a file. Raises ``request_malformed``."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem("request_malformed", where=file.name) from error
