"""``pingyi ledger audit``, ``prove``, ``separation``: the ledger as an auditor (纪检) reads it."""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.campaigns import OFFICE
from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.core.clock import local_text
from survey_models.core.errors import Problem

if TYPE_CHECKING:
    from survey_models.audit.kinds import Kind
    from survey_models.audit.service import Wish

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="日期(含)。 Day, included.")]


def audit(
    ctx: typer.Context,
    *,
    log: Annotated[str, typer.Option(help="评议编号,或 system。 A campaign id, or system.")] = "",
    round_: Annotated[str, typer.Option("--round", help="评议周期编号。 Id of a round.")] = "",
    kind: Annotated[str, typer.Option(help="事项类别,如 two_people。 Kind of act.")] = "",
    person: Annotated[str, typer.Option(help="账号。 An account.")] = "",
    since: Day = None,
    until: Day = None,
    page: Annotated[int, typer.Option(min=1, help="第几页,每页 40 条。 Page of forty.")] = 1,
    out: Annotated[Path | None, typer.Option(help="全部写成 .csv 或 .xlsx。 Write all as .csv or .xlsx.")] = None,
) -> None:
    """谁在什么时候办了什么:按评议、周期、类别、人和日期查台账。 Who did what when, filtered; --out writes all of it."""
    from survey_models.audit import service, sheets

    desk = desk_of(ctx)
    zone = desk.settings.timezone
    days = (since and since.date(), until and until.date())
    wish = service.Wish(log, round_, _kind(kind), person, *days)
    if out is not None:
        _write(ctx, wish, out)
        return
    with desk.look(*OFFICE) as session:
        total, lines = service.page(session, wish, zone=zone, number=page)
    rows = [sheets.row(line, zone=zone) for line in lines]
    table(
        ["时间 at", "台账 log", "事项 act", "办理人 by", "提出人 asked by", "内容 facts", "编号 id"],
        [(row[0], row[1], f"{row[2]} {row[3]}", *row[4:7], line.id) for row, line in zip(rows, lines, strict=True)],
    )
    say(f"共 {total} 条,第 {page} 页。", f"{total} acts, page {page}.")


def prove(
    ctx: typer.Context,
    log: Annotated[str, typer.Argument(help="评议编号,或 system。 A campaign id, or system.")],
    entry: Annotated[uuid.UUID, typer.Argument(help="记录编号,见 pingyi ledger audit。 Id of the entry.")],
) -> None:
    """核对一条记录确在台账的树里:从记录重算到根。 Check that an entry is in the tree, from its bytes up to the root."""
    from survey_models.ledger import proofs
    from survey_models.ledger.merkle import includes, leaf_hash

    with desk_of(ctx).look(*OFFICE) as session:
        found = proofs.of_entry(session, log, entry)
    typer.echo(found.entry)
    if found.seq is None or found.head is None:
        say("还没有排进树里,稍后再核对。", "It has no place in the tree yet; check again later.")
        return
    head, path = found.head, [bytes.fromhex(value) for value in found.proof]
    if not includes(bytes.fromhex(head.root), head.size, found.seq, leaf_hash(found.entry.encode()), path):
        raise Problem("ledger_entry_differs")
    say(
        f"在树里:第 {found.seq + 1} 条,共 {head.size} 条,根 {head.root}",
        f"It is in the tree: entry {found.seq + 1} of {head.size}, root {head.root}",
    )


def separation(ctx: typer.Context) -> None:
    """职责分离:谁提出、谁确认,以及要问一问的。 Who asked and who confirmed, and what to ask about."""
    from survey_models.audit import apart
    from survey_models.audit.words import word
    from survey_models.core import clock

    desk = desk_of(ctx)
    zone = desk.settings.timezone
    with desk.look(*OFFICE) as session:
        pairs = apart.pairs(session, at=clock.now())
        people = apart.people(session, pairs)
        acts = [
            (
                pair.act.number,
                " ".join(word("act", pair.act.kind)),
                pair.act.target,
                f"{pair.act.asked_by} {local_text(pair.act.asked_at, zone)}",
                pair.act.confirmed_at and f"{pair.act.confirmed_by} {local_text(pair.act.confirmed_at, zone)}",
                " ".join(pair.asks),
            )
            for pair in pairs
        ]
    table(
        ["账号 account", "角色 roles", "提出 asked", "确认 confirmed"],
        [(one.name, " ".join(one.roles), one.asked, one.confirmed) for one in people],
    )
    table(["号 no", "事项 act", "评议 campaign", "提出 asked", "确认 confirmed", "要问的 to ask"], acts)


def _kind(name: str) -> Kind | None:
    from survey_models.audit.kinds import Kind

    if name and name not in set(Kind):
        raise typer.BadParameter(" ".join(Kind))
    return Kind(name) if name else None


def _write(ctx: typer.Context, wish: Wish, out: Path) -> None:
    from survey_models.audit import taking
    from survey_models.exports.kinds import Format

    if out.suffix not in {".csv", ".xlsx"}:
        raise typer.BadParameter("--out .csv .xlsx")
    desk = desk_of(ctx)
    with desk.work(*OFFICE) as work:
        form = Format(out.suffix[1:])
        content, rows = taking.take(work.session, wish, form, by=work.by, at=work.at, zone=desk.settings.timezone)
    out.write_bytes(content)
    say(f"已写入 {out},{rows} 条。", f"{rows} acts are written to {out}.")
