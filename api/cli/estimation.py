"""``pingyi campaigns estimation``: what a campaign states about its estimation (评估方法), as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.campaigns import OFFICE, Campaign
from api.cli.desk import desk_of
from api.cli.speaking import say
from survey_models.accounts.rules import Role

if TYPE_CHECKING:
    from survey_models.campaigns.estimation import Estimation

app = typer.Typer(help="评估方法：查看、声明（开放前）。 Estimation: show, state before opening.", no_args_is_help=True)


@app.command()
def show(ctx: typer.Context, campaign: Campaign) -> None:
    """声明的评估方法（YAML）。 What the campaign states, as YAML."""
    import yaml

    from survey_models.campaigns import statements

    with desk_of(ctx).look(*OFFICE) as session:
        stated = statements.read(session, campaign)
    typer.echo(f"# digest {stated.digest}")
    typer.echo(yaml.safe_dump(stated.as_dict(), allow_unicode=True, sort_keys=False), nl=False)


@app.command("set")
def set_(
    ctx: typer.Context,
    campaign: Campaign,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="YAML 或 JSON 文件。 A YAML or JSON file.")],
) -> None:
    """声明评估方法，整份替换；开放后不能再改。 State the estimation, whole; fixed from opening on."""
    from survey_models.campaigns import statements

    wanted = _read(file)
    with desk_of(ctx).work(Role.SETUP) as work:
        statements.state(work.session, campaign, wanted, by=work.by, at=work.at)
    say(
        f"{campaign} 的评估方法已声明，摘要 {wanted.digest}。",
        f"The estimation of {campaign} is stated, digest {wanted.digest}.",
    )


def _read(file: Path) -> Estimation:
    """The statement in a file. Raises ``request_malformed`` with the places that do not fit."""
    import yaml
    from pydantic import ValidationError

    from api.schemas.estimation import EstimationDocument
    from survey_models.core.errors import Problem

    try:
        return EstimationDocument.model_validate(_spelled(yaml.safe_load(file.read_bytes()))).statement()
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Problem("request_malformed", where=file.name) from error
    except ValidationError as error:
        places = {".".join(str(part) for part in fault["loc"]) or file.name for fault in error.errors()}
        raise Problem("request_malformed", where=", ".join(sorted(places))) from error


def _spelled(value: Any) -> Any:
    """YAML reads ``1: 5200`` and ``confidence: 0.95`` as numbers; the document has text there."""
    if isinstance(value, dict):
        found = {str(key): _spelled(inner) for key, inner in value.items()}
        decimals = {key: str(found[key]) for key in ("confidence", "cap_ratio") if key in found}
        return {**found, **decimals}
    return [_spelled(inner) for inner in value] if isinstance(value, list) else value
