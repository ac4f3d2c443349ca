"""``pingyi totp``, ``pingyi tokens``, ``pingyi accounts password``: the own account (动态验证码、访问令牌)."""

from __future__ import annotations

import sys
import uuid
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.desk import Desk, desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role, stored_name
from survey_models.core import clock

if TYPE_CHECKING:
    from survey_models.accounts.service import Started

totp_app = typer.Typer(
    help="动态验证码:启用、停用、重置。 The authenticator app: set up, remove, reset.", no_args_is_help=True
)
tokens_app = typer.Typer(help="访问令牌:给程序用,有期限和权限。 Access tokens for programs.", no_args_is_help=True)

FromStdin = Annotated[
    bool,
    typer.Option(
        "--password-stdin", help="从标准输入逐行读。 Read password and code from standard input, line by line."
    ),
]


def second_step(desk: Desk, ticket: str, *, replaces: str | None, from_stdin: bool) -> Started:
    """Ask for the one-time code of a sign-in whose password was right."""
    from api.auth import second_step as step

    code = _typed("动态验证码或备用码 One-time or recovery code", from_stdin=from_stdin)
    return step.sign_in_with_code(desk.engine, desk.settings, ticket=ticket, code=code, replaces=replaces)


def password(ctx: typer.Context, password_stdin: FromStdin = False) -> None:
    """改自己的密码,其他登录随即退出。 Change the own password; other sessions end."""
    from api.auth import second_step as step

    desk = desk_of(ctx)
    name = desk.actor(unproven=True, unchosen=True).name
    old = _typed("现在的密码 Present password", from_stdin=password_stdin, hidden=True)
    new = _typed("新密码 New password", from_stdin=password_stdin, hidden=True)
    step.change_password(desk.engine, name, old=old, new=new, token=desk.files.token(name))
    say("密码已改。", "The password has been changed.")


@totp_app.command("set")
def set_(ctx: typer.Context, password_stdin: FromStdin = False) -> None:
    """启用动态验证码:显示二维码和密钥,输入第一个验证码,打印备用码。 Set up an authenticator app."""
    from api import qr
    from api.auth import second_step as step
    from api.db import unit_of_work
    from survey_models.accounts import one_time, totp

    desk = desk_of(ctx)
    actor = desk.actor(unproven=True)
    given = _typed("现在的密码 Present password", from_stdin=password_stdin, hidden=True)
    step.prove_password(desk.engine, actor.name, given)
    with unit_of_work(desk.engine) as session:
        secret = totp.new_secret(session, actor.name, keys=step.pass_keys(desk.settings))
    typer.echo(qr.in_terminal(one_time.address_of(secret, name=actor.name, issuer=f"Pingyi {desk.settings.host}")))
    say(f"密钥:{one_time.secret_text(secret)}", f"Secret: {one_time.secret_text(secret)}")
    code = _typed("应用里的六位验证码 Six digits of the app", from_stdin=password_stdin)
    codes = step.set_up(desk.engine, desk.settings, actor, code, token=desk.files.token(actor.name))
    say("动态验证码已启用。备用码(只显示这一次):", "The app is set up. Recovery codes (shown once):")
    typer.echo("\n".join(codes))


@totp_app.command()
def codes(ctx: typer.Context, password_stdin: FromStdin = False) -> None:
    """换十个新备用码,旧的作废。 Ten new recovery codes; the old ones are void."""
    from api.auth import second_step as step
    from api.db import unit_of_work
    from survey_models.accounts import totp

    desk, name = _proven(ctx, from_stdin=password_stdin)
    with unit_of_work(desk.engine) as session:
        made = totp.renew_codes(session, name, keys=step.pass_keys(desk.settings), at=clock.now())
    say("新备用码(只显示这一次):", "New recovery codes (shown once):")
    typer.echo("\n".join(made))


