"""A command line in a test: its own data folder and database, several people, no terminal."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from api.cli import app

PASSWORD = "a long walk in autumn"
on_both = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Shell:
    """Runs commands in this process."""

    engine: Engine
    data_dir: Path

    def __call__(self, line: str, *, typed: str = "") -> Said:
        """Run one command line; words are split at spaces."""
        done = CliRunner().invoke(app, line.split(), input=typed)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Said(done.exit_code, done.stdout, done.stderr)

    def ok(self, line: str, *, typed: str = "") -> str:
        """Run a command that must succeed."""
        said = self(line, typed=typed)
        assert said.code == 0, f"{line}: {said.err}{said.out}"
        return said.out

    def refused(self, line: str, *, typed: str = "") -> str:
        """Run a command that must be refused in both languages without a traceback; gives the code."""
        said = self(line, typed=typed)
        assert said.code == 1, f"{line}: {said.out}"
        assert "Traceback" not in said.err
        chinese, english = said.err.splitlines()[:2]
        assert any("\u4e00" <= char <= "\u9fff" for char in chinese)
        assert english.count(" ") > 3
        assert "。" not in english
        return english.rpartition("[")[2].rstrip("]")
