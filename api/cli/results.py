"""``pingyi results``: scores (得分) of counted campaigns."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.campaigns import OFFICE, Campaign
from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role

app = typer.Typer(help="得分:计算、查看、导出。 Scores: compute, show, export.", no_args_is_help=True)

# fmt: off
COLUMNS = (
    "代码 unit", "单位 name", "类别 category", "得分 score", "标准误 se", "下限 low", "上限 high", "份数 n",
    "名次 rank",
)
# fmt: on


@app.command()
def run(ctx: typer.Context, campaign: Campaign) -> None:
    """计算得分;再算一次是另一份结果。 Compute the scores; a second run is a second result."""
    from survey_models.results import service

    with desk_of(ctx).work(Role.SETUP) as work:
        result = service.run(work.session, campaign, by=work.by, at=work.at)
    say(
        f"{campaign} 第 {result.no} 份结果,{result.ballots} 份评议票,摘要 {result.result_digest}。",
        f"Result {result.no} of {campaign} from {result.ballots} ballots, digest {result.result_digest}.",
    )


@app.command()
def show(ctx: typer.Context, campaign: Campaign) -> None:
    """最新的得分和名次。 The newest scores and places."""
    from survey_models.results import service

    with desk_of(ctx).look(*OFFICE) as session:
        result = service.latest(session, campaign)
        rows = [
            (row.unit_code, name, row.category, row.score, row.se, row.ci_low, row.ci_high, row.n, row.rank)
            for row, name in service.rows(session, result)
        ]
    table(COLUMNS, rows)
    for line in (*result.method["zh"], *result.method["en"]):
        typer.echo(line)


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
