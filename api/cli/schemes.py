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
    from survey_models.schemes.loading import read
    from survey_models.schemes.proving import prove as look

    text = _text(file)
    faults = look(text)
    for one in faults:
        typer.echo(f"{file.name}:{one.line} {one.where} [{one.code}]\n  {one.zh}\n  {one.en}")
    if faults:
        say(f"{file.name} 有 {len(faults)} 处差错。", f"{file.name} has {len(faults)} faults.")
        raise typer.Exit(1)
    digest = read(text).digest
    say(f"{file.name} 没有差错，摘要 {digest}。", f"{file.name} has no fault; digest {digest}.")


@app.command()
def schema() -> None:
    """打印评分办法的 JSON Schema。 Print the JSON Schema of schemes."""
    import json

    from survey_models.schemes.schema import json_schema

    typer.echo(json.dumps(json_schema(), ensure_ascii=False, indent=1))


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
        row = service.store(work.session, _text(file), by=work.by, at=work.at)
    say(f"{row.id} 第 {row.version} 版,摘要 {row.digest}。", f"{row.id} version {row.version}, digest {row.digest}.")


def _text(file: Path) -> str:
    """The text of a file. Raises ``request_malformed``."""
    from survey_models.core.errors import Problem

    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem("request_malformed", where=file.name) from error
