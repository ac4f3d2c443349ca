"""``pingyi points``: test points (固定测评点) of a campaign and how far they are."""

from __future__ import annotations

import typer

from api.cli.campaigns import OFFICE, Campaign
from api.cli.desk import desk_of
from api.cli.speaking import table
from api.cli.tablets import sees
from survey_models.accounts.rules import Role

app = typer.Typer(help="测评点:各点进度和平板。 Test points: how far each is, and its tablets.", no_args_is_help=True)
POINT_READERS = (*OFFICE, Role.POINT)


@app.callback()
def points() -> None:
    """测评点。 Test points."""


@app.command("list")
def list_(ctx: typer.Context, campaign: Campaign) -> None:
    """各测评点的张数和平板;工作人员只看自己的点。 Numbers and tablets of each test point; a clerk sees its own."""
    from collections import Counter

    from survey_models.accounts import scope
    from survey_models.campaigns import queries, service
    from survey_models.core import clock
    from survey_models.fieldwork import board
    from survey_models.tablets import service as tablets

    desk = desk_of(ctx)
    who = sees(desk.actor(*POINT_READERS))
    with desk.look(*POINT_READERS) as session:
        scope.strata_seen(session, who, campaign)
        seen = scope.points_seen(session, who, campaign)
        found = service.get(session, campaign)
        cells = board.rows(session, found, at=clock.now(), zone=desk.settings.timezone)
        names = {0: "", **{row.no: row.name for row in queries.points(session, campaign)}}
        here = [one for one in tablets.listed(session) if one.campaign_id == campaign]
    standing = Counter(one.point_no for one in here)
    paused = Counter(one.point_no for one in here if one.paused_at)
    rows = []
    for number, name in names.items():
        if seen is not None and number not in seen:
            continue
        own = [cell for cell in cells if cell.point_no == number]
        if own or standing[number]:
            sums = [sum(getattr(cell, field) for cell in own) for field in ("issued", "opened", "done", "invalid")]
            rows.append((number, name or "不固定 none", *sums, standing[number], paused[number] or ""))
    heads = ["号码 no", "测评点 point", "发出 issued", "打开 opened", "收回 done", "无效 invalid"]
    table([*heads, "平板 tablets", "暂停 paused"], rows)
