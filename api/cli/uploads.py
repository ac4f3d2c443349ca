"""``pingyi uploads``: contractors' files (上传) of collected paper questionnaires."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.campaigns import Campaign
from api.cli.desk import Desk, desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from survey_models.uploads.rules import Fault

app = typer.Typer(
    help="上传:模板、检查、送交、确认。 Contractors' files: template, check, send, accept.", no_args_is_help=True
)

ROLES = (Role.SETUP, Role.CONTRACTOR)
READERS = (*ROLES, Role.AUDITOR)
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="填好的文件。 The filled-in file.")]
Upload = Annotated[uuid.UUID, typer.Argument(help="上传编号。 Id of the upload.")]
SHOWN = 50
Maps = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="COLUMN=TEMPLATE",
        help="某列（列名或字母）是模板的哪一列，可多次写；等号后空着表示不读取。"
        " What a column (heading or letters) stands for; repeat; nothing behind the sign: not read.",
    ),
]


def _only(desk: Desk) -> str | None:
    """Whose files the person may see: the office all of them, a contractor its own."""
    actor = desk.actor(*READERS)
    return actor.name if Role.CONTRACTOR in actor.roles else None


def _own(desk: Desk, session: Session, campaign_id: str) -> None:
    """A contractor works on the campaigns assigned to it alone. Raises ``not_own_campaign``."""
    from survey_models.accounts import assignments

    actor = desk.actor(*READERS)
    if Role.CONTRACTOR in actor.roles:
        assignments.check(session, actor.id, campaign_id)


def _show(faults: Iterable[Fault]) -> None:
    rows = [(f.params.get("cell") or f.row, f.problem().sentence(), f.problem().remedy(), f.code) for f in faults]
    table(["单元格 cell", "问题 fault", "怎么改 remedy", "代码 code"], rows[:SHOWN])
    if len(rows) > SHOWN:
        say(f"还有 {len(rows) - SHOWN} 处。", f"{len(rows) - SHOWN} more.")


@app.command()
def template(
    ctx: typer.Context,
    campaign: Campaign,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, help="写到哪个文件。 File to write (default: CAMPAIGN-ballots.xlsx).")
    ] = None,
) -> None:
    """写出录入模板(xlsx 或 csv)。 Write the template, xlsx or csv by its ending."""
    from survey_models.uploads import service

    path = out or Path(f"{campaign}-ballots.xlsx")
    desk = desk_of(ctx)
    with desk.look(*ROLES) as session:
        _own(desk, session, campaign)
        path.write_bytes(service.template(session, campaign, ending=path.suffix.lower()))
    say(f"已写入 {path}。", f"Written to {path}.")


def _said(maps: list[str] | None) -> dict[str, str]:
    pairs = [one.rpartition("=") for one in maps or []]
    if not all(sign and column for column, sign, _ in pairs):
        raise typer.BadParameter("COLUMN=TEMPLATE", param_hint="--map")
    return {column: target for column, _, target in pairs}


@app.command()
def columns(ctx: typer.Context, campaign: Campaign, file: File, maps: Maps = None) -> None:
    """文件的每一列对应模板的哪一列。 What each column of a file is taken for."""
    from survey_models.uploads import arrivals, service
    from survey_models.uploads.rules import column_letters

    desk = desk_of(ctx)
    by = desk.actor(*ROLES).name
    with desk.look(*ROLES) as session:
        _own(desk, session, campaign)
        arrival = service.examine(file.name, file.read_bytes())
        found = arrivals.columns_of(session, campaign, arrival, by=by, said=_said(maps))
    rows = [(column_letters(at), one.heading, one.target or "-", one.how.value) for at, one in enumerate(found)]
    table(["列", "文件中的列 in the file", "模板的列 in the template", "如何得知 how"], rows)


@app.command()
def check(ctx: typer.Context, campaign: Campaign, file: File, maps: Maps = None) -> None:
    """检查文件,不保存。 Check a file without storing it; exit code 1 if it has faults."""
    from survey_models.uploads import service

    desk = desk_of(ctx)
    by = desk.actor(*ROLES).name
    with desk.look(*ROLES) as session:
        _own(desk, session, campaign)
        arrival = service.examine(file.name, file.read_bytes())
        verdict = service.try_out(session, campaign, arrival, by=by, said=_said(maps))
    if verdict.faults:
        _show(verdict.faults)
    say(f"{verdict.rows} 行,{verdict.total} 处错误。", f"{verdict.rows} rows, {verdict.total} faults.")
    if verdict.total:
        raise typer.Exit(1)


@app.command()
def send(ctx: typer.Context, campaign: Campaign, file: File, maps: Maps = None) -> None:
    """送交文件,由后台任务检查。 Send a file; a background job checks it."""
    from survey_models.uploads import arrivals, service
    from survey_models.uploads.columns import confirmed

    desk = desk_of(ctx)
    desk.actor(*ROLES)
    arrival = service.examine(file.name, file.read_bytes())
    with desk.work(*ROLES) as work:
        _own(desk, work.session, campaign)
        if said := _said(maps):
            found = arrivals.columns_of(work.session, campaign, arrival, by=work.by, said=said)
            arrivals.remember(work.session, campaign, arrival.sheet.header, confirmed(found), by=work.by)
        upload, repeated = service.receive(work.session, arrival, campaign_id=campaign, by=work.by, at=work.at)
    zh, en = ("以前收过", "had come before") if repeated else ("已收下", "is received")
    say(f"{upload.id} {zh},状态 {upload.state}。", f"{upload.id} {en}, state {upload.state}.")


@app.command("list")
def list_(
    ctx: typer.Context, campaign: Annotated[str | None, typer.Option(help="只看这项评议。 Only this campaign.")] = None
) -> None:
    """列出上传的文件。 List the uploads, newest first."""
    from survey_models.accounts import assignments
    from survey_models.uploads import service

    desk = desk_of(ctx)
    only = _only(desk)
    with desk.look(*READERS) as session:
        found = [
            row
            for row in service.listed(session, campaign_id=campaign, sent_by=only)
            if only is None or row.campaign_id in assignments.campaigns_of(session, desk.actor(*READERS).id)
        ]
        rows = [(row.id, row.campaign_id, row.filename, row.state, row.rows, row.entered, row.sent_by) for row in found]
    table(["编号 id", "评议 campaign", "文件 file", "状态 state", "行 rows", "已录 entered", "送交人 sent by"], rows)


@app.command()
def show(ctx: typer.Context, upload: Upload) -> None:
    """一次上传的状态、汇总和错误。 State, summary and faults of an upload."""
    from survey_models.uploads import service

    desk = desk_of(ctx)
    only = _only(desk)
    with desk.look(*READERS) as session:
        found = service.get(session, upload, sent_by=only)
        _own(desk, session, found.campaign_id)
        faults = service.faults_of(session, upload)
    typer.echo(f"{found.filename} {found.state} {found.entered}/{found.rows} {found.reason or ''}".rstrip())
    cells = found.summary.get("cells", [])
    if cells:
        names = ("area", "kind", "point", "rows")
        table(["地区 area", "类别 kind", "测评点 point", "行 rows"], [[row[name] for name in names] for row in cells])
        alike, few = found.summary["alike"], found.summary["few"]
        say(
            f"几乎全选同一项:{alike} 行;答得很少:{few} 行。",
            f"Nearly one answer throughout: {alike}; few ratings: {few}.",
        )
    if faults:
        _show(faults)


@app.command()
def accept(ctx: typer.Context, upload: Upload) -> None:
    """确认检查通过的文件,由后台任务录入。 Confirm a checked file; a background job enters its rows."""
    from survey_models.uploads import service

    desk = desk_of(ctx)
    only = _only(desk)
    with desk.work(*ROLES) as work:
        _own(desk, work.session, service.get(work.session, upload, sent_by=only).campaign_id)
        service.accept(work.session, upload, by=work.by, at=work.at, sent_by=only)
    say(f"{upload} 正在录入。", f"{upload} is being entered.")


@app.command()
def withdraw(
    ctx: typer.Context, upload: Upload, reason: Annotated[str, typer.Option(help="理由。 The reason.")]
) -> None:
    """撤回文件(计票之前)。 Withdraw a file, until counting begins."""
    from survey_models.uploads import service

    desk = desk_of(ctx)
    only = _only(desk)
    with desk.work(*ROLES) as work:
        _own(desk, work.session, service.get(work.session, upload, sent_by=only).campaign_id)
        service.withdraw(work.session, upload, reason=reason, by=work.by, at=work.at, sent_by=only)
    say(f"{upload} 已撤回。", f"{upload} is withdrawn.")


@app.command()
def marked(
    ctx: typer.Context,
    upload: Upload,
    out: Annotated[Path, typer.Argument(dir_okay=False, help="写到哪个 xlsx。 The xlsx to write.")],
) -> None:
    """取回标出错误的文件。 Get a faulty file back with its faulty cells marked."""
    from survey_models.reports import marked_file
    from survey_models.uploads import service

    desk = desk_of(ctx)
    only = _only(desk)
    with desk.look(*ROLES) as session:
        service.get(session, upload, sent_by=only)
        content = marked_file.render(service.sent_sheet(session, upload), service.faults_of(session, upload))
    out.write_bytes(content)
    say(f"已写入 {out}。", f"Written to {out}.")
