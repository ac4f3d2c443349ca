"""`make audit-uploads`: every hostile file of the tests is sent to a reader of its own; time, memory and refusal."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.verdicts import below, heading
from tests.survey_models.spreadsheets.hostile_files import hostile_files

SECONDS, MIB = 2.0, 300.0


def one(path: str) -> int:
    """Read one file as the door does; prints processor seconds, peak memory of reader and parser in MiB, refusal."""
    from survey_models.core.errors import Problem  # noqa: PLC0415 - the reader's own memory is measured
    from survey_models.spreadsheets.read import read  # noqa: PLC0415 - as above

    content = Path(path).read_bytes()
    said = "read"
    before = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    try:
        read(content, path)
    except Problem as problem:
        said = problem.code
    after = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    spent = sum(b.ru_utime + b.ru_stime - a.ru_utime - a.ru_stime for a, b in zip(before, after, strict=True))
    # What getrusage says of a process itself is inherited from whoever started it.
    status = Path("/proc/self/status").read_text("ascii")
    own = int(status.partition("VmHWM:")[2].split()[0])
    print(spent, (own + after[1].ru_maxrss) / 1024, said)
    return 0


def main() -> int:
    """Print value, limit, ratio of each file; 1 if one is over a limit or not refused as it must be."""
    print(heading("Hostile files: processor seconds and memory until the refusal"))
    good = True
    with tempfile.TemporaryDirectory() as folder:
        for hostile in hostile_files():
            path = Path(folder) / hostile.filename
            path.write_bytes(hostile.content)
            command = [sys.executable, "-m", "benchmarks.hostile_uploads", str(path)]
            spent, memory, said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
            lines = (
                below(f"{hostile.what}: seconds", float(spent), SECONDS),
                below(f"{hostile.what}: MiB", float(memory), MIB),
            )
            print(*lines, sep="\n")
            good = good and said == hostile.code and all(line.good for line in lines)
            if said != hostile.code:
                print(f"  {said} instead of {hostile.code}")
    return int(not good)


if __name__ == "__main__":
    sys.exit(one(sys.argv[1]) if len(sys.argv) > 1 else main())
