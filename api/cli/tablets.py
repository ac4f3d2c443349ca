"""``pingyi tablets``: tablets of test points (测评点平板)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.campaigns import OFFICE, Campaign
from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role

if TYPE_CHECKING:
    from api.auth.sessions import Actor
    from survey_models.accounts.scope import Sees

app = typer.Typer(help="测评点平板:配对、查看、恢复、撤销。 Tablets of test points.", no_args_is_help=True)
CLERKS = (Role.SETUP, Role.POINT)
Tablet = Annotated[uuid.UUID, typer.Argument(help="平板编号,见 pingyi tablets list。 Id of the tablet.")]


def sees(actor: Actor) -> Sees:
    """The person as ``accounts.scope`` knows them: a clerk works at its own test points."""
    from survey_models.accounts.scope import Sees

    return Sees(actor.id, actor.roles, actor.area_code)


@app.command()
def pair(
    ctx: typer.Context,
    campaign: Campaign,
    point: Annotated[int, typer.Option(help="测评点号码,0 为不固定。 Number of the test point, 0 for none.")] = 0,
) -> None:
    """取一个配对码,在平板的 /point 页输入。 A pairing code, to be typed into /point on the tablet."""
    from survey_models.accounts import scope
    from survey_models.tablets import service

    desk = desk_of(ctx)
    who = sees(desk.actor(*CLERKS))
    with desk.work(*CLERKS) as work:
        scope.check_point(work.session, who, campaign, point)
        code, until = service.make_pairing(work.session, campaign, point, by=work.by, at=work.at)
    say(
        f"配对码 {code},用到 {until:%H:%M} UTC,只能用一次。",
        f"Pairing code {code}, good once, until {until:%H:%M} UTC.",
    )


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """列出平板。 List the tablets."""
    from survey_models.accounts import scope
    from survey_models.tablets import service

    desk = desk_of(ctx)
    who = sees(desk.actor(*OFFICE, Role.POINT))
    with desk.look(*OFFICE, Role.POINT) as session:
        found = service.listed(session)
        seen = {one.campaign_id: scope.points_seen(session, who, one.campaign_id) for one in found}
        rows = [
            (str(row.id), row.campaign_id, row.point_no, f"{row.paired_at:%Y-%m-%d}", "✓" if row.paused_at else "")
            for row in found
            if (own := seen[row.campaign_id]) is None or row.point_no in own
        ]
    table(["编号 id", "评议 campaign", "测评点 point", "配对 paired", "暂停 paused"], rows)


@app.command()
def resume(ctx: typer.Context, tablet: Tablet) -> None:
    """恢复因错码太多而暂停的平板。 Let a tablet that was paused for wrong codes show codes again."""
    from survey_models.accounts import scope
    from survey_models.tablets import service

    desk = desk_of(ctx)
    who = sees(desk.actor(*CLERKS))
    with desk.work(*CLERKS) as work:
        scope.check_point(work.session, who, *service.place_of(work.session, tablet))
        service.resume(work.session, tablet, by=work.by, at=work.at)
    say("已恢复。", "It may show codes again.")


@app.command()
def withdraw(ctx: typer.Context, tablet: Tablet) -> None:
    """撤销一台平板。 Withdraw a tablet."""
    from survey_models.accounts import scope
    from survey_models.tablets import service

    desk = desk_of(ctx)
    who = sees(desk.actor(*CLERKS))
    with desk.work(*CLERKS) as work:
        scope.check_point(work.session, who, *service.place_of(work.session, tablet))
        service.withdraw(work.session, tablet, by=work.by, at=work.at)
    say("已撤销。", "It is withdrawn.")
