"""What must not be done where: commit, read the clock, draw at random, use floats, import the wrong way."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import CODE, dotted, files, imports, parsed, sources

MAY_COMMIT = {"api/db.py", "api/jobs/worker.py", "survey_models/ballots/storing.py"}
MAY_READ_CLOCK = {"survey_models/core/clock.py"}
CLOCK = {
    *(f"{prefix}datetime.{name}" for prefix in ("", "datetime.", "dt.") for name in ("now", "utcnow", "today")),
    *(f"{prefix}date.today" for prefix in ("", "datetime.", "dt.")),
    *(f"time.{name}" for name in ("time", "time_ns", "localtime", "gmtime", "ctime", "asctime", "strftime")),
    "func.now",
    "func.current_timestamp",
    "sa.func.now",
}
CLOCK_IMPORTS = {"time.time", "time.time_ns", "time.localtime", "time.gmtime"}
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}
IMPURE_MODULES = {"random", "secrets", "numpy.random", "time", "datetime", "os", "io", "pathlib", "sys", "logging"}
DRAWER = re.compile(r"^(utils?|helpers?|commons?|shared|misc|miscellaneous|stuff|lib)$")

Rule = Callable[[ast.Module], Iterator[int]]


def commits(tree: ast.Module) -> Iterator[int]:
    """Lines that end a transaction, `begin()` included, whose block commits at its end: that is for the edge."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"commit", "begin"}
        ):
            yield node.lineno


def clock_reads(tree: ast.Module) -> Iterator[int]:
    """Lines that ask what time it is; monotonic and performance counters measure durations and are free."""
    for node in ast.walk(tree):
        spelled = isinstance(node, ast.Attribute) and dotted(node) in CLOCK
        imported = isinstance(node, ast.ImportFrom) and {f"{node.module}.{a.name}" for a in node.names} & CLOCK_IMPORTS
        if spelled or imported:
            yield line(node)


def impurities(tree: ast.Module) -> Iterator[int]:
    """Lines of the statistics that touch a file, a terminal, a clock or chance; 0 for an import."""
    for node in ast.walk(tree):
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IMPURE_CALLS
        chance = isinstance(node, ast.Attribute) and dotted(node) in {"np.random", "numpy.random"}
        if called or chance:
            yield line(node)
    for name in imports(tree):
        if any(name == module or name.startswith(f"{module}.") for module in IMPURE_MODULES):
            yield 0


def floats(tree: ast.Module) -> Iterator[int]:
    """Lines of the scoring rules that use a float: policy is reckoned exactly, in integers, fractions and decimals."""
    for node in ast.walk(tree):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        if literal or (isinstance(node, ast.Name) and node.id == "float"):
            yield line(node)


def line(node: ast.AST) -> int:
    """Where a node stands."""
    number: int = getattr(node, "lineno", 0)
    return number


def foreign_queries(path: Path, tree: ast.Module) -> list[str]:
    """Imports of another noun's queries: its service and its tables are open, its SQL is its own."""
    noun = path.parts[1].removesuffix(".py") if path.parts[0] == "survey_models" else None
    found = []
    for name in imports(tree):
        parts = name.split(".")
        if parts[0] == "survey_models" and "queries" in parts[2:] and parts[1] != noun:
            found.append(name)
    return found


def broken(paths: list[Path], rule: Rule, allowed: set[str]) -> list[str]:
    """`file:line` for every breach of a rule outside the files that may."""
    assert paths, "the rule looked at no file"
    return [f"{path}:{row}" for path in paths if path.as_posix() not in allowed for row in rule(parsed(path))]


def test_only_the_edges_commit() -> None:
    assert broken(sources("api", "survey_models", "sampling", "kiosk"), commits, MAY_COMMIT) == []


def test_the_clock_is_read_in_one_place() -> None:
    assert broken(sources("api", "survey_models", "sampling", "migrations"), clock_reads, MAY_READ_CLOCK) == []


def test_sampling_touches_nothing_outside() -> None:
    assert broken(sources("sampling"), impurities, set()) == []


def test_scoring_rules_hold_no_float() -> None:
    assert broken(sources("survey_models/schemes", "survey_models/schemes.py"), floats, set()) == []


def test_a_noun_keeps_its_queries_to_itself() -> None:
    paths = sources("survey_models")
    assert paths
    assert {str(path): foreign for path in paths if (foreign := foreign_queries(path, parsed(path)))} == {}


def test_there_is_no_desk_drawer_module() -> None:
    assert [str(path) for path in files() if any(is_drawer(part) for part in path.parts)] == []


def is_drawer(part: str) -> bool:
    """Whether a file or folder name promises to hold anything at all."""
    return DRAWER.match(Path(part).stem.lower()) is not None


def test_imports_are_absolute() -> None:
    relative = [
        f"{path}:{node.lineno}"
        for path in sources(*CODE)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (commits, "def f(session):\n    session.commit()"),
        (commits, "db.session().commit()"),
        (commits, "with engine.begin() as connection: ..."),
        (clock_reads, "from datetime import datetime\ndatetime.now(UTC)"),
        (clock_reads, "import datetime\ndatetime.date.today()"),
        (clock_reads, "import time\nstart = time.time()"),
        (clock_reads, "from time import time"),
        (clock_reads, "mapped_column(default=datetime.utcnow)"),
        (clock_reads, "mapped_column(server_default=func.now())"),
        (impurities, "open('x')"),
        (impurities, "import random"),
        (impurities, "from numpy.random import default_rng"),
        (impurities, "np.random.default_rng(1)"),
        (impurities, "from pathlib import Path"),
        (floats, "x = 0.5"),
        (floats, "def f(x: float): ..."),
    ],
)
def test_each_rule_catches_its_fault(rule: Rule, source: str) -> None:
    assert list(rule(ast.parse(source)))


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (commits, "commit = 1"),
        (commits, "with session.begin_nested(): ..."),
        (clock_reads, "import time\ntime.monotonic(), time.perf_counter()"),
        (clock_reads, "from survey_models.core import clock\nclock.now()"),
        (impurities, "import numpy as np\nfrom hashlib import sha256\nnp.sum([1])"),
        (floats, "x = Fraction(1, 2)"),
    ],
)
def test_each_rule_lets_the_right_way_through(rule: Rule, source: str) -> None:
    assert not list(rule(ast.parse(source)))


def test_foreign_queries_are_seen() -> None:
    here = Path("survey_models/results/service.py")
    assert foreign_queries(here, ast.parse("from survey_models.draws import queries"))
    assert foreign_queries(here, ast.parse("from survey_models.draws.queries import rows"))
    assert not foreign_queries(here, ast.parse("from survey_models.results import queries, rules"))
    assert not foreign_queries(here, ast.parse("from survey_models.draws import service"))


def test_drawers_are_seen() -> None:
    assert is_drawer("utils.py")
    assert is_drawer("helpers")
    assert is_drawer("Common.vue")
    assert not is_drawer("spreadsheets")
