"""The import contracts of pyproject.toml hold: import-linter follows imports directly and through other modules."""

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.architecture.tree import ROOT


def contracts() -> list[dict[str, object]]:
    """The contracts as written."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    found: list[dict[str, object]] = tools["importlinter"]["contracts"]
    return found


def lint(config: Path, cache: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "lint-imports"
    command = [str(word) for word in (program, "--config", config, "--cache-dir", cache)]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)


def test_every_contract_is_kept(tmp_path: Path) -> None:
    done = lint(ROOT / "pyproject.toml", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Contracts: {len(contracts())} kept, 0 broken." in done.stdout


def test_a_broken_contract_is_seen(tmp_path: Path) -> None:
    """The other way round, api below survey_models, must fail: else the linter saw no imports at all."""
    config = tmp_path / ".importlinter"
    config.write_text(
        "[importlinter]\nroot_packages =\n    api\n    survey_models\n    sampling\n"
        "[importlinter:contract:upside-down]\nname = upside down\ntype = layers\n"
        "layers =\n    sampling\n    survey_models\n    api\n",
        encoding="utf-8",
    )
    done = lint(config, tmp_path / "cache")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "0 kept, 1 broken" in done.stdout


def test_the_command_line_starts_before_what_its_commands_do_is_loaded() -> None:
    """`pingyi` is called in scripts, command after command: each would wait for statistics, database and web."""
    heavy = "{'alembic', 'cryptography', 'fastapi', 'scipy', 'sqlalchemy'}"
    program = f"import sys, api.cli; print(sorted({heavy} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"
