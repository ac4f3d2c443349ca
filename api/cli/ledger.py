"""``pingyi ledger``: the ledger (台账)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from api.cli.campaigns import OFFICE
from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role
from survey_models.core.clock import local_text
from survey_models.ledger.events import SYSTEM_LOG

app = typer.Typer(help="台账。 The ledger.", no_args_is_help=True)
witnesses = typer.Typer(help="见证人：登记、停用、列出。 Witnesses: register, remove, list.", no_args_is_help=True)
app.add_typer(witnesses, name="witnesses")


@app.callback()
def group() -> None:
    """台账。 The ledger."""


@app.command("list")
def list_(
    ctx: typer.Context,
    log: Annotated[str, typer.Option(help="评议编号,或 system。 A campaign id, or system.")] = SYSTEM_LOG,
    limit: Annotated[int, typer.Option(min=1, max=400, help="最多几条。 At most so many.")] = 40,
) -> None:
    """最新的台账记录。 The newest entries."""
    from survey_models.ledger import queries

    desk = desk_of(ctx)
    with desk.look(*OFFICE) as session:
        rows = [
            (row.at and local_text(row.at, desk.settings.timezone), row.event, row.body.decode(), row.digest[:12])
            for row in queries.newest(session, log=log, limit=limit)
        ]
    table(["时间 at", "事件 event", "内容 body", "摘要 digest"], rows)


@app.command()
def rotate(ctx: typer.Context) -> None:
    """更换台账的签名密钥：新旧两把都签的公告记入系统台账。 Change the ledger's key, announced under both keys.

    Run where the server's folder of keys is. One person is enough: whoever can read that folder could make the same
    announcement without this program, and everybody sees it.
    """
    from api.keys import load_signer, next_signer, use_next_signer
    from api.rotation import change_key

    desk = desk_of(ctx)
    with desk.work(Role.SETUP) as work:
        folder = desk.settings.data_dir
        old, new = load_signer(folder).current(), next_signer(folder)
        no = change_key(work.session, desk.settings, old=old, new=new, by=work.by, at=work.at)
    # Only what is committed: a crash between the two is mended by running this again.
    use_next_signer(folder)
    say(
        f"第 {no} 次换钥已公告，新公钥 {new.public.hex()}；请重印每日根、张贴，备份 keys 文件夹。",
        f"Change {no} is announced; the new public key is {new.public.hex()}. "
        "Print and post the root of the day anew, and back up the folder keys.",
    )


@witnesses.command("add")
def add_witness(
    ctx: typer.Context,
    vkey: Annotated[
        str, typer.Argument(help="见证人的公钥，pingyi witness 显示的那一行。 Key as pingyi witness shows it.")
    ],
) -> None:
    """登记一个见证人，从此收下它的会签。 Register a witness: its signatures are taken from now on."""
    from survey_models.ledger import cosigning

    with desk_of(ctx).work(Role.SETUP) as work:
        name = cosigning.add_witness(work.session, vkey, by=work.by, at=work.at)
    say(f"已登记见证人 {name}。", f"Witness {name} is registered.")


@witnesses.command("remove")
def remove_witness(ctx: typer.Context, name: Annotated[str, typer.Argument(help="见证人的名称。 Its name.")]) -> None:
    """不再收某个见证人的会签；已有的留着。 Take no more signatures of a witness; those that are in stay."""
    from survey_models.ledger import cosigning

    with desk_of(ctx).work(Role.SETUP) as work:
        cosigning.remove_witness(work.session, name, by=work.by, at=work.at)
    say(f"见证人 {name} 已停用。", f"Witness {name} is removed.")


@witnesses.command("list")
def list_witnesses(ctx: typer.Context) -> None:
    """列出登记过的见证人。 List the witnesses."""
    from survey_models.ledger import cosigning

    desk = desk_of(ctx)
    zone = desk.settings.timezone
    with desk.look(*OFFICE) as session:
        rows = [
            (row.name, row.vkey, local_text(row.added_at, zone), row.removed_at and local_text(row.removed_at, zone))
            for row in cosigning.witnesses(session)
        ]
    table(["名称 name", "公钥 key", "登记 added", "停用 removed"], rows)


@app.command("root")
def root(
    ctx: typer.Context,
    log: Annotated[str, typer.Option(help="评议编号,或 system。 A campaign id, or system.")] = SYSTEM_LOG,
    day: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="哪一天的,不写则为今天。 Of which day (default: today)."),
    ] = None,
) -> None:
    """每日根:64 位和二维码,供张贴和存档。 The root of a day, in 64 hex digits and as a QR code, to post and keep."""
    from api.qr import in_terminal
    from survey_models.core import clock
    from survey_models.ledger import proofs

    desk = desk_of(ctx)
    zone = desk.settings.timezone
    of = day.date() if day else clock.local_day(clock.now(), zone)
    with desk.look(*OFFICE) as session:
        head = proofs.head_of_day(session, log, of, zone=zone)
    typer.echo(f"{head.root}\n{log}  {head.size}  {local_text(head.at, zone)}")
    typer.echo(in_terminal(head.note))
