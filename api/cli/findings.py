"""``pingyi findings``: inspections, complaints, bad ratings and supervision notices (问题处置)."""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.desk import Desk, desk_of
from api.cli.speaking import say, table
from survey_models.core import clock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from survey_models.findings.rules import Price
    from survey_models.findings.service import Who
    from survey_models.findings.tables import Finding

app = typer.Typer(
    help="问题处置:明查暗访、投诉、差评、督办。 Findings: inspections, complaints, bad ratings, notices.",
    no_args_is_help=True,
)
Id = Annotated[uuid.UUID, typer.Argument(help="编号。 Its id.")]
Text = Annotated[str, typer.Option(help="说明。 Words.")]
Matter = Annotated[str, typer.Option(help="事项:同一事项不重复扣分的写同样的字。 The matter: of one, charged once.")]
Limit = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="期限。 The limit, 2027-01-31.")]
PriceText = Annotated[
    str, typer.Option(help="扣分项:轮次/指标/规则[/分值[/时段]]。 round/component/rule[/points[/period]].")
]


@app.command("list")
def list_(
    ctx: typer.Context, kind: Annotated[str, typer.Option(help="类别。 Kind.")] = "", state: Text = "", unit: Text = ""
) -> None:
    """列出能看到的问题,最新的在前。 List the findings you may see, newest first."""
    from survey_models.findings import service
    from survey_models.findings.machines import Kind

    desk = desk_of(ctx)
    with desk.look() as session:
        wanted = Kind(kind) if kind else None
        found = service.listed(session, who=_who(desk), kind=wanted, state=state or None, unit_code=unit or None)
        _table(found)


@app.command()
def waiting(ctx: typer.Context, days: Annotated[int, typer.Option(min=0, max=60)] = 3) -> None:
    """逾期的和即将到期的。 What is overdue or falls due soon."""
    from survey_models.findings import lists

    desk = desk_of(ctx)
    with desk.look() as session:
        found = lists.waiting(session, who=_who(desk), at=clock.now(), terms=desk.settings.terms, days=days)
        rows = [
            (one.due_on, "逾期 overdue" if one.overdue else "", one.finding.id, one.finding.kind, one.waits_for)
            for one in found
        ]
    table(["期限 due", "", "编号 id", "类别 kind", "等谁 waits for"], rows)


@app.command()
def show(ctx: typer.Context, finding: Id) -> None:
    """一件的各个环节,和现在能办的。 The steps of one, and those that may be taken now."""
    from survey_models.findings import service

    desk, at = desk_of(ctx), clock.now()
    with desk.look() as session:
        who = _who(desk)
        found = service.get(session, finding, who=who)
        steps = service.steps_of(session, found)
        moves = service.moves_for(session, found, who=who, at=at, terms=desk.settings.terms)
        _table([found])
        table(["环节 step", "状态 state", "谁 who", "说明 words"], [(s.move, s.state_to, s.by, s.note) for s in steps])
    say(f"现在可以办:{', '.join(moves) or '无'}。", f"Steps now: {', '.join(moves) or 'none'}.")


@app.command("open")
def open_(ctx: typer.Context, kind: str, unit: str, *, text: Text, limit: Limit = None, plan: Text = "") -> None:
    """记录一个问题,或下达督办通知。 Record a finding, or send a supervision notice."""
    from survey_models.findings import service
    from survey_models.findings.machines import Kind
    from survey_models.findings.rules import NewFinding

    desk = desk_of(ctx)
    new = NewFinding(Kind(kind), unit, text, plan=plan, limit=limit.date() if limit else None)
    with desk.work() as work:
        found = service.open_(work.session, new, who=_who(desk), at=work.at, terms=desk.settings.terms)
        say(f"已登记:{found.id}。", f"Recorded: {found.id}")


