"""Servers of `benchmarks.ingest`: the product and its rivals as processes of their own, each on its own database."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fresh_clone import answers, free_port, running

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
PATIENCE = 60.0
SHIM = Path(__file__).with_name("slow_flush.c")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Served:
    """A server that answers."""

    port: int
    process: int

    def cpu_seconds(self) -> float:
        """Processor time of its whole process group so far."""
        return sum(int(fields[11]) + int(fields[12]) for fields in self._group().values()) / _TICKS

    def resident(self) -> float:
        """Memory of its whole process group in MiB; what its processes share counts once."""
        total = 0.0
        for number in self._group():
            with contextlib.suppress(OSError):
                rollup = Path(f"/proc/{number}/smaps_rollup").read_text(encoding="ascii")
                total += int(rollup.partition("\nPss:")[2].split()[0]) / 1024
        return total

    def _group(self) -> dict[str, list[str]]:
        """What the system says of each process, from its state on (field 3 of proc(5))."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
                if int(fields[2]) == self.process:
                    found[entry.name] = fields
        return found


def product(processes: int = 1) -> list[str]:
    """The command of the product as people run it."""
    return [str(BIN / "pingyi"), "serve", *([] if processes == 1 else ["--processes", str(processes)])]


def rival(name: str, workers: int = 1) -> list[str]:
    """The command of an application of `benchmarks.ingest_floors`."""
    factory = [] if name == "echo" else ["--factory"]
    quiet = ["--no-access-log", "--log-level", "error"]
    return [str(BIN / "uvicorn"), f"benchmarks.ingest_floors:{name}", *factory, *quiet, "--workers", str(workers)]


def environment(url: str, data: Path, more: Mapping[str, str]) -> dict[str, str]:
    """No setting of the person who measures reaches the measured program."""
    plain = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    return {**plain, "PINGYI_DATABASE_URL": url, "PINGYI_DATA_DIR": str(data), "PINGYI_LOG_LEVEL": "warning", **more}


@contextlib.contextmanager
def served(
    command: Sequence[str], *, data: Path, url: str = "", more: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """The server of ``command`` while the block lasts."""
    port = free_port()
    log = data / f"{port}.log"
    with running([*command, "--port", str(port)], ROOT, environment(url, data, more or {}), log) as process:
        begun = time.monotonic()
        while not answers(port):
            if process.poll() is not None or time.monotonic() - begun > PATIENCE:
                raise SystemExit(f"{command} did not come up:\n{log.read_text(encoding='utf-8')[-4000:]}")
            time.sleep(0.05)
        time.sleep(0.3)
        yield Served(port, process.pid)


def slow_flush(folder: Path, *, milliseconds: int) -> dict[str, str]:
    """The environment under which every flush to disk takes longer by so much; empty where there is no compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return {}
    library = folder / "slow_flush.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, SHIM, "-ldl"], check=True)
    return {"LD_PRELOAD": str(library), "SLOW_FLUSH_US": str(milliseconds * 1000)}
