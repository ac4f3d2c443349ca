"""``pingyi calendar``: the working-day calendar (工作日历)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role

app = typer.Typer(help="工作日历:查看、导入、补齐。 Working-day calendar: show, import, seed.", no_args_is_help=True)

Year = Annotated[int, typer.Option(min=1950, max=2199, help="哪一年。 Which year.")]


@app.command()
def show(ctx: typer.Context, year: Annotated[int, typer.Argument(min=1950, max=2199, help="年份。 Year.")]) -> None:
    """列出与周一至周五不同的日子。 List the days of a year that differ from Monday to Friday."""
    from survey_models.calendar import service

    with desk_of(ctx).look(*Role) as session:
        days = service.of_year(session, year)
        first, last = service.bounds(session)
    say(f"日历:{first or '无'} 至 {last or '无'}。", f"The calendar holds {first or 'nothing'} to {last or 'nothing'}.")
    rows = [
        (one.day, "休 off" if one.kind == "off" else "班 work", one.provisional or "", one.source)
        for one in days
        if (one.kind == "work") != (one.day.weekday() < 5)
    ]
    table(["日期 date", "班或休 kind", "暂定 provisional", "依据 source"], rows)


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="csv 或 xlsx:date,kind。 Its file.")],
    year: Year,
    source: Annotated[str, typer.Option(help="依据,如通知文号。 Whose word it is: the notice.")],
) -> None:
    """按年度通知录入一年:未列出的日子按周一至周五。 Enter a year from its notice; other days are Monday to Friday."""
    from survey_models.calendar import rules, service
    from survey_models.spreadsheets.read import read

    sheet = read(file.read_bytes(), file.name)
    changes = rules.read_changes(sheet.header, sheet.rows)
    with desk_of(ctx).work(Role.SETUP) as work:
        service.set_year(work.session, year, changes, source=source, by=work.by, at=work.at)
    say(f"{year} 年已录入。", f"The year {year} has been entered.")


@app.command()
def seed(ctx: typer.Context) -> None:
    """补齐缺少的年份;已公布通知的年份取代暂定的。 Fill missing years; noticed years replace provisional ones."""
    from survey_models.calendar import service

    with desk_of(ctx).work(Role.SETUP) as work:
        years = service.seed(work.session, at=work.at, by=work.by)
    listed = ", ".join(str(year) for year in years)
    say(f"已写入:{listed or '无'}。", f"Years written: {listed or 'none'}.")
