"""The files of this tree, and the little that every rule asks of them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("api", "survey_models", "sampling", "migrations", "kiosk")
CODE = (*PRODUCT, "tests", "benchmarks")


@cache
def files() -> tuple[Path, ...]:
    """Every file of the tree that git tracks or would track, relative to the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = sorted({Path(name) for name in listed.split("\0") if name})
    return tuple(path for path in paths if (ROOT / path).is_file())


def sources(*folders: str, suffixes: tuple[str, ...] = (".py",)) -> list[Path]:
    """The files with one of these endings under these top folders (or deeper ones, written `api/cli`)."""
    return [
        path for path in files() if path.suffix in suffixes and any(path.is_relative_to(folder) for folder in folders)
    ]


@cache
def text(path: Path) -> str:
    """The content of one file."""
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of one Python file."""
    return ast.parse(text(path), filename=str(path))


def imports(tree: ast.Module) -> Iterator[str]:
    """Every dotted name that a module imports, wherever in it; relative imports are not used in this tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def dotted(node: ast.expr) -> str:
    """`datetime.now` for the expression of that spelling; calls and subscripts inside it become `?`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return "?"


def strings(tree: ast.Module) -> set[str]:
    """Every text constant of a module, docstrings left out."""
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation
    }
