"""The command line ``pingyi``: a second front door beside HTTP, with the same services behind it.

One module for each noun; each command makes one service call. Listed in docs/commands.md.
"""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli import (
    accounts,
    acts,
    auditing,
    backup,
    bundles,
    calendar,
    campaigns,
    database,
    demo,
    draws,
    duties,
    estimation,
    evidence,
    exports,
    findings,
    flags,
    frames,
    gate,
    hotline,
    inspections,
    ledger,
    machines,
    marks,
    mix,
    paper,
    passes,
    points,
    prints,
    publications,
    questionnaires,
    rehearsing,
    reminding,
    results,
    rosters,
    rounds,
    running,
    schemes,
    simulate,
    staff,
    tablets,
    terminals,
    tickets,
    units,
    uploads,
    voids,
    waves,
    windows,
    witness,
)
from api.cli.desk import Desk
from api.cli.speaking import Speaking
from api.settings import Settings

app = typer.Typer(
    cls=Speaking,
    help="评议系统的命令行。 The command line of Pingyi.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


@app.callback()
def options(
    ctx: typer.Context,
    as_name: Annotated[
        str | None,
        typer.Option(
            "--as", metavar="NAME", help="以谁的身份办理;不写则用最近登录的人。 Act as NAME (default: last signed in)."
        ),
    ] = None,
) -> None:
    """评议系统的命令行。 The command line of Pingyi."""
    desk = Desk(Settings(), as_name)
    ctx.obj = desk
    ctx.call_on_close(desk.close)


accounts.app.command("password")(passes.password)
app.add_typer(accounts.app, name="accounts")
app.add_typer(acts.app, name="acts")
app.add_typer(backup.app, name="backup")
app.add_typer(bundles.app, name="bundles")
app.add_typer(calendar.app, name="calendar")
campaigns.app.add_typer(estimation.app, name="estimation")
campaigns.app.command()(waves.wave)
campaigns.app.command()(rehearsing.rehearse)
campaigns.app.command()(reminding.remind)
app.add_typer(campaigns.app, name="campaigns")
app.add_typer(prints.app, name="cards")
app.add_typer(database.app, name="db")
app.add_typer(demo.app, name="demo")
app.add_typer(draws.app, name="draws")
app.add_typer(duties.app, name="duties")
app.add_typer(evidence.app, name="evidence")
app.add_typer(exports.app, name="exports")
app.add_typer(findings.app, name="findings")
app.add_typer(flags.app, name="flags")
app.add_typer(frames.app, name="frames")
app.add_typer(hotline.app, name="hotline")
app.add_typer(inspections.app, name="inspections")
ledger.app.command()(auditing.audit)
ledger.app.command()(auditing.prove)
ledger.app.command()(auditing.separation)
app.add_typer(ledger.app, name="ledger")
app.add_typer(machines.app, name="machines")
app.add_typer(marks.app, name="marks")
app.add_typer(mix.app, name="mix")
app.add_typer(gate.app, name="gate")
app.add_typer(paper.app, name="paper")
app.add_typer(points.app, name="points")
app.add_typer(questionnaires.app, name="questionnaires")
app.add_typer(results.app, name="results")
app.add_typer(rosters.app, name="rosters")
rounds.app.add_typer(publications.app)
results.app.command("recompute")(publications.recompute)
app.add_typer(rounds.app, name="rounds")
app.add_typer(schemes.app, name="schemes")
app.add_typer(tablets.app, name="tablets")
app.add_typer(terminals.app, name="terminals")
app.add_typer(staff.app, name="staff")
app.add_typer(tickets.app, name="tickets")
app.add_typer(passes.tokens_app, name="tokens")
app.add_typer(passes.totp_app, name="totp")
app.add_typer(units.app, name="units")
app.add_typer(uploads.app, name="uploads")
app.add_typer(voids.app, name="voids")
app.add_typer(windows.app, name="windows")
app.command("serve")(running.serve)
app.command("simulate")(simulate.simulate)
app.command("verify")(bundles.verify)
app.command("witness")(witness.witness)
app.command("worker")(running.worker)
app.command("openapi")(running.openapi)
