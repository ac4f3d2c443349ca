"""``pingyi rosters``: who may be invited (名册)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.desk import desk_of
from api.cli.faults import shown
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role

app = typer.Typer(help="名册:模板、导入、人数。 Rosters: template, import, counts.", no_args_is_help=True)
RosterId = Annotated[str, typer.Argument(metavar="ROSTER", help="名册编号。 Id of the roster.")]


@app.command()
def template(ctx: typer.Context, roster: RosterId, out: Path) -> None:
    """写出名册模板。 Write the workbook to fill in."""
    from survey_models.rosters import service

    with desk_of(ctx).look(Role.SETUP) as session:
        out.write_bytes(service.template(session, roster))
    say(f"已写入 {out}。", f"Written to {out}.")


@app.command("import")
def import_(
    ctx: typer.Context,
    roster: RosterId,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="填好的名册。 The filled-in workbook.")],
    opens: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="测评点开放日期。 The day the point opens.")
    ] = None,
) -> None:
    """导入名册:整份收下,或列出全部错误。 Import a roster: whole, or a list of every fault."""
    from api.keys import load_pepper
    from survey_models.rosters import service
    from survey_models.rosters.sealing import Sealer
    from survey_models.spreadsheets.read import read

    desk = desk_of(ctx)
    content = file.read_bytes()
    sheet = read(content, file.name)
    sealer = Sealer(load_pepper(desk.settings.data_dir))
    day = opens.date() if opens else None
    with shown(), desk.work(Role.SETUP) as work:
        counts = service.import_sheet(
            work.session,
            roster,
            sheet,
            content,
            sealer=sealer,
            opens_on=day,
            by=work.by,
            at=work.at,
            zone=desk.settings.timezone,
        )
    say(f"{counts.people} 人,其中新聘 {counts.new} 人。", f"{counts.people} people, {counts.new} of them new.")


@app.command("list")
def list_(ctx: typer.Context, round_id: Annotated[str, typer.Argument(metavar="ROUND")]) -> None:
    """一轮评议的名册和人数。 The rosters of a round and their printed counts."""
    from survey_models.rosters import service

    with desk_of(ctx).look(Role.SETUP, Role.RELEASE) as session:
        rows = []
        for row in service.of_round(session, round_id):
            counts = service.counts_of(session, row.id)
            figures = (counts.people, counts.new, counts.waived, counts.removed, counts.cards_not_handed_in)
            rows.append((row.id, row.title, *figures))
    heads = [
        "编号 id",
        "名册 roster",
        "人数 people",
        "新聘 new",
        "重复聘用 waived",
        "退出 removed",
        "卡未交回 cards out",
    ]
    table(heads, rows)


@app.command()
def draw(
    ctx: typer.Context,
    roster: RosterId,
    people: Annotated[int, typer.Option(min=1, help="抽几人。 How many people.")],
    *,
    by_hirer: Annotated[bool, typer.Option("--by-hirer", help="按聘用单位分层。 Each hirer is a stratum.")] = False,
    draw_id: Annotated[str, typer.Option("--id", help="抽样编号；不写即编号。 Id of the draw; else numbered.")] = "",
) -> None:
    """定下从名册抽几人，新聘的不少于办法要求。 Fix a draw from a roster, with as many new ones as asked."""
    from survey_models.draws import service as draws
    from survey_models.rosters import drawing
    from survey_models.rosters.drawing import Wish

    with desk_of(ctx).work(Role.SETUP) as work:
        made = drawing.plan(work.session, roster, Wish(people, by_hirer, draw_id), by=work.by, at=work.at)
        rows = list(draws.get(work.session, made.id).design["sizes"].items())
        called, facts = made.id, dict(made.rules)
    table(["层 stratum", "抽取 drawn"], rows)
    say(
        f"抽样 {called} 的方案已定：可抽 {facts['eligible']} 人，抽 {people} 人，新聘不少于 {facts['new_least']} 人。"
        f"等待公开种子：pingyi draws run {called} --seed SEED",
        f"Draw {called} is planned: {people} of {facts['eligible']} people, at least {facts['new_least']} new ones."
        f" It waits for its public seed: pingyi draws run {called} --seed SEED",
    )


@app.command()
def drawn(
    ctx: typer.Context,
    roster: RosterId,
    draw_id: Annotated[str, typer.Argument(metavar="DRAW", help="抽样编号。 Id of the draw.")],
    *,
    names: Annotated[bool, typer.Option("--names", help="连同姓名，记入台账。 By name; it is in the ledger.")] = False,
) -> None:
    """抽中的人。 Who was drawn."""
    from api.keys import load_pepper
    from survey_models.rosters import drawing
    from survey_models.rosters.sealing import Sealer

    desk = desk_of(ctx)
    with desk.work(*((Role.SETUP,) if names else (Role.SETUP, Role.RELEASE))) as work:
        if names:
            sealer = Sealer(load_pepper(desk.settings.data_dir))
            found = drawing.people(work.session, roster, draw_id, sealer=sealer, by=work.by, at=work.at)
        else:
            found = [(one, None) for one in drawing.drawn(work.session, roster, draw_id)]
        rows = []
        for one, person in found:
            hirer, gone = (one.entry.hired_by, one.entry.removed_on) if one.entry else ("", "—")
            who = (person.name, person.phone) if person else ("", "")
            rows.append((one.row.stratum, one.row.lot, one.row.entry, one.row.probability, hirer, gone or "", *who))
    heads = ["层 stratum", "签号 lot", "编号 entry", "概率 chance", "聘用单位 hirer", "退出 removed", "姓名 name"]
    table([*heads, "电话 phone"], rows)