@totp_app.command()
def remove(ctx: typer.Context, password_stdin: FromStdin = False) -> None:
    """停用动态验证码,以便换手机。 Switch the app off, for another telephone."""
    from api.db import unit_of_work
    from survey_models.accounts import totp

    desk, name = _proven(ctx, from_stdin=password_stdin)
    with unit_of_work(desk.engine) as session:
        totp.remove(session, name, at=clock.now())
    say("动态验证码已停用。", "The app is switched off.")


@totp_app.command()
def reset(ctx: typer.Context, name: Annotated[str, typer.Argument(help="账号名。 Account name.")]) -> None:
    """重置别人的动态验证码;24 小时内该账号不能确认事项。 Take a colleague's app away."""
    from survey_models.accounts import totp

    with desk_of(ctx).work(Role.SETUP) as work:
        totp.reset(work.session, stored_name(name), by=work.by, at=work.at)
    say("动态验证码已重置。", "The app has been reset.")


@tokens_app.command()
def make(
    ctx: typer.Context,
    label: Annotated[str, typer.Argument(help="用途。 What it is for.")],
    *,
    scope: Annotated[list[str], typer.Option(help="权限,可多次写。 Scope; may be given several times.")],
    days: Annotated[int, typer.Option(min=1, max=366, help="有效天数。 Days until it ends.")] = 90,
    password_stdin: FromStdin = False,
) -> None:
    """新建访问令牌,只显示这一次。 Make an access token; it is shown this once."""
    from api.auth import second_step as step
    from api.db import unit_of_work
    from survey_models.accounts import tokens

    desk = desk_of(ctx)
    name = desk.actor().name
    step.prove_password(
        desk.engine, name, _typed("现在的密码 Present password", from_stdin=password_stdin, hidden=True)
    )
    with unit_of_work(desk.engine) as session:
        made = tokens.make(session, name, label=label, scopes=scope, days=days, at=clock.now())
        number = made.token.id
    say(f"访问令牌 {number}(只显示这一次):", f"Access token {number} (shown once):")
    typer.echo(made.text)


@tokens_app.command("list")
def list_(ctx: typer.Context) -> None:
    """列出自己的访问令牌;设置和审计角色看所有人的。 List the own tokens; setup and auditors see everybody's."""
    from api.db import reading
    from survey_models.accounts import tokens

    desk = desk_of(ctx)
    actor = desk.actor()
    everybody = not {Role.SETUP, Role.AUDITOR}.isdisjoint(actor.roles)
    with reading(desk.engine) as session:
        rows = [
            (
                one.id,
                owner,
                one.label,
                ", ".join(one.scopes),
                one.ends_at.date(),
                one.used_on,
                "" if tokens.is_alive(session, one, at=clock.now()) else "失效 ended",
            )
            for owner, one in tokens.every(session, None if everybody else actor.id)
        ]
    heads = ["编号 id", "账号 account", "用途 label", "权限 scopes", "到期 ends", "最近使用 used", "状态 state"]
    table(heads, rows)


@tokens_app.command()
def revoke(ctx: typer.Context, token: Annotated[uuid.UUID, typer.Argument(help="编号。 Id.")]) -> None:
    """撤销自己的访问令牌;设置角色可撤销任何人的。 Revoke an own token; setup may revoke anybody's."""
    from api.db import unit_of_work
    from survey_models.accounts import tokens

    desk = desk_of(ctx)
    actor = desk.actor()
    account_id = None if Role.SETUP in actor.roles else actor.id
    with unit_of_work(desk.engine) as session:
        tokens.revoke(session, token, account_id=account_id, by=actor.name, at=clock.now())
    say("访问令牌已撤销。", "The access token is revoked.")


def _proven(ctx: typer.Context, *, from_stdin: bool) -> tuple[Desk, str]:
    from api.auth import second_step as step

    desk = desk_of(ctx)
    name = desk.actor(unproven=True).name
    code = _typed("动态验证码或备用码 One-time or recovery code", from_stdin=from_stdin)
    step.prove_code(desk.engine, desk.settings, name, code)
    return desk, name


def _typed(what: str, *, from_stdin: bool, hidden: bool = False) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = typer.prompt(what, hide_input=hidden)
    return typed
