"""``pingyi tickets``: tickets (票)."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.campaigns import Campaign
from api.cli.desk import desk_of
from api.cli.speaking import say
from survey_models.accounts.rules import Role

app = typer.Typer(help="评议码:作废。 Tickets: withdraw.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """评议码:作废。 Tickets: withdraw."""


@app.command()
def void(
    ctx: typer.Context,
    campaign: Campaign,
    serial: Annotated[int, typer.Argument(help="卡片背面的序号。 Serial number on the back of the card.")],
    reason: Annotated[str, typer.Option(help="原因,记入台账。 Why; it goes to the ledger.")],
) -> None:
    """按卡片序号作废一张票;用过的不能作废。 Withdraw a ticket by its card's serial number; a used one stays used."""
    from survey_models.tickets import service

    with desk_of(ctx).work(Role.SETUP) as work:
        service.void(work.session, campaign, serial, reason=reason, by=work.by, at=work.at)
    say(f"{campaign} 第 {serial} 号已作废。", f"Ticket {serial} of {campaign} is withdrawn.")
