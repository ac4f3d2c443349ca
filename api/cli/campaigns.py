"""``pingyi campaigns``: campaigns (评议活动) and their states."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role
from survey_models.core.errors import Problem

app = typer.Typer(help="评议活动:查看、开放、结束、计票。 Campaigns: look, open, close, count.", no_args_is_help=True)

Campaign = Annotated[str, typer.Argument(help="评议编号,如 luohe。 Id of the campaign.")]
OFFICE = (Role.SETUP, Role.RELEASE, Role.AUDITOR)


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """列出评议活动。 List the campaigns."""
    from survey_models.campaigns import queries

    with desk_of(ctx).look(*OFFICE) as session:
        rows = [
            (row.id, row.title, row.state, row.purpose, *queries.ticket_totals(session, row.id))
            for row in queries.all_campaigns(session)
        ]
    table(["编号 id", "名称 title", "状态 state", "性质 purpose", "发出 issued", "收回 done"], rows)


@app.command()
def show(
    ctx: typer.Context,
    campaign: Campaign,
    out: Annotated[Path | None, typer.Option(help="另存为 xlsx。 Write the board as xlsx, too.")] = None,
) -> None:
    """一项评议的状态和各层进度。 State of a campaign and progress by stratum and point."""
    from survey_models.campaigns import rules, service
    from survey_models.core import clock
    from survey_models.fieldwork import board

    desk = desk_of(ctx)
    at, zone = clock.now(), desk.settings.timezone
    with desk.look(*OFFICE) as session:
        found = service.get(session, campaign)
        cells = board.rows(session, found, at=at, zone=zone)
        content = board.sheet(found, cells, at=clock.local_text(at, zone))
    typer.echo(f"{found.id} {found.title} {found.state} → {', '.join(rules.possible(found.state)) or '-'}")
    rows = [
        (f"{one.area} {one.kind}", one.point, one.issued, one.opened, one.done, one.invalid, one.target, one.forecast)
        for one in cells
    ]
    heads = ["层 stratum", "测评点 point", "发出 issued", "打开 opened", "收回 done", "无效 invalid"]
    table([*heads, "目标 target", "预计 forecast"], rows)
    if out is not None:
        out.write_bytes(content)
        say(f"已写入 {out}。", f"Written to {out}.")


@app.command()
def notice(
    ctx: typer.Context,
    campaign: Campaign,
    contact: Annotated[str, typer.Option(help="单位和电话。 Office and telephone.")] = "",
    text: Annotated[
        list[str] | None, typer.Option(help="语言=一段说明,语言为 zh、hant 或 en,可以多次。 LANGUAGE=paragraph.")
    ] = None,
) -> None:
    """改隐私告知里的联系人和说明。 State the office's own words in the notice of privacy."""
    from survey_models.campaigns.notices import LANGUAGES, OfficeNotice, set_notice

    pairs = (said.partition("=") for said in text or ())
    said = OfficeNotice(contact, {language: words for language, _, words in pairs if language in LANGUAGES})
    with desk_of(ctx).work(Role.SETUP) as work:
        set_notice(work.session, campaign, said, by=work.by, at=work.at)
    say(f"{campaign} 的隐私告知已改。", f"The notice of {campaign} is changed.")


@app.command()
def seal(
    ctx: typer.Context,
    campaign: Campaign,
    public: Annotated[
        str | None, typer.Option(help="计票处的公钥,64 位十六进制。 Public key of the counting office.")
    ] = None,
) -> None:
    """登记密封公钥;不写 --public 则由本服务器保管。 Fix the key to the sheets; without --public it is kept here."""
    from api.keys import key_of_hex, make_sealing_key
    from survey_models.ballots import service
    from survey_models.ballots.tables import KeptBy
    from survey_models.campaigns.service import get

    desk = desk_of(ctx)
    if public is None and not desk.settings.sealing_key_on_server:
        raise Problem("sealing_key_not_here")
    with desk.work(Role.SETUP) as work:
        get(work.session, campaign)  # no key file for a campaign that there is not
        half = key_of_hex(public) if public else make_sealing_key(desk.settings.data_dir, campaign)
        kept = KeptBy.OFFICE if public else KeptBy.SERVER
        service.register_key(work.session, campaign, half, kept=kept, by=work.by, at=work.at)
    say(f"{campaign} 的密封公钥已登记:{half.hex()}", f"The sealing key of {campaign} is fixed: {half.hex()}")


@app.command("open")
def open_(ctx: typer.Context, campaign: Campaign) -> None:
    """提出开放,由另一人确认。 Ask to open a campaign that is ready; another person confirms."""
    from api import acts

    _ask(ctx, acts.OPEN, campaign)


@app.command()
def close(
    ctx: typer.Context,
    campaign: Campaign,
    accept_until: Annotated[
        datetime | None,
        typer.Option(help="收件截止(当地时间);不写即为现在。 Files are taken until then, local time (default: now)."),
    ] = None,
) -> None:
    """结束评议,不再接收答卷。 Close an open campaign: no new answer from a person."""
    from survey_models.campaigns import service

    desk = desk_of(ctx)
    until = accept_until and accept_until.replace(tzinfo=ZoneInfo(desk.settings.timezone))
    with desk.work(Role.SETUP) as work:
        service.close(work.session, campaign, by=work.by, at=work.at, accept_until=until)
    say(f"{campaign} 已结束。", f"{campaign} is closed.")


@app.command()
def count(ctx: typer.Context, campaign: Campaign) -> None:
    """提出计票,由另一人确认。 Ask for counting; another person confirms."""
    from api import acts

    _ask(ctx, acts.COUNT, campaign)


@app.command()
def reopen(ctx: typer.Context, campaign: Campaign) -> None:
    """提出重新开放,由另一人确认。 Ask to open a closed campaign again; another person confirms."""
    from api import acts

    _ask(ctx, acts.REOPEN, campaign)


def _ask(ctx: typer.Context, kind: str, campaign: str) -> None:
    from api import acts

    desk = desk_of(ctx)
    with desk.work(Role.SETUP) as work:
        act = acts.ask(work.session, kind, target=campaign, by=work.by, at=work.at, settings=desk.settings)
    say(
        f"已提出第 {act.number} 项,24 小时内由另一位同事确认:pingyi acts confirm {act.number}",
        f"Act {act.number} is asked; within 24 hours a colleague confirms: pingyi acts confirm {act.number}",
    )
