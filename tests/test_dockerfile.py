"""The image builds and serves, as far as that can be seen without a container engine."""

import contextlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import httpx
import pytest

from tests.architecture.tree import ROOT, files
from tests.dockerfile import Person, Stage, Step, ignored, parse, perform
from tests.postgres import free_port

STEPS = parse((ROOT / "Dockerfile").read_text(encoding="utf-8"))
PATTERNS = [
    line
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """An empty folder that another user may enter."""
    path = Path(tempfile.mkdtemp(prefix="pingyi-image-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def person(folder: Path) -> Person:
    """Ourselves, or `nobody` when we are root; never root."""
    entry = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    home, programs = folder / "home", folder / "programs"
    home.mkdir()
    programs.mkdir()
    os.chown(home, entry.pw_uid, entry.pw_gid)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PINGYI_", "UV_", "COV_", "VIRTUAL_ENV"))
    }
    environment = {**kept, "HOME": str(home), "PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin", "TMPDIR": str(home)}
    who = Person(entry.pw_uid, entry.pw_gid, environment)
    (programs / "python").symlink_to(python_for(who))
    return who


def python_for(person: Person) -> str:
    """A Python that this person may run and make environments with."""
    test = "import ensurepip, venv, sys; assert sys.version_info >= (3, 11)"
    candidates = [shutil.which(f"python3.{minor}", path=person.environment["PATH"]) for minor in (13, 12, 11)]
    for candidate in (sys.executable, *candidates, "/usr/bin/python3"):
        # An environment's interpreter is a link; what it points to is what the image would have.
        path = candidate and os.path.realpath(candidate)
        if path and runs(person, [path, "-c", test]):
            return path
    raise AssertionError("no Python that an ordinary user may run; on Debian: apt-get install python3-venv")


def runs(person: Person, command: list[str]) -> bool:
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, cwd="/", env=person.environment, **person.identity
        )
    except PermissionError:
        return False
    return done.returncode == 0


@pytest.fixture(scope="module")
def context(folder: Path) -> Path:
    """What an engine would be sent: the files that git knows, less those of .dockerignore."""
    target = folder / "context"
    for path in files():
        if not ignored(PurePosixPath(path), PATTERNS):
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, target / path)
    return target


@pytest.fixture(scope="module")
def image(folder: Path, context: Path, person: Person) -> Stage:
    """The last stage, performed."""
    return perform(STEPS, context=context, folder=folder, person=person)


@contextlib.contextmanager
def started(image: Stage, person: Person, port: int, log: Path) -> Iterator[None]:
    """The image's own command, on a free port; its output goes to a file, since a server never closes a pipe."""
    command = [*image.command[: image.command.index("--port")], "--port", str(port)]
    command[0] = shutil.which(command[0], path=person.sees(image)["PATH"]) or command[0]
    assert Path(command[0]).is_relative_to(image.root)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=image.inside("."), env=person.sees(image), stdout=output, stderr=output, **person.identity
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


def answer(url: str, log: Path) -> httpx.Response:
    """The first answer of a server that is starting."""
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(url, timeout=5)
        time.sleep(0.1)
    raise AssertionError(f"{url} never answered:\n{log.read_text(encoding='utf-8')}")


def test_the_image_builds_and_serves(image: Stage, person: Person, tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    with started(image, person, port, log):
        assert answer(f"http://127.0.0.1:{port}/healthz", log).status_code == 200
        assert answer(f"http://127.0.0.1:{port}/console/", log).status_code == 200
        assert answer(f"http://127.0.0.1:{port}/terminal/", log).status_code == 200


def test_the_same_image_migrates_and_works(image: Stage, person: Person) -> None:
    program = str(image.inside("env/bin/pingyi"))
    person.run([program, "db", "upgrade"], stage=image)
    person.run([program, "worker", "--help"], stage=image)


def test_it_never_runs_as_root(image: Stage) -> None:
    assert image.users[image.user] >= 1000


def test_its_system_packages_exist(image: Stage) -> None:
    """Chinese glyphs, installed here for the browser tests too; a misspelt name would be unknown to dpkg."""
    assert "fonts-noto-cjk" in image.packages
    for package in image.packages:
        done = subprocess.run(["dpkg-query", "--status", package], check=False, capture_output=True, text=True)
        known = subprocess.run(["apt-cache", "show", package], check=False, capture_output=True, text=True)
        assert done.returncode == 0 or known.returncode == 0, package


def test_base_images_have_a_version() -> None:
    images = [step.rest.split()[0] for step in STEPS if step.name == "FROM"]
    stages = {step.rest.split(" AS ")[1] for step in STEPS if step.name == "FROM" and " AS " in step.rest}
    outside = {image for image in images if image not in stages}
    assert outside
    assert all(":" in image and not image.endswith(":latest") for image in outside)


def test_nothing_of_this_machine_enters_the_image() -> None:
    for name in (
        ".git/config",
        ".venv/bin/python",
        "var/pingyi.sqlite3",
        "kiosk/node_modules/vue/package.json",
        "kiosk/dist/x.js",
    ):
        assert ignored(PurePosixPath(name), PATTERNS), name
    for name in ("api/app.py", "kiosk/terminal/main.ts", "requirements.lock", ".ci/tools.lock", "migrations/env.py"):
        assert not ignored(PurePosixPath(name), PATTERNS), name
    assert ignored(PurePosixPath("api/__pycache__/app.pyc"), PATTERNS)


def test_an_unknown_step_is_refused(folder: Path, person: Person) -> None:
    steps = parse("FROM nowhere:1 AS odd\nHEALTHCHECK CMD true")
    with pytest.raises(ValueError, match="no way is known"):
        perform(steps, context=folder, folder=folder, person=person)


def test_a_failing_step_is_seen(folder: Path, person: Person) -> None:
    steps = parse("FROM nowhere:1 AS failing\nWORKDIR /app\nRUN echo so && \\\n  false")
    assert steps[-1] == Step("RUN", "echo so && false")
    with pytest.raises(AssertionError, match="so"):
        perform(steps, context=folder, folder=folder, person=person)
