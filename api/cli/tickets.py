"""``pingyi tickets``: tickets (票), by the serial numbers of their cards."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.campaigns import OFFICE, Campaign
from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role

Serial = Annotated[int, typer.Argument(help="卡片背面的序号。 Serial number on the back of the card.")]
Reason = Annotated[str, typer.Option(help="原因,记入台账。 Why; it goes to the ledger.")]

app = typer.Typer(help="评议码:作废、补卡、作废整批。 Tickets: withdraw, replace, void a batch.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """评议码:作废、补卡、作废整批。 Tickets: withdraw, replace, void a batch."""


@app.command()
def void(
    ctx: typer.Context,
    campaign: Campaign,
    serial: Serial,
    reason: Reason,
) -> None:
    """按卡片序号作废一张票;用过的不能作废。 Withdraw a ticket by its card's serial number; a used one stays used."""
    from survey_models.tickets import service

    with desk_of(ctx).work(Role.SETUP) as work:
        service.void(work.session, campaign, serial, reason=reason, by=work.by, at=work.at)
    say(f"{campaign} 第 {serial} 号已作废。", f"Ticket {serial} of {campaign} is withdrawn.")


@app.command()
def replace(ctx: typer.Context, campaign: Campaign, serial: Serial, reason: Reason) -> None:
    """补卡:丢失的作废,告诉您该发哪张封存的备用卡。 Replace a lost card from the sealed reserve of its stratum."""
    from survey_models.tickets import service

    with desk_of(ctx).work(Role.SETUP) as work:
        fresh = service.replace(work.session, campaign, serial, reason=reason, by=work.by, at=work.at)
    say(
        f"{campaign} 第 {serial} 号已作废;请把第 {fresh} 号备用卡原封交给本人。",
        f"Ticket {serial} of {campaign} is withdrawn; hand over the sealed reserve card {fresh}, unopened.",
    )


@app.command("void-batch")
def void_batch(
    ctx: typer.Context,
    campaign: Campaign,
    batch: Annotated[int, typer.Argument(help="批次编号,见 batches。 Number of the batch, see batches.")],
    reason: Reason,
) -> None:
    """提出作废整批没有用过的票,由另一人确认。 Ask to withdraw all unused tickets of a batch; another confirms."""
    from api import acts

    desk, params = desk_of(ctx), {"batch": batch, "reason": reason}
    with desk.work(Role.SETUP) as work:
        act = acts.ask(
            work.session,
            acts.VOID_BATCH,
            target=campaign,
            by=work.by,
            at=work.at,
            settings=desk.settings,
            params=params,
        )
    say(
        f"已提出第 {act.number} 项,24 小时内由另一位同事确认:pingyi acts confirm {act.number}",
        f"Act {act.number} is asked; within 24 hours a colleague confirms: pingyi acts confirm {act.number}",
    )


@app.command()
def batches(ctx: typer.Context, campaign: Campaign) -> None:
    """列出各批:层、测评点、张数和剩下的备用卡。 List the batches with what is left of their reserve."""
    from survey_models.tickets import service

    with desk_of(ctx).look(*OFFICE) as session:
        rows = [
            (row.no, row.stratum_no, row.point_no, row.count, row.reserve_left, "✓" if row.voided_at else "")
            for row in service.batches_of(session, campaign)
        ]
    table(["批 batch", "层 stratum", "点 point", "张数 cards", "备用 reserve", "作废 void"], rows)
