"""Perform a Dockerfile without a container engine.

Each stage gets a folder of its own that stands for its root; `/app` of the stage `build` is `<folder>/build/app`. COPY
copies, RUN runs as an ordinary user in the stage's working folder, ENV and WORKDIR hold as they do in an engine. The
steps that only root can do (system packages, users) are in a closed list and are checked instead of run. A step that
this module does not know is an error: nothing is passed over.

What this cannot show: that the base images exist and hold what their names promise. The programs of the machine stand
in for them.
"""

import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TypedDict

PACKAGES_STEP = re.compile(
    r"apt-get update && apt-get install --yes --no-install-recommends (?P<packages>[a-z0-9. +-]+)"
    r" && rm -rf /var/lib/apt/lists/\*"
)
USER_STEP = re.compile(r"useradd --uid (?P<uid>\d+) --create-home --home-dir (?P<home>/\w+) (?P<user>[a-z]+)")
DECLARATIONS = {"VOLUME", "EXPOSE"}
ROOT = PurePosixPath("/")


@dataclass(frozen=True)
class Step:
    """One instruction and what follows it, continuation lines joined."""

    name: str
    rest: str


@dataclass
class Stage:
    """A stage while it is performed."""

    root: Path
    image: str
    workdir: PurePosixPath = ROOT
    environment: dict[str, str] = field(default_factory=dict)
    user: str = "root"
    users: dict[str, int] = field(default_factory=dict)
    packages: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)

    def inside(self, path: str | PurePosixPath) -> Path:
        """The place on this machine of a path in the stage."""
        return self.root / (self.workdir / path).relative_to(ROOT)

    def mapped(self, value: str) -> str:
        """An ENV value whose absolute paths of this stage point to their places on this machine."""
        parts = value.split(":")
        return ":".join(str(self.inside(part)) if part.startswith("/app") else part for part in parts)


class Identity(TypedDict):
    """Whom a process runs as; None leaves it as it is."""

    user: int | None
    group: int | None
    extra_groups: list[int] | None


@dataclass(frozen=True)
class Person:
    """The ordinary user who performs the steps, with the programs that stand in for the base images."""

    uid: int
    gid: int
    environment: dict[str, str]

    @property
    def identity(self) -> Identity:
        """Arguments for subprocess that drop root, when we are root."""
        if os.geteuid() != 0:
            return {"user": None, "group": None, "extra_groups": None}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def run(self, command: list[str], *, stage: Stage) -> None:
        """Run a command in the stage's working folder; show what it printed when it fails."""
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            cwd=stage.inside("."),
            env=self.sees(stage),
            **self.identity,
        )
        if done.returncode != 0:
            raise AssertionError(f"{shlex.join(command)} failed ({done.returncode}):\n{done.stdout}{done.stderr}")

    def sees(self, stage: Stage) -> dict[str, str]:
        """The environment of a step."""
        environment = dict(self.environment)
        for name, value in stage.environment.items():
            environment[name] = stage.mapped(re.sub(r"\$(\w+)", lambda found: environment.get(found[1], ""), value))
        return environment


