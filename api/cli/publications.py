"""``pingyi rounds documents`` and ``bundle`` write what leaves the house; ``pingyi results recompute`` checks it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from api.cli.bundles import File
from api.cli.campaigns import OFFICE
from api.cli.desk import desk_of
from api.cli.rounds import Round
from api.cli.speaking import say
from survey_models.accounts.rules import Role
from survey_models.core.errors import Problem
from survey_models.evidence.kinds import Kind

app = typer.Typer()


@app.command()
def documents(
    ctx: typer.Context,
    found: Round,
    *,
    to: Annotated[Path, typer.Option(file_okay=False, help="写到哪个文件夹。 Folder to write to.")],
    only: Annotated[
        str, typer.Option(help="只写一份,如 ranking.docx。 One file alone, such as ranking.docx (default: all).")
    ] = "",
) -> None:
    """写出排名表、通报、反馈、报告和数据表,记入台账。 Write ranking, notice, feedback, reports and tables."""
    from survey_models.publications import service, sheets
    from survey_models.rounds import outcomes

    desk = desk_of(ctx)
    with desk.look(*OFFICE) as session:
        row = outcomes.latest(session, found)
        no = row.no
        made = sheets.documents_of(session, row, zone=desk.settings.timezone, font=desk.settings.font)
    to.mkdir(parents=True, exist_ok=True)
    digests: dict[str, str] = {}
    for name, content in [(only, made.file(only))] if only else made.files():
        (to / name).write_bytes(content)
        digests[name] = hashlib.sha256(content).hexdigest()
    with desk.work(*OFFICE) as work:
        service.record_made(work.session, found, no, digests, by=work.by, at=work.at)
    say(f"已写入 {to} 里的 {len(digests)} 份文书。", f"{len(digests)} documents written to {to}.")


@app.command()
def bundle(
    ctx: typer.Context,
    found: Round,
    *,
    kind: Annotated[Kind, typer.Option(help="公布的，或审计的。 For the public, or for auditors.")] = Kind.PUBLIC,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, help="写到哪个文件。 File to write (default: ROUND-KIND.zip).")
    ] = None,
) -> None:
    """写出一轮评议的证据包,记入台账。 Write the bundle of a round; it stands in the ledger."""
    from api.keys import load_signer
    from survey_models.publications import round_bundles

    desk, path = desk_of(ctx), out or Path(f"{found}-{kind.value}.zip")
    roles = OFFICE if kind is Kind.PUBLIC else (Role.AUDITOR,)
    with desk.look(*roles) as session:
        made = round_bundles.bundle(session, found, kind, public=load_signer(desk.settings.data_dir).public)
    with desk.work(*roles) as work:
        round_bundles.record_written(work.session, found, made, by=work.by, at=work.at)
        path.write_bytes(made.content)
    say(f"已写入 {path}，清单摘要 {made.manifest}。", f"Written to {path}; digest of the manifest {made.manifest}.")


@app.command()
def counts(
    ctx: typer.Context,
    found: Round,
    *,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, help="写到哪个文件。 File to write (default: ROUND-counts.json).")
    ] = None,
) -> None:
    """写出报省的各层份数，由台账公钥签名；用 pingyi verify 核对。 Write the signed counts of sheets per stratum."""
    from api.keys import load_signer
    from survey_models.publications import round_counts

    desk, path = desk_of(ctx), out or Path(f"{found}-counts.json")
    with desk.look(*OFFICE) as session:
        made = round_counts.counts(session, found, signer=load_signer(desk.settings.data_dir))
    with desk.work(*OFFICE) as work:
        round_counts.record_written(work.session, found, made, by=work.by, at=work.at)
        path.write_bytes(made)
    say(f"已写入 {path}，用 pingyi verify 核对。", f"Written to {path}; check it with pingyi verify.")


def recompute(
    bundle: File,
    *,
    vkey: Annotated[str | None, typer.Option(help="张贴的台账公钥。 The ledger's key as it was posted.")] = None,
) -> None:
    """重新计算一轮评议的证据包,不需要网络和数据库;有差别时退出码 1。 Compute a round's bundle again, offline."""
    from api.cli.bundles import tell
    from survey_models.evidence.cases import Trust
    from survey_models.publications import recomputing

    try:
        raw = bundle.read_bytes()
    except OSError:
        raise Problem("bundle_unreadable") from None
    tell(recomputing.verify(raw, Trust(vkey=vkey)))
