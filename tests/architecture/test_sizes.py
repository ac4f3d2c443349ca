"""No file over 400 lines, no function over 60: what grows past that is two things under one name."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import CODE, ROOT, parsed, sources, text

FILE_LINES = 400
FUNCTION_LINES = 60
SUFFIXES = (".py", ".ts", ".vue", ".js", ".mjs", ".css", ".html")
# A revision spells out every table it makes and is never touched again.
EXEMPT_FOLDER = Path("migrations/versions")

SCRIPT_BLOCK = re.compile(r"<script[^>]*>(.*?)</script>", re.DOTALL)
NOISE = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`", re.DOTALL)
NAMED_FUNCTION = re.compile(
    r"(?:\bfunction\s*\*?\s*(?P<plain>\w+)\s*\("
    r"|\b(?:const|let|var)\s+(?P<arrow>\w+)\s*=\s*(?:async\s+)?(?:function\b|(?:\([^()]*\)|\w+)(?:\s*:[^=\n]+)?\s*=>\s*\{)"
    r"|^\s+(?:async\s+)?(?P<method>(?!if\b|for\b|while\b|switch\b|catch\b)\w+)\s*\([^()\n]*\)(?:\s*:[^{\n]+)?\s*\{)",
    re.MULTILINE,
)


def long_python_functions(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Name and lines of each function over the limit, decorators not counted."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield node.name, lines


def long_script_functions(source: str) -> Iterator[tuple[str, int]]:
    """Name and lines of each named JavaScript or TypeScript function over the limit, by its braces."""
    plain = NOISE.sub(lambda found: "\n" * found.group().count("\n"), source)
    for match in NAMED_FUNCTION.finditer(plain):
        last = match.end() - 1
        after_arguments = closing(plain, last, "()") if plain[last] == "(" else last
        lines = 1 + plain[match.start() : closing(plain, after_arguments, "{}") + 1].strip().count("\n")
        if lines > FUNCTION_LINES:
            yield next(name for name in match.groups() if name), lines


def closing(source: str, start: int, pair: str) -> int:
    """Where the bracket closes that opens first at or after `start`."""
    depth = 0
    for index in range(max(source.find(pair[0], start), start), len(source)):
        depth += (source[index] == pair[0]) - (source[index] == pair[1])
        if depth == 0:
            return index
    return len(source)


def script_of(path: Path) -> str:
    """The part of a file that is JavaScript or TypeScript."""
    source = text(path)
    return "\n".join(SCRIPT_BLOCK.findall(source)) if path.suffix in {".vue", ".html"} else source


def counted() -> list[Path]:
    """The files that the limits are for."""
    found = [path for path in sources(*CODE, suffixes=SUFFIXES) if not path.is_relative_to(EXEMPT_FOLDER)]
    assert found
    return found


def test_no_file_is_too_long() -> None:
    lengths = {str(path): text(path).count("\n") for path in counted()}
    assert {name: lines for name, lines in lengths.items() if lines > FILE_LINES} == {}


def test_no_function_is_too_long() -> None:
    found = []
    for path in counted():
        if path.suffix == ".py":
            found += [(str(path), *entry) for entry in long_python_functions(parsed(path))]
        elif path.suffix != ".css":
            found += [(str(path), *entry) for entry in long_script_functions(script_of(path))]
    assert found == []


def test_long_functions_are_seen() -> None:
    body = "\n".join(["    x = 1"] * 60)
    assert list(long_python_functions(ast.parse(f"def f():\n{body}"))) == [("f", 61)]
    assert not list(long_python_functions(ast.parse(f"def f():\n{body[10:]}")))
    lines = "\n".join(["  x({ a: '}' })"] * 60)
    assert list(long_script_functions(f"export function f(a: number) {{\n{lines}\n}}\n")) == [("f", 62)]
    assert list(long_script_functions(f"const g = async (a: string): Promise<void> => {{\n{lines}\n}}\n")) == [
        ("g", 62)
    ]
    typed = f"function h({{ a }}: {{ a: number }}): void {{\n{lines}\n}}\n"
    assert list(long_script_functions(typed)) == [("h", 62)]
    assert list(long_script_functions(f"const o = {{\n  m(a) {{\n{lines}\n  }}\n}}\n")) == [("m", 62)]
    assert not list(long_script_functions(f"function f() {{ return 1 }}\n{lines}\n"))


def test_the_exemption_is_about_revisions_only() -> None:
    assert (ROOT / EXEMPT_FOLDER).is_dir()