def parse(text: str) -> list[Step]:
    """The steps of a Dockerfile; comments and blank lines left out, continuation lines joined."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\s*\\\n\s*", " ", "\n".join(lines))
    return [Step(*line.split(None, 1)) for line in joined.splitlines()]


def perform(steps: list[Step], *, context: Path, folder: Path, person: Person) -> Stage:
    """Perform every stage in order and return the last one."""
    stages: dict[str, Stage] = {}
    stage = None
    for step in steps:
        if step.name == "FROM":
            stage = begin(step.rest, stages, folder, person)
        elif stage is None:
            raise ValueError(f"{step} before the first FROM")
        else:
            take(step, stage, stages=stages, context=context, person=person)
    assert stage is not None
    return stage


def begin(rest: str, stages: dict[str, Stage], folder: Path, person: Person) -> Stage:
    """A new stage: empty, or with the files of an earlier one, linked: an earlier stage is not looked at again."""
    image, _, name = rest.partition(" AS ")
    root = folder / (name or "final")
    earlier = stages.get(image)
    if earlier is None:
        root.mkdir()
        stage = Stage(root, image)
    else:
        shutil.copytree(earlier.root, root, symlinks=True, copy_function=os.link)
        stage = Stage(root, earlier.image, earlier.workdir, dict(earlier.environment), earlier.user)
    own(root, person)
    stages[name or "final"] = stage
    return stage


def take(step: Step, stage: Stage, *, stages: dict[str, Stage], context: Path, person: Person) -> None:
    """Perform one step of a stage."""
    match step.name:
        case "WORKDIR":
            stage.workdir /= step.rest
            stage.inside(".").mkdir(parents=True, exist_ok=True)
            own(stage.root, person)
        case "ENV":
            stage.environment |= {
                name: value for name, _, value in (word.partition("=") for word in shlex.split(step.rest))
            }
        case "USER":
            assert stage.users.get(step.rest, 0) > 0, f"USER {step.rest} is not an ordinary user made before"
            stage.user = step.rest
        case "COPY":
            copy(step.rest, stage, stages=stages, context=context)
            own(stage.root, person)
        case "RUN":
            run(step.rest, stage, person)
        case "CMD":
            stage.command = json.loads(step.rest)
        case name if name not in DECLARATIONS:
            raise ValueError(f"no way is known to perform {step}")


def run(command: str, stage: Stage, person: Person) -> None:
    """Run a command, or check it where only root could run it."""
    if found := PACKAGES_STEP.fullmatch(command):
        stage.packages += found["packages"].split()
    elif found := USER_STEP.fullmatch(command):
        stage.users[found["user"]] = int(found["uid"])
        stage.inside(found["home"]).mkdir(parents=True, exist_ok=True)
        own(stage.root, person)
    else:
        person.run(["/bin/sh", "-e", "-c", command], stage=stage)


def copy(rest: str, stage: Stage, *, stages: dict[str, Stage], context: Path) -> None:
    """COPY as an engine does it: the content of folders, files into a folder or under a new name."""
    words = rest.split()
    origin = context
    bring: Callable[[str | Path, str | Path], object] = shutil.copy
    if words[0].startswith("--from="):
        origin, bring = stages[words.pop(0).removeprefix("--from=")].root, link
    *names, target = words
    destination = stage.inside(target)
    for name in names:
        source = origin / name.lstrip("/")
        if source.is_dir():
            shutil.copytree(source, destination, symlinks=True, dirs_exist_ok=True, copy_function=bring)
        elif target.endswith("/") or len(names) > 1 or destination.is_dir():
            destination.mkdir(parents=True, exist_ok=True)
            bring(source, destination / source.name)
        else:
            destination.parent.mkdir(parents=True, exist_ok=True)
            bring(source, destination)


def link(source: str | Path, destination: str | Path) -> None:
    """A second name for a file of an earlier stage, as layers share their files; it replaces what stood there."""
    Path(destination).unlink(missing_ok=True)
    os.link(source, destination)


def own(folder: Path, person: Person) -> None:
    """Hand a folder and what is in it to the person, when we are root."""
    if os.geteuid() != 0:
        return
    for parent, folders, names in os.walk(folder):
        for path in (parent, *(os.path.join(parent, name) for name in (*folders, *names))):  # noqa: PTH118 - twenty thousand of them
            os.chown(path, person.uid, person.gid, follow_symlinks=False)


def ignored(path: PurePosixPath, patterns: list[str]) -> bool:
    """Whether a .dockerignore keeps a file out: the last pattern that matches it, or a folder above it, decides."""
    out = False
    for pattern in patterns:
        wanted = pattern.removeprefix("!").removeprefix("**/")
        deep = pattern.removeprefix("!").startswith("**/")
        above = [path, *path.parents][:-1]
        candidates = [part for name in above for part in ([name.name] if deep else [str(name)])]
        if any(fnmatch.fnmatchcase(name, wanted) for name in candidates):
            out = not pattern.startswith("!")
    return out
