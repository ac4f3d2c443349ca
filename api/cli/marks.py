"""``pingyi marks``: marks that other offices send in (部门评分)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.desk import desk_of
from api.cli.faults import shown
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role
from survey_models.core import clock

app = typer.Typer(
    help="部门评分:模板、导入、审核、缺项。 Marks of offices: template, import, approval, what is missing.",
    no_args_is_help=True,
)
RoundId = Annotated[str, typer.Argument(metavar="ROUND", help="评议编号。 Id of the round.")]
PartId = Annotated[str, typer.Argument(metavar="PART", help="指标编号,如 C3。 Id of the part, such as C3.")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="填好的评分表。 The filled-in workbook.")]
WATCHING = (Role.SETUP, Role.RELEASE, Role.AUDITOR, Role.ASSESSOR)


@app.command()
def template(
    ctx: typer.Context,
    round_id: RoundId,
    part: PartId,
    out: Annotated[Path | None, typer.Option(dir_okay=False, help="写到哪个文件。 File to write.")] = None,
) -> None:
    """写出评分表,已列好单位和已报的分。 Write the workbook, filled with units and the marks known so far."""
    from survey_models.marks import rules, service, sheets
    from survey_models.rounds import running

    desk = desk_of(ctx)
    path = out or Path(f"{round_id}-{part}.xlsx")
    with desk.look(Role.ASSESSOR) as session:
        of = service.field_of(session, round_id, part)
        rules.check_office(of.part, desk.actor(Role.ASSESSOR).office)
        path.write_bytes(sheets.template(of, round_title=running.scheme_of(session, round_id)[0].title))
    say(f"已写入 {path}。", f"Written to {path}.")


@app.command("import")
def import_(
    ctx: typer.Context,
    round_id: RoundId,
    part: PartId,
    file: File,
    attachment: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="盖章的评分表,PDF 或图片。 The signed paper.")
    ] = None,
) -> None:
    """报分:整份收下,或列出全部错误。 Send marks: all of them, or a list of every fault."""
    from survey_models.hotline.rules import media_of
    from survey_models.marks import service, sheets
    from survey_models.spreadsheets.read import read

    desk = desk_of(ctx)
    office = desk.actor(Role.ASSESSOR).office
    content, paper = file.read_bytes(), attachment.read_bytes() if attachment else b""
    if paper:
        media_of(paper)
    sheet = read(content, file.name)
    with shown(), desk.work(Role.ASSESSOR) as work:
        filled = sheets.filled(sheet, service.field_of(work.session, round_id, part))
        papers = service.Papers(file.name, content, attachment.name if attachment else "", paper)
        sent = service.enter(
            work.session,
            round_id,
            part,
            filled.entries,
            office=office,
            by=work.by,
            at=work.at,
            papers=papers,
            columns=filled.columns,
        )
    say(
        f"新报 {sent.entered} 个,更正 {sent.corrected} 个,未变 {sent.unchanged} 个;等待另一人审核。",
        f"{sent.entered} new, {sent.corrected} corrected, {sent.unchanged} unchanged; another person approves them.",
    )


@app.command()
def approve(
    ctx: typer.Context,
    round_id: RoundId,
    part: PartId,
    unit: Annotated[list[str] | None, typer.Option(help="只审核这些单位。 These units alone.")] = None,
) -> None:
    """审核另一人报的分,此后计入。 Approve what another person sent; from now on it counts."""
    from survey_models.marks import service

    desk = desk_of(ctx)
    actor = desk.actor(Role.RELEASE, Role.ASSESSOR)
    with desk.work(Role.RELEASE, Role.ASSESSOR) as work:
        number = service.approve(
            work.session,
            round_id,
            part,
            units=unit or None,
            office=actor.office,
            release=Role.RELEASE in actor.roles,
            by=work.by,
            at=work.at,
        )
    say(f"审核了 {number} 个。", f"{number} approved.")


@app.command()
def missing(ctx: typer.Context, round_id: RoundId) -> None:
    """还缺哪些分、何时应报。 Which marks are missing, and when they were due."""
    from survey_models.marks import standing

    desk = desk_of(ctx)
    zone = desk.settings.timezone
    actor = desk.actor(*WATCHING)
    whole = {Role.SETUP, Role.RELEASE, Role.AUDITOR}.intersection(actor.roles)
    today = clock.local_day(clock.now(), zone)
    with desk.look(*WATCHING) as session:
        found = standing.missing(session, round_id, zone=zone)
        rows = [
            (one.part, one.office, one.unit, one.name, one.state.value, one.due, "逾期 late" if one.late(today) else "")
            for one in found
            if whole or one.office == actor.office
        ]
    table(["指标 part", "机构 office", "单位 unit", "名称 name", "情况 state", "应报 due", ""], rows)
    say(f"缺 {len(rows)} 个。", f"{len(rows)} missing.")
