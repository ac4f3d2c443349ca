"""``pingyi mix``: the counting office (计票处) makes its key and opens the sealed sheets with it.

Both commands need no account and nothing of the server's data folder. Who holds the key is known by the key; that the
counting may begin was decided by two people before.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.campaigns import Campaign
from api.cli.desk import desk_of
from api.cli.speaking import say
from survey_models.core.errors import Problem

app = typer.Typer(help="计票处:生成密钥、开封混洗。 Counting office: make a key, open and mix.", no_args_is_help=True)

KeyFile = Annotated[Path, typer.Option("--key", help="密钥文件。 File of the private key.", dir_okay=False)]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(help="口令在这个文件的第一行；不写则询问。 First line: the passphrase (else asked).", dir_okay=False),
]


@app.command("key")
def key_(
    out: Annotated[Path, typer.Option(help="写到这个文件,只写一次。 File to write, once.", dir_okay=False)],
    passphrase_file: PassphraseFile = None,
    unprotected: Annotated[
        bool,
        typer.Option("--unprotected", help="不设口令，拿到文件就能开封。 No passphrase: the file alone opens."),
    ] = False,
) -> None:
    """生成一把密钥,用口令保护;公钥显示出来供登记。 Make a key under a passphrase; the public half is shown."""
    from api.key_files import write_key_file
    from survey_models.ballots.sealing import new_keypair

    if unprotected and passphrase_file:
        raise Problem("passphrase_unwanted")
    passphrase = None if unprotected else passphrase_from(passphrase_file, twice=True)
    private, public = new_keypair()
    write_key_file(out, private, passphrase=passphrase)
    typer.echo(public.hex())
    if unprotected:
        say("注意：文件没有口令。", "Mind: the file has no passphrase.")
    say(
        f"私钥已写入 {out},请离线保管两份,口令另存;缺了哪一样,答卷都无法打开。",
        f"The private key is in {out}; keep two copies off line, the passphrase apart. Opening takes both.",
    )


def passphrase_from(file: Path | None, *, twice: bool = False) -> str:
    """The passphrase of a key file: out of ``file``, else as it is typed; a new one ``twice``."""
    from api.key_files import read_passphrase

    if file:
        return read_passphrase(file)
    typed: str = typer.prompt("密钥口令 Passphrase", hide_input=True, err=True)
    if twice and typed != typer.prompt("再输一次 Once more", hide_input=True, err=True):
        raise Problem("passphrase_differs")
    return typed


@app.command()
def run(ctx: typer.Context, campaign: Campaign, key: KeyFile, passphrase_file: PassphraseFile = None) -> None:
    """打开全部密封票,在公布单元内混洗,投入票箱并计票。 Open all sealed sheets, shuffle them into the box, count."""
    from api.db import reading, unit_of_work
    from api.key_files import read_key_file
    from survey_models.ballots import service
    from survey_models.core import clock

    engine, private = desk_of(ctx).engine, read_key_file(key, passphrase=lambda: passphrase_from(passphrase_file))
    with reading(engine) as session:
        opened = service.open_sheets(session, campaign, private)
    with unit_of_work(engine) as session:
        service.fill_box(session, opened, by=None, at=clock.now())
    sheets = len(opened.members)
    say(f"{campaign} 已计票:{sheets} 份。", f"{campaign} is counted: {sheets} sheets.")
