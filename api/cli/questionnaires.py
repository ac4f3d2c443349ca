"""``pingyi questionnaires``: templates, the linter, storing a questionnaire (问卷)."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role

app = typer.Typer(help="问卷：模板、检查、保存。 Questionnaires: templates, linter, storing.", no_args_is_help=True)
Document = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="YAML 或 JSON 文件。 A YAML or JSON file.")]
FAULTY = 1


class Variants(StrEnum):
    """What variants to make: one for each peer without its own unit, or one for each unit alone."""

    PEERS = "peers"
    SINGLE = "single"


@app.command()
def templates() -> None:
    """列出问卷模板和依据。 List the templates and what they cite."""
    from survey_models.questionnaires import making

    rows = [(name, one["about"]["zh"], one["cites"]) for name, one in making.templates().items()]
    table(["模板 template", "用途 about", "依据 cites"], rows)


@app.command()
def make(
    template: Annotated[str, typer.Argument(help="模板代码。 Id of a template.")],
    units: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="单位名单，csv 或 xlsx。 The unit list.")],
    variants: Annotated[Variants | None, typer.Option(help="问卷类型：互评、单个单位。 Peers, or one unit.")] = None,
) -> None:
    """用模板和单位名单做一份问卷（YAML，输出到屏幕）。 Make a questionnaire from a template; YAML on the screen."""
    import yaml

    from survey_models.questionnaires import making
    from survey_models.questionnaires.variants import peers, single, with_variants
    from survey_models.spreadsheets.read import read
    from survey_models.units.rules import unit_rows

    sheet = read(units.read_bytes(), units.name)
    doc = making.make(template, unit_rows(sheet.header, [cells for _, cells in sheet.rows]))
    if variants is not None:
        doc = with_variants(doc, (peers if variants is Variants.PEERS else single)(doc))
    # Through JSON: what a template uses twice is written twice.
    typer.echo(yaml.safe_dump(json.loads(json.dumps(doc)), allow_unicode=True, sort_keys=False, width=1000), nl=False)


@app.command()
def lint(file: Document) -> None:
    """检查一份问卷，列出全部不合格之处。 Look at a questionnaire and list everything that is wrong with it."""
    from survey_models.questionnaires import lint as linter

    report = linter.lint(_read(file))
    for word, found in (("不合格 fault", report.faults), ("提醒 warning", report.warnings)):
        for one in found:
            typer.echo(f"{word}  {one.sentence('zh')} {one.sentence('en')}")
    say(
        f"{len(report.faults)} 处不合格，{len(report.warnings)} 处提醒。",
        f"{len(report.faults)} faults, {len(report.warnings)} warnings.",
    )
    if report.faults:
        raise typer.Exit(FAULTY)


@app.command()
def store(
    ctx: typer.Context,
    file: Document,
    questionnaire: Annotated[str, typer.Option("--id", help="问卷代码。 Id of the questionnaire.")],
    version: Annotated[int, typer.Option(min=1, help="版本，保存后不再改。 Its version, which never changes.")] = 1,
) -> None:
    """检查并保存一份问卷。 Look at a questionnaire and store it."""
    from survey_models.questionnaires import service

    doc = _read(file)
    with desk_of(ctx).work(Role.SETUP) as work:
        service.store(work.session, questionnaire, version=version, doc=doc, at=work.at)
    say(
        f"已保存问卷 {questionnaire} 第 {version} 版。", f"Questionnaire {questionnaire}, version {version}, is stored."
    )


def _read(file: Path) -> Any:
    """The document in a file. Raises ``request_malformed``."""
    import yaml

    from survey_models.core.errors import Problem

    try:
        return yaml.safe_load(file.read_bytes())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Problem("request_malformed", where=file.name) from error
