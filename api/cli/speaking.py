"""How the command line speaks: both languages, tables, and refusals in two sentences without a traceback."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from survey_models.core.errors import Problem

_WIDE = 200


class Speaking(TyperGroup):
    """The root group: a refusal of any command below is spoken and ends with exit code 1."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments. ``--as NAME`` may stand anywhere; people write it last."""
        return super().parse_args(ctx, _as_first(args))

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        # What a command imports stays until it ends: looking for garbage in it took a sixth of its time.
        gc.set_threshold(20_000, 50, 50)
        try:
            return super().invoke(ctx)
        except Problem as problem:
            refuse(problem)
        except Exception as error:
            if not _lacks_tables(error):
                raise
            refuse(Problem("not_ready"))
        raise typer.Exit(1)


def refuse(problem: Problem) -> None:
    """Say to stderr what could not be done and what to do next: one line in Chinese, one in English."""
    typer.echo(f"{problem.sentence('zh')}{problem.remedy('zh')}", err=True)
    typer.echo(f"{problem.sentence('en')} {problem.remedy('en')} [{problem.code}]", err=True)
    if problem.code == "not_signed_in":
        typer.echo("pingyi accounts login NAME", err=True)


def say(zh: str, en: str) -> None:
    """One line of success in each language."""
    typer.echo(zh)
    typer.echo(en)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table; where nobody watches (a pipe, a file) it is wide enough not to fold."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=SIMPLE, pad_edge=False)
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(Text("" if value is None else str(value)) for value in row))
    Console(file=sys.stdout, width=None if sys.stdout.isatty() else _WIDE, highlight=False).print(shown)


def _as_first(args: list[str]) -> list[str]:
    """The arguments with ``--as NAME`` in front, where the root command reads it."""
    before, dashes, after = args, [], []
    if "--" in args:
        end = args.index("--")
        before, dashes, after = args[:end], ["--"], args[end + 1 :]
    found: list[str] = []
    rest: list[str] = []
    words = iter(before)
    for word in words:
        if word == "--as":
            found += [word, *([name] if (name := next(words, None)) is not None else [])]
        elif word.startswith("--as="):
            found.append(word)
        else:
            rest.append(word)
    return [*found, *rest, *dashes, *after]


def _lacks_tables(error: Exception) -> bool:
    """Whether the database was never migrated: the one database error that a person can mend at once."""
    text = str(getattr(error, "orig", ""))
    return "no such table" in text or getattr(getattr(error, "orig", None), "sqlstate", None) == "42P01"