@app.command()
def move(
    ctx: typer.Context,
    finding: Id,
    name: Annotated[str, typer.Argument(help="环节。 The step.")],
    *,
    note: Text = "",
    limit: Limit = None,
    unit: Text = "",
    matter: Matter = "",
    told: Annotated[bool, typer.Option(help="已告知本人。 The person was told.")] = False,
    file: Annotated[list[uuid.UUID], typer.Option(help="先前提交的材料。 A file handed in before.")] = [],  # noqa: B006
    price: PriceText = "",
) -> None:
    """办理一个环节。 Take a step."""
    from survey_models.findings import service
    from survey_models.findings.rules import Given

    desk, day = desk_of(ctx), limit.date() if limit else None
    given = Given(note, day, unit, matter, told, _price(price, matter) if price else None, tuple(file))
    with desk.work() as work:
        found = service.move(work.session, finding, name, given, who=_who(desk), at=work.at, terms=desk.settings.terms)
        _table([found])


@app.command()
def attach(ctx: typer.Context, finding: Id, file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """提交佐证材料,打印它的编号。 Hand in evidence; its id is printed."""
    from survey_models.findings import files

    desk = desk_of(ctx)
    handed = files.Handed(file.read_bytes(), file.name)
    limit, zone = desk.settings.max_upload_bytes, desk.settings.timezone
    with desk.work() as work:
        kept = files.attach(work.session, finding, handed, who=_who(desk), at=work.at, zone=zone, limit=limit)
        say(f"已保存 {kept.id},SHA-256 {kept.sha256}。", f"Kept as {kept.id}, SHA-256 {kept.sha256}.")


@app.command()
def notice(
    ctx: typer.Context,
    finding: Id,
    *,
    out: Annotated[
        Path, typer.Option(dir_okay=False, help="写到哪个文件,.docx 或 .pdf。 File to write, .docx or .pdf.")
    ],
) -> None:
    """写出整改通知书或督办通知。 Write the notice of a finding."""
    from survey_models.core.errors import Problem
    from survey_models.publications import notices
    from survey_models.reports.typesetting import ENDINGS, typeset

    desk, ending = desk_of(ctx), out.suffix[1:].lower()
    if ending not in ENDINGS:
        raise Problem("document_unknown", name=out.name)
    with desk.look() as session:
        paper = notices.paper_of(session, finding, who=_who(desk), zone=desk.settings.timezone)
    out.write_bytes(typeset(paper, ending, named=desk.settings.font))
    say(f"已写入 {out}:{paper.title}。", f"Written to {out}.")


@app.command()
def discretion(
    ctx: typer.Context, finding: Id, name: str, *, price: PriceText, note: Text, matter: Matter = ""
) -> None:
    """提出酌情扣分,由另一人批准。 Ask for discretionary points; another person confirms."""
    from api import acts
    from survey_models.accounts.rules import Role
    from survey_models.findings.acts import params_of
    from survey_models.ledger.events import SYSTEM_LOG

    desk = desk_of(ctx)
    params = params_of(finding, name, _price(price, matter), note)
    with desk.work(Role.SETUP) as work:
        act = acts.ask(
            work.session,
            acts.PRICE_FINDING,
            target=SYSTEM_LOG,
            by=work.by,
            at=work.at,
            settings=desk.settings,
            params=params,
        )
        say(f"已提出,编号 {act.number}。", f"Asked for, number {act.number}; another person confirms.")


@app.command("must-check")
def must_check(ctx: typer.Context, plan: str) -> None:
    """上次计划中发现问题的单位:下次必查。 Units with a problem in a plan: they are in the next draw."""
    from survey_models.accounts.rules import Role
    from survey_models.findings import lists

    with desk_of(ctx).look(Role.SETUP, Role.AUDITOR) as session:
        for code in lists.must_check(session, plan):
            typer.echo(code)


def _who(desk: Desk) -> Who:
    from survey_models.findings.service import Who

    actor = desk.actor()
    return Who(actor.name, actor.roles, actor.unit_code, actor.area_code)


def _price(text: str, matter: str) -> Price:
    from survey_models.core.errors import Problem
    from survey_models.findings.rules import Price, points_of

    parts = [*text.split("/"), "", ""]
    if not 5 <= len(parts) <= 7 or not all(parts[:3]):
        raise Problem("request_malformed", where="price")
    return Price(parts[0], parts[1], parts[2], points=points_of(parts[3]), period=parts[4], matter=matter)


def _table(found: Iterable[Finding]) -> None:
    rows = [(one.id, one.kind, one.unit_code or "", one.state, one.due_on or "", one.flags) for one in found]
    table(["编号 id", "类别 kind", "单位 unit", "状态 state", "期限 due", "标记 flags"], rows)
