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

app = typer.Typer(help="计票处:生成密钥、开封混洗。 Counting office: make a key, open and mix.", no_args_is_help=True)

KeyFile = Annotated[Path, typer.Option("--key", help="密钥文件。 File of the private key.", dir_okay=False)]


@app.command("key")
def key_(
    out: Annotated[Path, typer.Option(help="写到这个文件,只写一次。 File to write, once.", dir_okay=False)],
) -> None:
    """生成一把密钥;私钥留在文件里,公钥显示出来供登记。 Make a key: the private half stays in the file."""
    from api.keys import write_key_file
    from survey_models.ballots.sealing import new_keypair

    private, public = new_keypair()
    write_key_file(out, private)
    typer.echo(public.hex())
    say(
        f"私钥已写入 {out},请离线保管两份;丢失后答卷无法打开。",
        f"The private key is in {out}; keep two copies off line. Without it no sheet can be opened.",
    )


@app.command()
def run(ctx: typer.Context, campaign: Campaign, key: KeyFile) -> None:
    """打开全部密封票,在公布单元内混洗,投入票箱并计票。 Open all sealed sheets, shuffle them into the box, count."""
    from api.db import reading, unit_of_work
    from api.keys import read_key_file
    from survey_models.ballots import service
    from survey_models.core import clock

    engine, private = desk_of(ctx).engine, read_key_file(key)
    with reading(engine) as session:
        opened = service.open_sheets(session, campaign, private)
    with unit_of_work(engine) as session:
        service.fill_box(session, opened, by=None, at=clock.now())
    sheets = len(opened.members)
    say(f"{campaign} 已计票:{sheets} 份。", f"{campaign} is counted: {sheets} sheets.")
