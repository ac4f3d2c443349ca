"""From clone to the printed addresses: `make run` in a fresh clone with empty package caches, then once more.

Standard library only, so that it runs before anything is set up. Prints value, limit and ratio of both; exit 1 over a
limit. A start counts as done when /healthz answers 200 and the address of a phone page has been printed.
"""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COLD_LIMIT, WARM_LIMIT = 90.0, 6.0
PATIENCE = 600.0
PRINTED = re.compile(r"http://[^\s/]+/b/\w+")


def main() -> int:
    """Time both starts and print the table."""
    with tempfile.TemporaryDirectory(prefix="pingyi-clone-") as folder:
        base = Path(folder)
        clone = base / "pingyi"
        subprocess.run(["git", "clone", "--quiet", f"file://{ROOT}", clone], check=True)
        environment = empty_caches(base)
        cold = start_seconds(clone, environment, base / "cold.log")
        warm = start_seconds(clone, environment, base / "warm.log")
    print(f"{'make run':<12}{'seconds':>9}{'limit':>8}{'ratio':>8}")
    for name, value, limit in (("cold", cold, COLD_LIMIT), ("warm", warm, WARM_LIMIT)):
        print(f"{name:<12}{value:>9.1f}{limit:>8.1f}{value / limit:>8.2f}")
    return int(cold > COLD_LIMIT or warm > WARM_LIMIT)


def empty_caches(base: Path) -> dict[str, str]:
    """The environment of this process, with every package cache pointing at an empty folder."""
    caches = {name: str(base / name) for name in ("UV_CACHE_DIR", "PIP_CACHE_DIR", "npm_config_cache")}
    # A make that calls this program must not hand its own variables down.
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PINGYI_"))}
    return {**ours, **caches}


def start_seconds(clone: Path, environment: dict[str, str], log: Path) -> float:
    """Seconds from the command until the server answers and has printed where."""
    port = free_port()
    begun = time.monotonic()
    with running(["make", "run", f"PORT={port}"], clone, environment, log) as process:
        while time.monotonic() - begun < PATIENCE:
            if answers(port) and PRINTED.search(log.read_text(encoding="utf-8", errors="replace")):
                return time.monotonic() - begun
            if process.poll() is not None:
                break
            time.sleep(0.05)
    raise SystemExit(f"make run did not come up:\n{log.read_text(encoding='utf-8', errors='replace')[-4000:]}")


@contextlib.contextmanager
def running(
    command: list[str], folder: Path, environment: dict[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A process group that ends with the block. Its output goes to a file: a server never closes a pipe."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def answers(port: int) -> bool:
    """Whether /healthz says 200."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())
