"""``pingyi campaigns rehearse``: rehearsals (演练) of a campaign."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.campaigns import Campaign
from api.cli.desk import desk_of
from api.cli.mix import PassphraseFile, passphrase_from
from api.cli.speaking import table
from survey_models.accounts.rules import Role
from survey_models.core.errors import Problem


def rehearse(
    ctx: typer.Context,
    campaign: Campaign,
    *,
    sheets: Annotated[int, typer.Option(min=1, help="演练的份数,按原来的比例分到各单元。 Sheets of the rehearsal.")],
    out: Annotated[Path, typer.Option(file_okay=False, help="交接文件写到这个文件夹。 Folder of the hand-over file.")],
    public: Annotated[
        str | None, typer.Option(help="印制单位的公钥;不写则输入口令。 Public key of the printers.")
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """照一项评议办演练:另立编号、评议码和台账,不进任何周期。 A smaller copy that counts nowhere."""
    from api import round_tickets
    from api.handover import Lock
    from survey_models.fieldwork import rehearsals

    desk = desk_of(ctx)
    passphrase = None if public else passphrase_from(passphrase_file, twice=True)
    lock = Lock.of(passphrase, public)
    out.mkdir(parents=True, exist_ok=True)
    try:
        with desk.work(Role.SETUP) as work:
            made, orders = rehearsals.rehearse(work.session, campaign, sheets, by=work.by, at=work.at)
            how = round_tickets.Work(lock, desk.settings, work.by, work.at)
            issued = round_tickets.issue_one(work.session, made, orders, {}, how)
            path = round_tickets.write(out, issued)
    except FileExistsError as error:
        raise Problem("key_file_exists", path=str(error.filename)) from None
    row = (issued.campaign, issued.cards, path, issued.digest, "✓" if issued.ready else "")
    table(["演练 rehearsal", "张数 cards", "文件 file", "SHA-256", "就绪 ready"], [row])
