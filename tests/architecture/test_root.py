"""The root is a table of contents, not a desk drawer."""

import re

from tests.architecture.tree import files

FOLDERS = {"api", "kiosk", "survey_models", "migrations", "sampling", "tests", "docs", "benchmarks", ".ci"}
FILES = {"pyproject.toml", "Dockerfile", "compose.yaml", "Makefile", "LICENSE", "NOTICE", "CHANGELOG.md"}
PATTERNS = re.compile(
    r"README(\.[\w-]+)?\.md|README|requirements[\w-]*\.lock|\.[a-z]+ignore|\.editorconfig|\.gitattributes"
)


def unexpected(names: set[str]) -> set[str]:
    """The names at the root that have no place there."""
    return {name for name in names - FOLDERS - FILES if not PATTERNS.fullmatch(name)}


def test_nothing_else_lies_at_the_root() -> None:
    assert unexpected({path.parts[0] for path in files()}) == set()


def test_what_a_stranger_looks_for_is_there() -> None:
    names = {path.parts[0] for path in files()}
    assert names >= FOLDERS
    assert names >= FILES
    assert {"README.md", "README.zh-CN.md", "requirements.lock", "requirements-dev.lock"} <= names


def test_a_stray_file_is_seen() -> None:
    assert unexpected({"api", "fix.md", "notes.txt", "scripts", "README.zh-CN.md"}) == {
        "fix.md",
        "notes.txt",
        "scripts",
    }
