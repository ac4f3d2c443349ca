"""Reading the READMEs as a newcomer does: which lines to type, which pages to open."""

from __future__ import annotations

import re
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from tests.architecture.tree import ROOT

ENGLISH, CHINESE = "README.md", "README.zh-CN.md"
LOCAL = "http://127.0.0.1:8000"


def text(name: str) -> str:
    """A README."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str) -> list[list[str]]:
    """The lines of each code block, in order."""
    return [block.splitlines() for block in re.findall(r"```sh\n(.*?)```", text(name), re.DOTALL)]


def pages(name: str) -> list[str]:
    """The addresses on this machine that a README links to, without the host."""
    return [page.removeprefix(LOCAL) for page in re.findall(r"\]\((\S+?)\)", text(name)) if page.startswith(LOCAL)]


@dataclass(frozen=True)
class Typed:
    """One line of the tour: what is typed, and whether the README says that it is refused."""

    line: str
    refused: bool

    @classmethod
    def of(cls, line: str) -> Typed:
        """The line as it stands in a README; ``# refused`` announces exit code 1."""
        command, _, remark = line.partition("    # ")
        return cls(command.strip(), remark.startswith("refused"))


@dataclass(frozen=True)
class Shell:
    """One terminal in which line after line is typed."""

    process: subprocess.Popen[str]

    def type(self, line: str) -> tuple[int, str]:
        """Exit code and everything printed."""
        assert self.process.stdin
        assert self.process.stdout
        mark = uuid.uuid4().hex
        self.process.stdin.write(f"{{ {line}\n}} </dev/null\nprintf '\\n{mark} %s\\n' $?\n")
        self.process.stdin.flush()
        printed: list[str] = []
        for output in self.process.stdout:
            if output.startswith(mark):
                return int(output.split()[1]), "".join(printed)
            printed.append(output)
        raise AssertionError(f"the shell ended at: {line}\n{''.join(printed)}")


@contextmanager
def terminal(environment: Mapping[str, str]) -> Iterator[Shell]:
    """A bash in the root of the tree."""
    process = subprocess.Popen(
        ["bash", "--norc", "--noprofile"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    try:
        shell = Shell(process)
        shell.type("set -o pipefail")
        yield shell
    finally:
        process.kill()
        process.communicate()
