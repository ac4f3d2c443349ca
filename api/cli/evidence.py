"""``pingyi evidence``: how long sealed evidence is kept, and asking to erase it after that (证据保存与销毁)."""

from __future__ import annotations

import typer

from api.cli.campaigns import OFFICE, Campaign
from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role
from survey_models.core.clock import local_text

app = typer.Typer(help="封存证据的保存与销毁。 Keeping and erasing sealed evidence.", no_args_is_help=True)


@app.command()
def show(ctx: typer.Context, campaign: Campaign) -> None:
    """封存了什么，保存到何时。 What is kept, and until when."""
    from survey_models.retention import service

    desk = desk_of(ctx)
    zone = desk.settings.timezone
    with desk.look(Role.SETUP, Role.RELEASE, Role.AUDITOR) as session:
        found = service.kept(session, campaign, years=desk.settings.evidence_years, zone=zone)
    until = local_text(found.until, zone) if found.until else "—"
    say(
        f"{campaign}：密封票 {found.sheets} 份，文件 {found.files} 个，保存到 {until}。",
        f"{campaign}: {found.sheets} sealed sheets, {found.files} files, kept until {until}.",
    )


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """列出各项评议的封存证据和保存期限。 List what is kept of every campaign, and until when."""
    from survey_models.retention import service

    desk = desk_of(ctx)
    zone = desk.settings.timezone
    with desk.look(*OFFICE) as session:
        rows = [
            (
                campaign.id,
                campaign.state,
                kept.sheets,
                kept.files,
                local_text(kept.until, zone) if kept.until else "",
                local_text(kept.purged_at, zone) if kept.purged_at else "",
            )
            for campaign, kept in service.listed(session, years=desk.settings.evidence_years, zone=zone)
        ]
    heads = ["评议 campaign", "状态 state", "密封票 sheets", "文件 files", "保存到 until", "销毁 erased"]
    table(heads, rows)


@app.command()
def purge(ctx: typer.Context, campaign: Campaign) -> None:
    """期满后提出销毁，须另一人确认。 Ask to erase evidence whose time is over; another person confirms."""
    from api import acts

    desk = desk_of(ctx)
    with desk.work(Role.SETUP, Role.RELEASE) as work:
        act = acts.ask(
            work.session, acts.PURGE_EVIDENCE, target=campaign, by=work.by, at=work.at, settings=desk.settings
        )
    say(
        f"已提出销毁 {campaign} 的封存证据（第 {act.number} 项），请另一人确认。",
        f"Asked to erase the evidence of {campaign} (act {act.number}); another person confirms.",
    )
