"""``pingyi bundles`` writes the evidence of a counted campaign (证据包), ``pingyi verify`` checks it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.campaigns import OFFICE, Campaign
from api.cli.desk import desk_of
from api.cli.mix import PassphraseFile, passphrase_from
from api.cli.speaking import say
from survey_models.accounts.rules import Role
from survey_models.core.errors import Problem
from survey_models.evidence.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survey_models.evidence.findings import Finding
    from survey_models.ledger.changes import Announced

app = typer.Typer(help="证据包：公布的和审计的。 Evidence: the public's bundle, the auditor's.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="BUNDLE", help="证据包文件。 The bundle.", dir_okay=False)]


@app.callback()
def group() -> None:
    """证据包。 Evidence."""


@app.command()
def write(
    ctx: typer.Context,
    campaign: Campaign,
    *,
    kind: Annotated[Kind, typer.Option(help="公布的，或审计的。 For the public, or for auditors.")] = Kind.PUBLIC,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, help="写到哪个文件。 File to write (default: CAMPAIGN-KIND.zip).")
    ] = None,
) -> None:
    """写出证据包，记入台账；审计包只有审计人员能取。 Write a bundle; it stands in the ledger."""
    from api.keys import load_signer
    from survey_models.evidence import service

    desk, path = desk_of(ctx), out or Path(f"{campaign}-{kind.value}.zip")
    roles = OFFICE if kind is Kind.PUBLIC else (Role.AUDITOR,)
    with desk.look(*roles) as session:
        made = service.bundle(session, campaign, kind, public=load_signer(desk.settings.data_dir).public)
    with desk.work(*roles) as work:
        service.record_written(work.session, campaign, made, by=work.by, at=work.at)
        path.write_bytes(made.content)
    say(f"已写入 {path}，清单摘要 {made.manifest}。", f"Written to {path}; digest of the manifest {made.manifest}.")


def verify(
    bundle: File,
    *,
    vkey: Annotated[str | None, typer.Option(help="张贴的台账公钥。 The ledger's key as it was posted.")] = None,
    witness: Annotated[
        Path | None, typer.Option(dir_okay=False, help="见证人的状态文件。 State file of a witness.")
    ] = None,
    growth: Annotated[
        Path | None, typer.Option(dir_okay=False, help="台账的增长证明。 Proof of growth, for an older bundle.")
    ] = None,
    keys: Annotated[
        Path | None, typer.Option(dir_okay=False, help="换钥公告，取自 /api/ledger/keys。 Keys announced since.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(dir_okay=False, help="开封的私钥文件。 Key that opens the sealed sheets.")
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """核对证据包或报省份数，不需要网络和数据库；不符时退出码 1。 Check a bundle or counts offline; 1 if it fails."""
    from api.key_files import read_key_file
    from survey_models.evidence import verifier
    from survey_models.evidence.cases import Trust
    from survey_models.publications import counts_checks, recomputing

    trust = Trust(
        vkey=vkey,
        witness=_read(witness, "logs") if witness else {},
        announced=_announced(keys) if keys else None,
        growth=[bytes.fromhex(value) for value in _read(growth, "proof")] if growth else None,
        private=read_key_file(key, passphrase=lambda: passphrase_from(passphrase_file)) if key else None,
    )
    try:
        raw = bundle.read_bytes()
    except OSError:
        raise Problem("bundle_unreadable") from None
    if counts_checks.is_counts(raw):
        tell(counts_checks.verify(raw, trust))
        return
    tell(recomputing.verify(raw, trust) if recomputing.is_archive(raw) else verifier.verify(raw, trust))


def tell(found: Sequence[Finding]) -> None:
    """Print what each check says. Exit code 1 where one failed."""
    from survey_models.evidence.findings import Outcome

    for finding in found:
        say(*finding.lines())
    failed = sum(finding.outcome is Outcome.FAILED for finding in found)
    unknown = sum(finding.outcome is Outcome.NOT_CHECKABLE for finding in found)
    passed = len(found) - failed - unknown
    say(
        f"{passed} 项通过，{failed} 项不符，{unknown} 项无法核对。",
        f"{passed} ok, {failed} FAILED, {unknown} not checkable.",
    )
    if failed:
        raise typer.Exit(1)


def _announced(path: Path) -> Announced:
    """What ``/api/ledger/keys`` said. Raises ``witness_state_unreadable``."""
    from survey_models.ledger.changes import Announced

    try:
        return Announced.of(_read(path, "announced"))
    except (ValueError, KeyError, TypeError):
        raise Problem("witness_state_unreadable", path=str(path)) from None


def _read(path: Path, name: str) -> Any:
    """One field of a JSON file. Raises ``witness_state_unreadable``."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))[name]
    except (OSError, ValueError, KeyError, TypeError):
        raise Problem("witness_state_unreadable", path=str(path)) from None
