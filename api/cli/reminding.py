"""``pingyi campaigns remind``: reminders (催办) to a whole stratum."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.campaigns import Campaign
from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role
from survey_models.fieldwork.gateways import FileGateway, Way


def remind(
    ctx: typer.Context,
    campaign: Campaign,
    *,
    way: Annotated[Way, typer.Option(help="sms:名册上的手机;wechat:各层的群。 Telephones or groups.")] = Way.WECHAT,
    stratum: Annotated[int | None, typer.Option(help="只催一层;不写为全部。 One stratum (default: all).")] = None,
    text: Annotated[str, typer.Option(help="自己的一段话,不能含评议码。 The office's own words, no code.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看发给谁、说什么。 Only tell whom and what.")] = False,
) -> None:
    """催办:整层的人收到同一句话,写成文件交短信或微信系统发送。 Remind a whole stratum: a file for SMS or WeChat."""
    from api.keys import load_pepper
    from survey_models.fieldwork import reminders
    from survey_models.rosters.sealing import Sealer

    desk = desk_of(ctx)
    if dry_run:
        with desk.look(Role.SETUP) as session:
            planned = reminders.preview(session, campaign, way, stratum=stratum, text=text)
        say(f"将发 {planned.number} 条:{planned.text}", f"{planned.number} messages would go out.")
        table(["收件 to"], [[one] for one in planned.to])
        return
    folder = desk.settings.data_dir / "outbox"
    with desk.work(Role.SETUP) as work:
        made = reminders.remind(
            work.session,
            campaign,
            way,
            gateway=FileGateway(folder),
            sealer=Sealer(load_pepper(desk.settings.data_dir)),
            stratum=stratum,
            text=text,
            by=work.by,
            at=work.at,
        )
        path = folder / made.sent.name if made.sent else folder
    say(f"{made.number} 条:{path}", f"{made.number} messages: {path}")
