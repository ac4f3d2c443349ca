"""``pingyi windows``: service windows (服务窗口), what they show, their ratings, and terminals' files."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.campaigns import OFFICE
from api.cli.desk import desk_of
from api.cli.prints import Out, Size, write_posters
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role

if TYPE_CHECKING:
    from survey_models.ratings.months import Month

app = typer.Typer(
    help="窗口:列出、设置、配对、月度统计、发件箱、站立牌。 Windows: list, set, pair, months, files, posters.",
    no_args_is_help=True,
)
HALL = (Role.SETUP, Role.HALL)
HALL_READERS = (*OFFICE, Role.HALL)
Window = Annotated[str, typer.Argument(help="窗口标识,见 pingyi windows list。 Id of the window.")]
_LEVELS = "54321"


class Mode(StrEnum):
    """How a window is rated: one rating for each finished case, or for each visit."""

    CASE = "case"
    COUNTER = "counter"


@app.callback()
def windows() -> None:
    """窗口评价器。 Window terminals."""


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """列出窗口、评价次数和在岗人员。 List the windows, their ratings and who is on duty."""
    from survey_models.core import clock
    from survey_models.ratings import service as ratings
    from survey_models.staff import service as staff
    from survey_models.units import service as units

    desk = desk_of(ctx)
    with desk.look(*HALL_READERS) as session:
        numbers = ratings.totals(session, at=clock.now(), zone=desk.settings.timezone)
        duty = staff.duties(session)
        rows = [
            (one.id, one.number, one.name, one.hall, one.mode, *numbers.get(one.id, (0, 0)), duty.get(one.id))
            for one in units.all_windows(session)
        ]
    heads = ["标识 id", "编号 number", "名称 name", "大厅 hall", "方式 mode"]
    table([*heads, "次数 ratings", "今日 today", "在岗 on duty"], rows)


@app.command()
def show(ctx: typer.Context, window: Window) -> None:
    """一个窗口的设置和评价;当天的等次和不足 10 次的日子不显示。 One window: what is set, and its ratings.

    Levels of a day appear the next day; days under ten ratings lie within their month.
    """
    from survey_models.core import clock
    from survey_models.ratings import service as ratings
    from survey_models.staff import service as staff

    desk = desk_of(ctx)
    with desk.look(*HALL_READERS) as session:
        badge = staff.badge(session, window)
        found = ratings.tally(session, window, at=clock.now(), zone=desk.settings.timezone)
        place, person = badge.window, badge.staff
        shown = [
            ("编号 number", place.number),
            ("名称 name", place.name),
            ("大厅 hall", place.hall),
            ("业务 business", place.business),
            ("单位 unit", place.unit_code),
            ("方式 mode", place.mode),
            ("监督电话 supervision", place.supervision_phone),
            ("在岗 on duty", person and f"{person.number} {person.name}"),
            ("次数 ratings", f"{found.total} / 今日 today {found.today}"),
            ("作废 set aside", found.aside),
            ("不计 not counted", " ".join(f"{name} {number}" for name, number in found.not_counted.items())),
        ]
    table(["项目 what", "内容 value"], shown)
    heads = ["日期或月份 period", "次数 ratings", "非常满意 5", "满意 4", "基本满意 3", "不满意 2", "非常不满意 1"]
    table(
        heads, [(row.period, row.n, *((row.counts or {}).get(level, "") for level in _LEVELS)) for row in found.periods]
    )


@app.command("set")
def set_(
    ctx: typer.Context,
    window: Window,
    *,
    number: Annotated[str | None, typer.Option(help="窗口编号。 Its number in the hall.")] = None,
    name: Annotated[str | None, typer.Option(help="名称。 Name.")] = None,
    hall: Annotated[str | None, typer.Option(help="大厅。 Hall.")] = None,
    business: Annotated[str | None, typer.Option(help="业务。 Business.")] = None,
    unit: Annotated[str | None, typer.Option(help="所属单位编号,空为没有。 Code of its unit; empty: none.")] = None,
    phone: Annotated[str | None, typer.Option(help="监督电话。 Supervision phone.")] = None,
    mode: Annotated[Mode | None, typer.Option(help="case 一事一评,counter 每次都可评。 How it is rated.")] = None,
) -> None:
    """新建窗口,或改它的设置;没写的不变。 Make a window, or change it; what is not given stays."""
    from dataclasses import replace

    from survey_models.staff import service
    from survey_models.units import tables

    texts = {"number": number, "name": name, "hall": hall, "business": business, "supervision_phone": phone}
    said: dict[str, Any] = {field: value for field, value in texts.items() if value is not None}
    said |= {} if mode is None else {"mode": tables.Mode(mode)}
    said |= {} if unit is None else {"unit": unit or None}
    with desk_of(ctx).work(*HALL) as work:
        plan = replace(service.plan_of(work.session, window), **said)
        service.set_window(work.session, window, plan, by=work.by, at=work.at)
    say(f"窗口 {window} 已设置;评价器十分钟内更新。", f"Window {window} is set; terminals follow within ten minutes.")


@app.command()
def board(
    ctx: typer.Context,
    unit: Annotated[str, typer.Argument(help="单位编号。 Code of the unit.")],
    promise: Annotated[Path | None, typer.Option(help="承诺的文本文件。 Text file of the promise.")] = None,
    guide: Annotated[Path | None, typer.Option(help="便民服务指南的文本文件。 Text file of the guide.")] = None,
) -> None:
    """一个单位的承诺和便民服务指南:查看,或从文件换上。 A unit's promise and guide: show, or set from files."""
    from survey_models.staff import service

    if promise is None and guide is None:
        with desk_of(ctx).look(*HALL_READERS) as session:
            typer.echo("\n\n".join(service.board(session, unit)))
        return
    with desk_of(ctx).work(*HALL) as work:
        old = dict(zip(("promise", "guide"), service.board(work.session, unit), strict=True))
        files = {"promise": promise, "guide": guide}
        new = {name: path.read_text(encoding="utf-8") for name, path in files.items() if path is not None}
        service.set_board(work.session, unit, **{**old, **new}, by=work.by, at=work.at)
    say(f"{unit} 的承诺和指南已更换。", f"Promise and guide of {unit} are changed.")


