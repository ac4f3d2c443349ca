"""``pingyi results``: scores (得分) of counted campaigns."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.campaigns import OFFICE, Campaign
from api.cli.desk import desk_of
from api.cli.speaking import say, table
from sampling.ranks import round_half_up
from survey_models.accounts.rules import Role

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from survey_models.results.tables import Result, ResultRow

app = typer.Typer(help="得分:计算、查看、导出。 Scores: compute, show, export.", no_args_is_help=True)

# fmt: off
INTERVAL = "区间 interval"
COLUMNS = (
    "名次 rank", "可能 range", "代码 unit", "单位 name", "得分 score", "标准误 se", INTERVAL, "份数 n",
    "满意率%", "不了解率%",
)
# fmt: on


def show_scores(session: Session, result: Result) -> None:
    """Print a result as it is published: by category and place, two decimals, the method under it."""
    from survey_models.results import service
    from survey_models.results.methods import percent

    rows = service.rows(session, result)
    level = percent(result.method.get("confidence", "0.95"))
    columns = [f"{level}% {name}" if name == INTERVAL else name for name in COLUMNS]
    for category in dict.fromkeys(row.category for row, _ in rows):
        typer.echo(f"\n{category}")
        members = sorted(
            ((row, name) for row, name in rows if row.category == category),
            key=lambda member: (member[0].rank is None, member[0].rank, member[0].position),
        )
        table(columns, [_line(row, name) for row, name in members])
    for line in (*result.method["zh"], *result.method["en"]):
        typer.echo(line)


def _line(row: ResultRow, name: str) -> tuple[object, ...]:
    def printed(value: str | None) -> str:
        return "—" if value is None else f"{round_half_up(Decimal(value)):f}"

    interval = f"{printed(row.ci_low)}–{printed(row.ci_high)}"
    rates = printed(row.satisfied_rate), printed(row.dont_know_rate)
    places = "—" if row.rank_low is None else f"{row.rank_low}–{row.rank_high}"
    return row.rank or "—", places, row.unit_code, name, printed(row.score), printed(row.se), interval, row.n, *rates


@app.command()
def run(ctx: typer.Context, campaign: Campaign) -> None:
    """计算得分;再算一次是另一份结果。 Compute the scores; a second run is a second result."""
    from survey_models.results import service

    with desk_of(ctx).work(Role.SETUP) as work:
        result = service.run(work.session, campaign, by=work.by, at=work.at)
        show_scores(work.session, result)
    say(
        f"{campaign} 第 {result.no} 份结果,{result.ballots} 份评议票,摘要 {result.result_digest}。",
        f"Result {result.no} of {campaign} from {result.ballots} ballots, digest {result.result_digest}.",
    )


@app.command()
def show(ctx: typer.Context, campaign: Campaign) -> None:
    """最新的得分和名次。 The newest scores and places."""
    from survey_models.results import service

    with desk_of(ctx).look(*OFFICE) as session:
        show_scores(session, service.latest(session, campaign))


@app.command()
def steps(
    ctx: typer.Context,
    campaign: Campaign,
    unit: Annotated[
        str | None, typer.Argument(help="单位代码；不写则列全部步骤。 Code of a unit (default: all).")
    ] = None,
) -> None:
    """最新结果的计算步骤，或一个单位的。 Steps of the newest result, or of one unit's score."""
    from survey_models.results import service

    with desk_of(ctx).look(*OFFICE) as session:
        if unit is None:
            told = service.latest(session, campaign).method.get("steps", [])
            for line in (step[language] for language in ("zh", "en") for step in told):
                typer.echo(line)
            return
        found = service.unit_steps(session, campaign, unit)
    for name, value in (found.row.trace or {}).items():
        typer.echo(f"{name} {value}")
    say(*found.sentence)


@app.command()
def export(
    ctx: typer.Context,
    campaign: Campaign,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, help="写到哪个文件。 File to write (default: CAMPAIGN-results.xlsx).")
    ] = None,
) -> None:
    """导出得分表(xlsx),记入台账。 Export the sheet of scores; it stands in the ledger."""
    from survey_models.reports import service

    desk, path = desk_of(ctx), out or Path(f"{campaign}-results.xlsx")
    with desk.work(*OFFICE) as work:
        content = service.results_xlsx(work.session, campaign, zone=desk.settings.timezone)
        service.record_export(
            work.session, content, sheet=service.RESULTS, campaign_id=campaign, by=work.by, at=work.at
        )
        path.write_bytes(content)
    say(f"已写入 {path}。", f"Written to {path}.")


class Language(StrEnum):
    """Language of a report."""

    ZH = "zh"
    EN = "en"


@app.command()
def report(
    ctx: typer.Context,
    campaign: Campaign,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, help="写到哪个文件。 File to write (default: CAMPAIGN-results.html).")
    ] = None,
    lang: Annotated[Language, typer.Option(help="语言。 Language.")] = Language.ZH,
) -> None:
    """写出可打印的报告(HTML),记入台账。 Write the report to print; it stands in the ledger."""
    from survey_models.reports import service
    from survey_models.reports.printed import results_html

    desk, path = desk_of(ctx), out or Path(f"{campaign}-results.html")
    with desk.work(*OFFICE) as work:
        content = results_html(work.session, campaign, zone=desk.settings.timezone, lang=lang)
        service.record_export(
            work.session, content, sheet=service.RESULTS_PAGE, campaign_id=campaign, by=work.by, at=work.at
        )
        path.write_bytes(content)
    say(f"已写入 {path}。", f"Written to {path}.")


@app.command()
def pictures(
    ctx: typer.Context,
    campaign: Campaign,
    out: Annotated[Path, typer.Option(file_okay=False, help="写到哪个文件夹。 Folder to write to.")] = Path(),
) -> None:
    """把名次、得分、样本分配和权数画成 SVG 图。 Draw places, scores, allocation and weights as SVG."""
    from survey_models.reports.pictures import all_pictures

    out.mkdir(parents=True, exist_ok=True)
    with desk_of(ctx).look(*OFFICE) as session:
        drawn = all_pictures(session, campaign)
    for name, svg in drawn.items():
        (out / f"{campaign}-{name}.svg").write_text(svg, encoding="utf-8")
    say(f"已写入 {out} 里的 {len(drawn)} 张图。", f"{len(drawn)} pictures written to {out}.")
