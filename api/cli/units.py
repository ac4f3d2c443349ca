"""``pingyi units``: rated units (被评议单位)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role

app = typer.Typer(help="被评议单位:导入、列出。 Rated units: import, list.", no_args_is_help=True)


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="csv 或 xlsx。 A csv or xlsx file.")],
    stated: Annotated[int, typer.Option(help="名单上应有的单位数。 How many units the list should hold.")],
) -> None:
    """导入单位名单;个数与说明的不符则什么也不导入。 Import a unit list; nothing enters if its count differs."""
    from survey_models.spreadsheets.read import read
    from survey_models.units import service
    from survey_models.units.rules import unit_rows

    sheet = read(file.read_bytes(), file.name)
    with desk_of(ctx).work(Role.SETUP) as work:
        rows = unit_rows(sheet.header, [cells for _, cells in sheet.rows])
        units = service.import_units(work.session, rows, stated=stated, by=work.by, at=work.at)
    say(f"已导入 {len(units)} 个单位。", f"{len(units)} units have been imported.")


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """列出单位。 List the units."""
    from survey_models.units import service

    with desk_of(ctx).look(*Role) as session:
        rows = [(unit.code, unit.name, unit.category) for unit in service.all_units(session)]
    table(["代码 code", "名称 name", "类别 category"], rows)


@app.command()
def succeed(
    ctx: typer.Context,
    past: Annotated[list[str], typer.Option("--from", help="原单位代码,合并时写多次。 Code of a unit that ends.")],
    after: Annotated[list[str], typer.Option("--to", help="代码=名称,分设时写多次。 CODE=NAME of the new unit.")],
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="自哪天起。 From which day.")],
) -> None:
    """登记更名、合并或分设;连续结果沿此查找。 Record a rename, merger or split; history follows the link."""
    from survey_models.units.links import Successor
    from survey_models.units.links import succeed as link

    wanted = [Successor(code, name) for code, _, name in (one.partition("=") for one in after)]
    with desk_of(ctx).work(Role.SETUP) as work:
        link(work.session, past, wanted, since=since.date(), by=work.by, at=work.at)
    say(f"已登记:{'、'.join(past)} → {'、'.join(after)}。", f"Recorded: {', '.join(past)} to {', '.join(after)}.")
