"""``pingyi cards``: printing cards, envelopes, labels and posters (印制)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.campaigns import OFFICE, Campaign
from api.cli.desk import desk_of
from api.cli.mix import PassphraseFile, passphrase_from
from api.cli.speaking import say
from survey_models.accounts.rules import Role
from survey_models.core.errors import Problem

if TYPE_CHECKING:
    from survey_models.printing.orders import PrintOrder
    from survey_models.printing.posters import Poster

Out = Annotated[Path, typer.Option(help="PDF 写到这里，只写一次。 PDF to write, once.", dir_okay=False)]
Size = Annotated[str, typer.Option(help="纸张：a3、a4、a5。 Paper: a3, a4, a5.")]

app = typer.Typer(
    help="印制：卡片、信封、标签、海报。 Printing: cards, envelopes, labels, posters.", no_args_is_help=True
)


@app.callback()
def cards() -> None:
    """印制：卡片、信封、标签、海报。 Printing: cards, envelopes, labels, posters."""


@app.command()
def order(
    ctx: typer.Context,
    campaign: Campaign,
    out: Annotated[Path, typer.Option(help="任务书写到这里。 File of the order to write.", dir_okay=False)],
) -> None:
    """写印制任务书：批次、张数、序号，不含评议码。 Write the print order: batches and counts, no codes."""
    from survey_models.printing import service

    desk = desk_of(ctx)
    with desk.look(*OFFICE) as session:
        made = service.order_of(session, campaign, address=desk.settings.public_url)
    out.write_bytes(made.to_json())
    digest = service.digest_of(made)
    say(f"印制任务书已写入 {out}，SHA-256：{digest}", f"The print order is in {out}, SHA-256: {digest}")


@app.command("print")
def print_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="密封的交接文件。 The sealed hand-over file.", dir_okay=False)],
    *,
    out: Out,
    paper: Annotated[
        str,
        typer.Option(
            help="版式：cards、c6、dl、labels-3x8、labels-2x7、a4、a3，或自定标签。 Format, or labels of your own."
        ),
    ] = "cards",
    campaign: Annotated[
        str | None, typer.Option(help="哪个评议；有任务书则不用。 Which campaign (without an order).")
    ] = None,
    order: Annotated[
        Path | None,
        typer.Option(help="印制任务书；印制单位用它，不需账号。 The print order; needs no account.", dir_okay=False),
    ] = None,
    area: Annotated[str | None, typer.Option(help="只印一个地区。 One area alone.")] = None,
    key: Annotated[
        Path | None, typer.Option(help="密封给公钥的，要私钥文件。 Private key file.", dir_okay=False)
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """打开交接文件，核对张数，排成 PDF。 Open the hand-over file, check its counts, set it as PDF."""
    from api import printing
    from survey_models.printing import making, service
    from survey_models.printing.formats import format_of

    wanted = format_of(paper)
    ordered = _order(ctx, campaign, order)
    found = printing.cards_in(file, ordered, passphrase=lambda: passphrase_from(passphrase_file), key=key)
    sealed, digest = printing.digest(file.read_bytes()), service.digest_of(ordered)
    how = making.How(wanted, sealed, digest, area, desk_of(ctx).settings.font, printing.PROCESSES)
    with printing.fresh(out) as stream:
        made = making.write(stream, ordered, found, how)
    if campaign is not None:
        with desk_of(ctx).work(Role.SETUP) as work:
            service.record_printed(work.session, campaign, made, how, by=work.by, at=work.at)
    say(
        f"{out}：{made.cards} 张（备用 {made.reserve}），{made.groups} 包，{made.pages} 页。印完请删除。",
        f"{out}: {made.cards} pieces ({made.reserve} in reserve), {made.groups} packs, {made.pages} pages. "
        "Delete it once printed.",
    )


@app.command()
def posters(ctx: typer.Context, campaign: Campaign, out: Out, size: Size = "a3") -> None:
    """各测评点（没有则各地区）的扫码海报，不含评议码。 A poster for each test point or area; no code on it."""
    from survey_models.printing import service

    desk = desk_of(ctx)
    with desk.look(*OFFICE) as session:
        found = service.campaign_posters(session, campaign, address=desk.settings.public_url)
    write_posters(ctx, found, out, size)


def write_posters(ctx: typer.Context, found: list[Poster], out: Path, size: str) -> None:
    """Write posters and say how many."""
    from api import printing
    from survey_models.printing import posters as setting

    if size not in setting.SIZES:
        raise Problem("print_format_unknown", name=size[:60], known=", ".join(setting.SIZES))
    with printing.fresh(out) as stream:
        count = setting.write(stream, found, size=size, font=desk_of(ctx).settings.font)
    say(f"{out}：{count} 张海报。", f"{out}: {count} posters.")


def _order(ctx: typer.Context, campaign: str | None, path: Path | None) -> PrintOrder:
    from survey_models.printing import service
    from survey_models.printing.orders import PrintOrder

    if (campaign is None) == (path is None):
        raise Problem("print_order_wanted")
    if path is not None:
        try:
            return PrintOrder.from_json(path.read_bytes())
        except OSError:
            raise Problem("print_order_unreadable") from None
    desk = desk_of(ctx)
    with desk.look(Role.SETUP) as session:
        return service.order_of(session, str(campaign), address=desk.settings.public_url)
