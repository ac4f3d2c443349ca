"""``pingyi schemes``: schemes (评分办法): the presets, proving a document, storing it as a version."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.campaigns import OFFICE
from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role

app = typer.Typer(help="评分办法:列出、查看、校验、保存。 Schemes: list, show, prove, store.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="YAML 文件。 A YAML file.")]


@app.command("list")
def list_() -> None:
    """列出随附的评分办法。 List the presets."""
    from survey_models.schemes import loading

    loaded = [loading.read(loading.preset(name)) for name in loading.presets()]
    rows = [(one.scheme.scheme, one.scheme.version, one.scheme.title.zh, one.digest) for one in loaded]
    table(["名称 name", "版本 version", "标题 title", "摘要 digest"], rows)


@app.command()
def show(name: Annotated[str, typer.Argument(help="随附办法的名称。 Name of a preset.")]) -> None:
    """打印一份随附的评分办法(YAML)。 Print a preset as it was written."""
    from survey_models.schemes import loading

    typer.echo(loading.preset(name), nl=False)


@app.command()
def prove(file: File) -> None:
    """校验一份评分办法,一次列出全部差错和行号。 Prove a document: every fault at once, with its line."""
    from survey_models.schemes.proving import prove as look

    faults = look(file.read_text(encoding="utf-8"))
    for one in faults:
        typer.echo(f"{file}:{one.line} {one.where} {one.zh} {one.en}")
    if faults:
        raise typer.Exit(1)
    say(f"{file} 没有差错。", f"{file} has no fault.")


@app.command()
def schema() -> None:
    """打印评分办法的 JSON Schema。 Print the JSON Schema of schemes."""
    import json

    from survey_models.schemes.language import Scheme

    typer.echo(json.dumps(Scheme.model_json_schema(), ensure_ascii=False, indent=2))


@app.command()
def stored(ctx: typer.Context) -> None:
    """列出保存的版本。 List the stored versions."""
    from survey_models.core.clock import local_text
    from survey_models.schemes import service

    desk = desk_of(ctx)
    zone = desk.settings.timezone
    with desk.look(*OFFICE) as session:
        rows = [
            (one.id, one.version, one.title, local_text(one.locked_at, zone) if one.locked_at else None, one.digest)
            for one in service.listed(session)
        ]
    table(["编号 id", "版本 version", "名称 title", "锁定 locked", "摘要 digest"], rows)


@app.command()
def store(ctx: typer.Context, file: File) -> None:
    """保存为下一个版本;没有变化则仍是原来的。 Store as the next version; an unchanged one stays what it was."""
    from survey_models.schemes import service

    with desk_of(ctx).work(Role.SETUP) as work:
        row = service.store(work.session, file.read_text(encoding="utf-8"), by=work.by, at=work.at)
    say(f"{row.id} 第 {row.version} 版,摘要 {row.digest}。", f"{row.id} version {row.version}, digest {row.digest}.")
