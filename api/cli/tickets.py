"""``pingyi tickets``: tickets (票), by the serial numbers of their cards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.campaigns import OFFICE, Campaign
from api.cli.desk import desk_of
from api.cli.mix import PassphraseFile, passphrase_from
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role
from survey_models.core.errors import Problem

Serial = Annotated[int, typer.Argument(help="卡片背面的序号。 Serial number on the back of the card.")]
Reason = Annotated[str, typer.Option(help="原因,记入台账。 Why; it goes to the ledger.")]

app = typer.Typer(
    help="评议码:作废、补卡、作废整批、重新生成。 Tickets: withdraw, replace, void or reissue a batch.",
    no_args_is_help=True,
)


@app.callback()
def group() -> None:
    """评议码:作废、补卡、作废整批、重新生成。 Tickets: withdraw, replace, void or reissue a batch."""


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
def reissue(
    ctx: typer.Context,
    campaign: Campaign,
    batch: Annotated[int, typer.Argument(help="作废的批次编号。 Number of the voided batch.")],
    *,
    out: Annotated[Path, typer.Option(help="交接文件写到这里,只写一次。 Hand-over file to write.", dir_okay=False)],
    public: Annotated[
        str | None,
        typer.Option(help="印制单位的公钥;不写则输入口令。 Public key of the printers."),
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """重新生成作废批次的评议码,密封写入交接文件。 Issue a voided batch anew, into a sealed hand-over file."""
    import hashlib

    from api import handover
    from api.keys import load_pepper, write_private

    desk = desk_of(ctx)
    passphrase = None if public else passphrase_from(passphrase_file, twice=True)
    lock = handover.Lock.of(passphrase, public)
    pepper = load_pepper(desk.settings.data_dir)
    try:
        with desk.work(Role.SETUP) as work:
            made, sealed = handover.reissue(
                work.session, campaign, batch, lock=lock, pepper=pepper, by=work.by, at=work.at
            )
            # Before the commit: codes that could not be written down are not issued.
            write_private(out, sealed)
    except FileExistsError:
        raise Problem("key_file_exists", path=str(out)) from None
    digest = hashlib.sha256(sealed).hexdigest()
    say(
        f"第 {made.instead_of} 批已重新生成为第 {made.batch} 批:{made.count} 张,备用 {made.reserve} 张。"
        f"{out} 的 SHA-256:{digest}",
        f"Batch {made.instead_of} is issued anew as {made.batch}: {made.count} cards, {made.reserve} in reserve. "
        f"SHA-256 of {out}: {digest}",
    )


@app.command()
def unseal(
    file: Annotated[Path, typer.Argument(help="密封的交接文件。 A sealed hand-over file.", dir_okay=False)],
    out: Annotated[Path, typer.Option(help="明文写到这里,印完即删。 Plain table to write.", dir_okay=False)],
    key: Annotated[
        Path | None,
        typer.Option(help="密封给公钥的,要私钥文件。 Private key file.", dir_okay=False),
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """打开密封的交接文件,供印制;用不着账号和服务器。 Open a sealed hand-over file for printing; needs no account."""
    from api import handover
    from api.key_files import read_key_file
    from api.keys import write_private

    def asked() -> str:
        return passphrase_from(passphrase_file)

    try:
        if handover.is_sealed_to_key(file):
            if key is None:
                raise Problem("hand_over_sealed", path=str(file))
            lines = handover.open_with_key(file, read_key_file(key, passphrase=asked))
        else:
            lines = handover.open_sealed(file, passphrase=asked())
        write_private(out, handover.plain(lines))
    except FileExistsError:
        raise Problem("key_file_exists", path=str(out)) from None
    except ValueError:
        raise Problem("hand_over_sealed", path=str(file)) from None
    say(
        f"{len(lines)} 张卡的评议码已写入 {out};印完请删除。",
        f"The codes of {len(lines)} cards are in {out}; delete it once they are printed.",
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
