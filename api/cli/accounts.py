"""``pingyi accounts``: people of the office (账号)."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from api.cli import managing, passes
from api.cli.desk import Desk, desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role, stored_name
from survey_models.core import clock

app = typer.Typer(
    help="账号:登录、新建、修改、停用、分配。 Accounts: sign in, make, change, disable, assign.", no_args_is_help=True
)

for _command in (
    managing.change,
    managing.disable,
    managing.enable,
    managing.assign,
    managing.unassign,
    managing.assigned,
    managing.unlink,
):
    app.command(_command.__name__)(_command)

Name = Annotated[str, typer.Argument(help="账号名。 Account name.")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="从标准输入读密码。 Read the password from standard input.")
]


@app.command()
def login(ctx: typer.Context, name: Name, password_stdin: FromStdin = False) -> None:
    """登录,有效 8 小时。 Sign in on this command line, for 8 hours."""
    from api.auth import sessions
    from api.auth.sessions import CodeAsked

    desk, name = desk_of(ctx), stored_name(name)
    old = desk.files.token(name)
    started = sessions.sign_in(
        desk.engine,
        desk.settings,
        name=name,
        password=_typed(from_stdin=password_stdin),
        door="command_line",
        replaces=old,
    )
    if isinstance(started, CodeAsked):
        started = passes.second_step(desk, started.ticket, replaces=old, from_stdin=password_stdin)
    desk.files.keep(started.name, started.token)
    say(f"{started.name} 已登录。", f"Signed in as {started.name} ({', '.join(started.roles)}).")


@app.command()
def logout(ctx: typer.Context) -> None:
    """退出登录。 Sign out."""
    from api.auth import sessions

    desk = desk_of(ctx)
    name = desk.actor(unproven=True, unchosen=True).name
    sessions.sign_out(desk.engine, desk.files.token(name) or "")
    desk.files.forget(name)
    say(f"{name} 已退出。", f"{name} has signed out.")


@app.command()
def whoami(ctx: typer.Context) -> None:
    """现在是谁。 Who is signed in here."""
    actor = desk_of(ctx).actor(unproven=True, unchosen=True)
    typer.echo(f"{actor.name} ({', '.join(actor.roles)})")


@app.command()
def create(
    ctx: typer.Context,
    name: Name,
    *,
    role: Annotated[list[Role], typer.Option(help="角色,可多次写。 Role; may be given several times.")],
    office: managing.Office = None,
    unit: managing.Unit = None,
    area: managing.Area = None,
    trained_on: managing.Day = None,
    undertaking_on: managing.Day = None,
    password_stdin: FromStdin = False,
) -> None:
    """新建账号,打印随机密码(除非给定)。 Make an account; a random password is printed unless one is given."""
    from api.auth import passwords
    from api.db import unit_of_work
    from survey_models.accounts import service

    desk, by = desk_of(ctx), _maker(desk_of(ctx))
    password = _typed(from_stdin=True) if password_stdin else passwords.random_password()
    password_hash = passwords.new_hash(password, name=name)
    with unit_of_work(desk.engine) as session:
        account = service.create(
            session,
            name,
            password_hash=password_hash,
            roles=role,
            at=clock.now(),
            by=by,
            office=office,
            unit_code=unit,
            area_code=area,
            trained_on=managing.day_of(trained_on),
            undertaking_on=managing.day_of(undertaking_on),
            zone=desk.settings.timezone,
            # The first account of all is nobody else's.
            first_password=by is not None,
        )
    say(f"已新建账号 {account.name}。", f"Account {account.name} has been made.")
    if not password_stdin:
        say(f"密码(只显示这一次):{password}", f"Password (shown once): {password}")


@app.command()
def reset(ctx: typer.Context, name: Name) -> None:
    """重置密码并打印首个密码:本人登录后先改密码,再过 24 小时才能确认事项。 Reset a password; print a first one."""
    from api.auth import passwords
    from api.db import unit_of_work
    from survey_models.accounts import service

    # Who can read the database's address here could write to it anyway; hence no sign-in, but an entry in the ledger.
    password = passwords.random_password()
    password_hash = passwords.new_hash(password, name=name)
    with unit_of_work(desk_of(ctx).engine) as session:
        service.reset(session, stored_name(name), password_hash=password_hash, at=clock.now())
    say(f"密码(只显示这一次):{password}", f"Password (shown once): {password}")


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """列出账号。 List the accounts."""
    from survey_models.accounts import service

    with desk_of(ctx).look(Role.SETUP, Role.AUDITOR) as session:
        rows = [
            (
                row.name,
                ", ".join(row.roles),
                row.speaks_for,
                row.disabled or "",
                row.demo or "",
            )
            for row in service.listed(session)
        ]
    table(["账号 name", "角色 roles", "代表 speaks for", "停用 disabled", "演示 demo"], rows)


def _maker(desk: Desk) -> str | None:
    """Who makes an account: a signed-in setup person; nobody when there is no account at all yet."""
    from api.db import reading
    from survey_models.accounts import service

    with reading(desk.engine) as session:
        first = not service.listed(session)
    return None if first else desk.actor(Role.SETUP).name


def _typed(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = typer.prompt("密码 Password", hide_input=True)
    return typed
