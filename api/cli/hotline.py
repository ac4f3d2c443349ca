"""``pingyi hotline``: reports of vote-buying and canvassing (拉票举报)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role

app = typer.Typer(
    help="拉票举报:查看、取出附件。 Reports of vote-buying: list, save attachments.", no_args_is_help=True
)


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """列出举报,最新的在前。 List the reports, newest first."""
    from survey_models.hotline import service

    with desk_of(ctx).look(Role.SETUP, Role.AUDITOR) as session:
        rows = [
            (row.report.number, row.report.day, row.report.campaign_id, row.report.text, row.size or "")
            for row in service.listed(session)
        ]
    table(["编号 number", "日期 day", "评议 campaign", "情况 text", "附件 bytes"], rows)


@app.command()
def save(
    ctx: typer.Context,
    number: Annotated[str, typer.Argument(help="举报编号。 Number of the report.")],
    out: Annotated[Path, typer.Option(help="写到这个新文件。 Write to this new file.")],
) -> None:
    """取出附件;打开前请先查毒。 Save the attachment to a file; look at it with care."""
    from survey_models.hotline import service

    with desk_of(ctx).look(Role.SETUP, Role.AUDITOR) as session:
        _, content = service.attachment(session, number)
    with out.open("xb") as file:
        file.write(content)
    say(f"附件已写到 {out}。", f"The attachment is in {out}.")
