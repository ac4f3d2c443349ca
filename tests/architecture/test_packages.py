"""Declared packages are used, and lock files pin by hash without naming a host."""

import json
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.architecture.tree import PRODUCT, ROOT, files, imports, parsed, sources

MUST_WORK = {"fastapi", "sqlalchemy", "alembic", "uvicorn", "pydantic", "httpx", "qrcode", "scipy"}
# Declared because another package loads them by name.
LOADED_BY_NAME = {
    "psycopg": "SQLAlchemy loads the driver that the database address names",
    "python-multipart": "Starlette reads forms and files with it",
}
PIN = re.compile(
    r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[^\s;]+)(?: *; *(?P<marker>.+?))?(?: \\)?$", re.MULTILINE
)
PYTHON_LOCKS = ("requirements.lock", "requirements-dev.lock", ".ci/tools.lock")
NODE_LOCK = ROOT / "kiosk" / "package-lock.json"


def normal(name: str) -> str:
    """A distribution's name in the one spelling that all tools agree on."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> set[str]:
    """The distributions that the product says it needs at run time."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {normal(re.split(r"[\[<>=!~; ]", entry, maxsplit=1)[0]) for entry in project["dependencies"]}


def imported() -> set[str]:
    """The distributions whose modules the product imports."""
    modules = {name.split(".")[0] for path in sources(*PRODUCT) for name in imports(parsed(path))}
    owners = packages_distributions()
    return {normal(owner) for module in modules for owner in owners.get(module, ())}


def test_every_declared_package_is_imported() -> None:
    assert declared() - imported() - set(LOADED_BY_NAME) == set()
    assert set(LOADED_BY_NAME) <= declared()


def test_the_named_packages_are_at_work() -> None:
    assert declared() >= MUST_WORK
    assert imported() >= MUST_WORK


def test_scipy_stats_stays_out_of_the_server() -> None:
    """It takes a second and 100 MB to import; the special functions are all that estimates need."""
    heavy = [
        str(path) for path in sources(*PRODUCT) if any(name.startswith("scipy.stats") for name in imports(parsed(path)))
    ]
    assert heavy == []


def pins(lock: str) -> set[tuple[str, str, str]]:
    """Name, version and marker of every pinned package."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return {(found["name"], found["version"], found["marker"] or "") for found in PIN.finditer(text)}


@pytest.mark.parametrize("lock", PYTHON_LOCKS)
def test_a_python_lock_pins_by_hash_and_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert re.findall(r"https?://\S+|--(?:extra-)?index-url.*|--find-links.*", text) == []
    blocks = [block for block in re.split(r"\n(?=\S)", text.strip()) if not block.startswith("#")]
    assert blocks
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert len(blocks) == len(pins(lock))


def test_the_development_lock_holds_the_run_time_lock() -> None:
    """`make run` keeps a development environment on the strength of this."""
    names = {name for name, _, _ in pins("requirements.lock")}
    assert pins("requirements.lock") <= pins("requirements-dev.lock")
    assert declared() <= names


def test_every_declared_node_package_is_locked_without_a_host() -> None:
    lock = json.loads(NODE_LOCK.read_text(encoding="utf-8"))
    assert list(hosts(lock)) == []
    entries = {name: entry for name, entry in lock["packages"].items() if name}
    assert entries
    assert [name for name, entry in entries.items() if not entry.get("integrity") and not entry.get("link")] == []


def hosts(value: object, *, trail: tuple[str, ...] = ()) -> Iterator[str]:
    """Addresses anywhere in a lock, but for the authors' funding links."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from hosts(inner, trail=(*trail, key))
    elif isinstance(value, list):
        for inner in value:
            yield from hosts(inner, trail=trail)
    elif isinstance(value, str) and "funding" not in trail and re.search(r"https?://", value):
        yield f"{'/'.join(trail)}: {value}"


def test_every_optional_node_package_has_an_entry() -> None:
    """A platform package missing from the lock makes `npm ci` refuse it on that platform, or here."""
    assert list(missing_optional(json.loads(NODE_LOCK.read_text(encoding="utf-8"))["packages"])) == []


def missing_optional(packages: dict[str, dict[str, dict[str, str]]]) -> Iterator[str]:
    """Names in any `optionalDependencies` that no entry of the lock stands for."""
    present = {name.rpartition("node_modules/")[2] for name in packages}
    for name, entry in packages.items():
        yield from (f"{name}: {wanted}" for wanted in entry.get("optionalDependencies", {}) if wanted not in present)


def test_planted_faults_are_seen() -> None:
    assert list(hosts({"packages": {"a": {"resolved": "https://mirror.example/a.tgz"}}}))
    assert not list(hosts({"packages": {"a": {"funding": {"url": "https://example.org/fund"}}}}))
    assert list(missing_optional({"node_modules/a": {"optionalDependencies": {"b": "1"}}}))
    nested = {"node_modules/a": {"optionalDependencies": {"b": "1"}}, "node_modules/a/node_modules/b": {}}
    assert not list(missing_optional(nested))


def test_the_npm_settings_keep_hosts_out_of_the_lock() -> None:
    """A developer's own settings must not be what keeps them out."""
    assert "omit-lockfile-registry-resolved=true" in (ROOT / "kiosk" / ".npmrc").read_text(encoding="utf-8")


def test_no_tracked_file_is_a_lock_of_another_tool() -> None:
    """uv.lock, poetry.lock and the like name the host of every file."""
    assert [
        path
        for path in files()
        if path.name in {"uv.lock", "poetry.lock", "Pipfile.lock", "yarn.lock", "pnpm-lock.yaml"}
    ] == []


def test_a_host_in_a_settings_file_is_refused() -> None:
    names = {"pyproject.toml", "Dockerfile", "compose.yaml", "Makefile", ".npmrc", "package.json"}
    settings = [path for path in files() if path.name in names or path.parts[0] == ".ci"]
    assert Path("pyproject.toml") in settings
    index = re.compile(r"(?:index-url|index_url|INDEX_URL|registry)\W{1,4}https?://\S+")
    assert {
        str(path): found for path in settings if (found := index.findall((ROOT / path).read_text(encoding="utf-8")))
    } == {}
