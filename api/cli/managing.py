"""``pingyi accounts``: what setup does with other people's accounts (账号管理)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated

import typer

from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role

Name = Annotated[str, typer.Argument(help="账号名。 Account name.")]
Office = Annotated[str | None, typer.Option(help="考评单位账号所属机构。 The office an assessor belongs to.")]
Unit = Annotated[str | None, typer.Option(help="被评议单位或组织员的单位代码。 Code of the unit it acts for.")]
Area = Annotated[str | None, typer.Option(help="区县评议办的区县代码。 Code of a district office's area.")]
Day = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="工作人员的培训或承诺书日期。 Day of a clerk's training or undertaking."),
]
Campaign = Annotated[str, typer.Argument(help="评议编号。 Id of the campaign.")]


def day_of(typed: datetime | None) -> date | None:
    """The day that was typed."""
    return None if typed is None else typed.date()


def change(
    ctx: typer.Context,
    name: Name,
    *,
    role: Annotated[list[Role] | None, typer.Option(help="新角色,可多次写。 New roles, several times.")] = None,
    office: Office = None,
    unit: Unit = None,
    area: Area = None,
    trained_on: Day = None,
    undertaking_on: Day = None,
) -> None:
    """修改角色、机构、单位、区县或日期;没写的不变。 Change roles, place or dates of an account."""
    from survey_models.accounts import managing, service
    from survey_models.accounts.service import Place

    desk = desk_of(ctx)
    with desk.work(Role.SETUP) as work:
        kept = Place(tuple(role)) if role else managing.place_of(service.get(work.session, name))
        given = {
            "office": office,
            "unit_code": unit,
            "area_code": area,
            "trained_on": day_of(trained_on),
            "undertaking_on": day_of(undertaking_on),
        }
        place = replace(kept, **{field: value for field, value in given.items() if value is not None})  # type: ignore[arg-type]
        zone = desk.settings.timezone
        account = managing.change(work.session, name, place, by=work.by, at=work.at, zone=zone)
        roles = ", ".join(account.roles)
    say(f"账号 {name} 已修改:{roles}。", f"Account {name} has been changed: {roles}.")


def disable(ctx: typer.Context, name: Name, reason: Annotated[str, typer.Option(help="理由。 The reason.")]) -> None:
    """停用账号:立即退出登录,不能再登录;做过的事保留。 Close an account; what it did stays."""
    from survey_models.accounts import managing

    with desk_of(ctx).work(Role.SETUP) as work:
        managing.disable(work.session, name, reason=reason, by=work.by, at=work.at)
    say(f"账号 {name} 已停用。", f"Account {name} is disabled.")


def enable(ctx: typer.Context, name: Name) -> None:
    """重新启用账号;24 小时内不能确认事项。 Open a disabled account again; it cannot confirm for 24 hours."""
    from survey_models.accounts import managing

    with desk_of(ctx).work(Role.SETUP) as work:
        managing.enable(work.session, name, by=work.by, at=work.at)
    say(f"账号 {name} 已启用。", f"Account {name} is enabled.")


def unlink(ctx: typer.Context, name: Name) -> None:
    """解除与统一身份认证的绑定(发布角色,不能是自己)。 Unbind a colleague from the sign-in provider."""
    from survey_models.accounts import linking

    with desk_of(ctx).work(Role.RELEASE) as work:
        linking.unlink(work.session, name, by=work.by, at=work.at)
    say(f"账号 {name} 已解除绑定。", f"Account {name} is unbound.")


def assign(
    ctx: typer.Context,
    name: Name,
    campaign: Campaign,
    stratum: Annotated[
        list[int] | None, typer.Option(help="只分配这些层,可多次写。 These strata alone; may be given several times.")
    ] = None,
    point: Annotated[
        list[int] | None, typer.Option(help="测评点工作人员的测评点,可多次写。 A clerk's test points, several times.")
    ] = None,
) -> None:
    """给承办单位分配一项评议(或几层),给测评点工作人员分配测评点。 Assign a contractor or a clerk a campaign."""
    from survey_models.accounts import assignments, posts, service

    with desk_of(ctx).work(Role.SETUP) as work:
        if Role.POINT in service.get(work.session, name).roles:
            posts.assign(work.session, name, campaign, points=point or None, by=work.by, at=work.at)
        else:
            assignments.assign(work.session, name, campaign, strata=stratum or None, by=work.by, at=work.at)
    say(f"{campaign} 已分配给 {name}。", f"{campaign} is assigned to {name}.")


def unassign(ctx: typer.Context, name: Name, campaign: Campaign) -> None:
    """收回分配;已送交的文件保留。 Take a campaign from a contractor or clerk; what was sent stays."""
    from survey_models.accounts import assignments, posts, service

    with desk_of(ctx).work(Role.SETUP) as work:
        point = Role.POINT in service.get(work.session, name).roles
        withdraw = posts.withdraw if point else assignments.withdraw
        withdraw(work.session, name, campaign, by=work.by, at=work.at)
    say(f"{campaign} 已从 {name} 收回。", f"{campaign} is taken from {name}.")


def assigned(ctx: typer.Context) -> None:
    """列出承办单位和测评点工作人员分配的评议。 List contractors and clerks with the campaigns assigned to them."""
    from survey_models.accounts import assignments, posts
    from survey_models.accounts.tables import EVERY_POINT, EVERY_STRATUM

    with desk_of(ctx).look(Role.SETUP, Role.AUDITOR) as session:
        rows = [
            (name, campaign, "全部 all" if number == EVERY_STRATUM else number)
            for name, campaign, number in assignments.of_everybody(session)
        ]
        clerks = [
            (name, campaign, "全部 all" if number == EVERY_POINT else number)
            for name, campaign, number in posts.of_everybody(session)
        ]
    table(["账号 name", "评议 campaign", "层 stratum"], rows)
    if clerks:
        table(["账号 name", "评议 campaign", "测评点 point"], clerks)
