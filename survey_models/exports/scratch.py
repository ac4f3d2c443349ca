"""Where a workbook lies in parts while it is written (临时文件): folders that are swept once their process is gone.

The parts hold rows of the export in clear. A process that is killed cannot remove them: the next one that starts, or
writes a workbook, does. Whoever writes holds a lock on a file of its folder, which ends with the process.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from survey_models.core import clock

PREFIX = "pingyi-export-"
_HELD = "held"
# A folder whose lock is not there yet is being made at this moment, or was left at such a moment.
_MOMENT = 3600.0


@contextmanager
def folder() -> Iterator[str]:
    """A folder of this process, readable by it alone, gone when the block ends."""
    sweep()
    with tempfile.TemporaryDirectory(prefix=PREFIX) as made:
        fresh = Path(made) / f"{_HELD}.new"
        with fresh.open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Under its name it is locked already: nobody sweeps it in between.
            fresh.rename(Path(made) / _HELD)
            yield made


def sweep() -> int:
    """Remove the folders whose processes are gone; how many."""
    return sum(_swept(place) for place in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"))


def _swept(place: Path) -> bool:
    try:
        if place.is_symlink():
            return False
        if not (place / _HELD).exists():
            gone = clock.now().timestamp() - place.stat().st_mtime > _MOMENT
            if gone:
                shutil.rmtree(place, ignore_errors=True)
            return gone
        with (place / _HELD).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(place, ignore_errors=True)
            return True
    except (BlockingIOError, FileNotFoundError, PermissionError):
        # Held, gone meanwhile, or another person's.
        return False
