"""``pingyi simulate``: made-up people answer a demo campaign over HTTP (模拟答题)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.desk import desk_of
from api.cli.progress import bar
from api.cli.speaking import say

if TYPE_CHECKING:
    from api.simulation.run import Outcome


def simulate(
    ctx: typer.Context,
    campaign: Annotated[str, typer.Argument(help="评议编号,如 luohe。 Id of the campaign.")],
    *,
    respondents: Annotated[int, typer.Option(min=1, help="多少人答题。 How many people answer.")] = 9860,
    base_url: Annotated[str, typer.Option(help="服务地址;不写用 PINGYI_PUBLIC_URL。 Address of the service.")] = "",
    seed: Annotated[int, typer.Option(min=0, help="随机种子。 Seed of the opinions and the choice of people.")] = 2026,
    concurrency: Annotated[int, typer.Option(min=1, max=256, help="同时几部手机。 Phones at the same time.")] = 32,
) -> None:
    """让虚构的人通过 HTTP 答一项演示评议,记下真值。 Let made-up people answer a demo campaign; note the truth."""
    from api.simulation import run, sender

    asked = run.Wanted(campaign, respondents, base_url=base_url, seed=seed, concurrency=concurrency)
    try:
        with bar(respondents, what=campaign) as one_more:
            done = run.simulate(desk_of(ctx).settings, asked, on_stored=one_more)
    except sender.Unanswered as failure:
        typer.echo(f"服务没有正常应答。 The service did not answer as it should: {failure}", err=True)
        raise typer.Exit(1) from None
    _report(done, respondents)


def _report(done: Outcome, wanted: int) -> None:
    sent, counts = done.sent, done.counts
    acknowledged = len(sent.acknowledged)
    say(
        f"收到 {acknowledged} 份回执,其中重发 {sent.replays} 次仍为同一回执;真值写在 {done.truth_file}。",
        f"{acknowledged} sheets acknowledged, {sent.replays} sent twice for one receipt; truth: {done.truth_file}.",
    )
    for code, number in sorted(sent.refused.items()):
        say(f"拒收 {number} 份:{code}", f"{number} refused: {code}")
    if counts is None:
        say("数据库不可访问,没有核对。", "The database cannot be asked; nothing was reconciled.")
    else:
        typer.echo(f"已存 stored {counts.stored} / 回执 acknowledged {counts.acknowledged}")
        typer.echo(f"已用票 spent tickets {counts.spent_tickets} / 凭票评议 ticketed ballots {counts.ticketed_ballots}")
    if acknowledged < wanted or (counts is not None and not counts.even):
        raise typer.Exit(1)