@app.command()
def pair(ctx: typer.Context, window: Window) -> None:
    """取一个评价器配对码,在评价器的 /terminal 页输入;先前的作废。 A pairing code for a terminal of this window."""
    from survey_models.core.clock import local_text
    from survey_models.devices import service

    desk = desk_of(ctx)
    with desk.work(*HALL) as work:
        code, until = service.make_pairing(work.session, window, by=work.by, at=work.at)
    end = local_text(until, desk.settings.timezone)
    say(f"配对码 {code},用到 {end},只能用一次。", f"Pairing code {code}, good once, until {end}.")
    typer.echo(f"{desk.settings.public_url}/terminal/")


@app.command()
def months(
    ctx: typer.Context,
    month: Annotated[
        datetime | None,
        typer.Argument(formats=["%Y-%m"], help="月份,如 2026-10;不写则列出。 A month; none: list them."),
    ] = None,
) -> None:
    """窗口评价月度统计:好评率、差评率、平均星级、主动评价率。 Rates of the windows and people of a counted month."""
    from survey_models.core import clock
    from survey_models.ratings import months as found

    desk = desk_of(ctx)
    counting, at, zone = desk.settings.counting, clock.now(), desk.settings.timezone
    with desk.look(*HALL_READERS) as session:
        if month is None:
            counted = found.counted_months(session, counting=counting, at=at, zone=zone)
            table(["月份 month"], [(f"{one:%Y-%m}",) for one in counted])
            return
        first = date(month.year, month.month, 1)
        _print_month(found.month_table(session, first, counting=counting, at=at, zone=zone))


def _print_month(found: Month) -> None:
    from api.schemas.rates import MonthView

    shown = MonthView.of(found)
    heads = ["次数 ratings", "好评率 good %", "差评率 bad %", "星级 stars"]
    few = ("—", "—", "—")
    table(
        ["窗口 window", *heads, "办件 cases", "主动评价率 own %"],
        [
            (
                f"{row.number} {row.name}",
                row.n,
                *((row.rates.good, row.rates.bad, row.rates.stars) if row.rates else few),
                row.cases,
                row.own or "—",
            )
            for row in shown.windows
        ],
    )
    table(
        ["工作人员 person", *heads],
        [
            (
                f"{row.staff} {row.name}",
                row.n,
                *((row.rates.good, row.rates.bad, row.rates.stars) if row.rates else few),
            )
            for row in shown.people
        ],
    )


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="评价器导出的文件。 The file that a terminal wrote.")],
) -> None:
    """导入评价器导出的文件;重复导入不会多计。 Bring in a terminal's file; a second time changes nothing."""
    from api.outbox_files import bring_in

    desk = desk_of(ctx)
    desk.actor(*HALL)
    found = bring_in(file.read_bytes(), engine=desk.engine, settings=desk.settings)
    say(
        f"新收 {found['stored']} 条,已有 {found['duplicate']} 条,待定 {found['aside']} 条,不收 {found['refused']} 条。",
        f"{found['stored']} new, {found['duplicate']} known, {found['aside']} kept aside, {found['refused']} refused.",
    )


@app.command()
def posters(
    ctx: typer.Context,
    out: Out,
    size: Size = "a4",
    only: Annotated[list[str] | None, typer.Option("--window", help="只印这些窗口。 These windows alone.")] = None,
) -> None:
    """各窗口的站立牌：扫码到该窗口的评价页。 Standing posters that lead to each window's page."""
    from survey_models.printing import service

    desk = desk_of(ctx)
    with desk.look(*HALL_READERS) as session:
        found = service.window_posters(session, address=desk.settings.public_url, only=only)
    write_posters(ctx, found, out, size)
