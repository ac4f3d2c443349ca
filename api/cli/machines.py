"""``pingyi machines``: business systems (业务系统) that may post finished cases."""

from __future__ import annotations

import uuid
from typing import Annotated

import typer

from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role

app = typer.Typer(help="业务系统凭证:生成、列出、收回。 Credentials of business systems.", no_args_is_help=True)


@app.command()
def make(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="系统名称。 Name of the system.")],
    hall: Annotated[str | None, typer.Option(help="管一个大厅的窗口。 Covers the windows of a hall.")] = None,
    window: Annotated[str | None, typer.Option(help="只管一个窗口。 Covers one window.")] = None,
    *,
    not_personal: Annotated[
        bool, typer.Option("--not-personal", help="办件编号不对应个人,可以存原文。 Case numbers lead to nobody.")
    ] = False,
) -> None:
    """生成凭证,令牌只显示这一次。 Make a credential; its token is shown this once."""
    from survey_models.cases import service

    place = {"hall": hall, "window_id": window}
    with desk_of(ctx).work(Role.SETUP) as work:
        made, token = service.make_machine(
            work.session, name, **place, personal=not not_personal, by=work.by, at=work.at
        )
        number = made.id
    say(f"凭证 {number}。令牌:", f"Credential {number}. Token:")
    typer.echo(token)


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """列出业务系统。 List the business systems."""
    from survey_models.cases import service

    with desk_of(ctx).look(Role.SETUP, Role.RELEASE, Role.AUDITOR) as session:
        rows = [
            (one.id, one.name, one.hall or one.window_id, "收回 withdrawn" if one.revoked_at else "")
            for one in service.machines(session)
        ]
    table(["编号 id", "名称 name", "范围 covers", "状态 state"], rows)


@app.command()
def revoke(ctx: typer.Context, machine: Annotated[uuid.UUID, typer.Argument(help="编号。 Id.")]) -> None:
    """收回凭证。 Withdraw a credential."""
    from survey_models.cases import service

    with desk_of(ctx).work(Role.SETUP) as work:
        service.revoke_machine(work.session, machine, by=work.by, at=work.at)
    say("凭证已收回。", "The credential is withdrawn.")
