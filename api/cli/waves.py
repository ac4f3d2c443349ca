"""``pingyi campaigns wave``: a questionnaire to people of a frozen frame, beside what is scored (问卷活动)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.desk import desk_of
from api.cli.mix import PassphraseFile, passphrase_from
from api.cli.speaking import table
from survey_models.accounts.rules import Role
from survey_models.core.errors import Problem


def wave(
    ctx: typer.Context,
    campaign: Annotated[str, typer.Argument(help="新活动的编号。 Id of the new campaign.")],
    *,
    round_: Annotated[
        str, typer.Option("--round", help="所属周期,问它的单位。 The round whose units are asked about.")
    ],
    frame: Annotated[str, typer.Option(help="冻结的人口数抽样框。 Frozen counts frame.")],
    out: Annotated[Path, typer.Option(file_okay=False, help="交接文件写到这个文件夹。 Folder of the hand-over file.")],
    template: Annotated[str, typer.Option(help="问卷模板。 Template of the questionnaire.")] = "luohe-opinions",
    sheets: Annotated[int, typer.Option(min=10, help="份数。 Number of sheets.")] = 2_500,
    reserve: Annotated[int, typer.Option(min=0, help="密封备用卡张数。 Cards in sealed reserve.")] = 0,
    public: Annotated[
        str | None, typer.Option(help="印制单位的公钥;不写则输入口令。 Public key of the printers.")
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """用模板发一次问卷活动(如 2500 份征求意见):建立、发码、备好待开放。 A wave from a template, ready to be opened."""
    from api import round_tickets
    from api.handover import Lock
    from survey_models.campaigns import service as campaigns
    from survey_models.rounds import waves

    desk = desk_of(ctx)
    passphrase = None if public else passphrase_from(passphrase_file, twice=True)
    lock = Lock.of(passphrase, public)
    out.mkdir(parents=True, exist_ok=True)
    wanted = waves.Wave(campaign, round_, frame, template=template, sheets=sheets)
    try:
        with desk.work(Role.SETUP) as work:
            waves.draft(work.session, wanted, by=work.by, at=work.at)
            drafted = campaigns.get(work.session, campaign, lock=True)
            ordered = waves.orders(work.session, campaign, reserve=reserve)
            how = round_tickets.Work(lock, desk.settings, work.by, work.at)
            made = round_tickets.issue_one(work.session, drafted, ordered, {}, how)
            path = round_tickets.write(out, made)
    except FileExistsError as error:
        raise Problem("key_file_exists", path=str(error.filename)) from None
    row = (made.campaign, made.cards, path, made.digest, "✓" if made.ready else "")
    table(["评议 campaign", "张数 cards", "文件 file", "SHA-256", "就绪 ready"], [row])
