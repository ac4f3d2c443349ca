"""The counting office opens the sheets as a user of its own, with a key that the serving process cannot read."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, select
from sqlalchemy.engine import make_url

from api.db import make_engine, reading, unit_of_work
from api.key_files import read_key_file
from api.keys import load_pepper
from survey_models.ballots import service as ballots
from survey_models.ballots.sealing import public_of
from survey_models.ballots.tables import Ballot, IntakeSheet, KeptBy
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.service import CampaignPlan, StratumPlan
from survey_models.campaigns.tables import Purpose
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.questionnaires import service as questionnaires
from survey_models.questionnaires.rules import unit_questionnaire
from survey_models.rounds import service as rounds
from survey_models.tickets import service as tickets
from survey_models.tickets.service import CellOrder
from tests.architecture.tree import ROOT
from tests.cli.shell import Shell, on_both
from tests.postgres import free_port
from tests.sealed import ZONE, no_key

# Two users that own nothing; who is not root stays one and the same.
SERVER, OFFICE = (65_534, 65_533) if os.geteuid() == 0 else (-1, -1)
ANSWERS = ["11--", "12--", "23--", "30--", "01--"]
PATIENCE = 180.0


@dataclass(frozen=True)
class House:
    """Folders of the server and of the office, and the database that both may use."""

    base: Path
    url: str
    engine: Engine

    def environment(self, folder: str) -> dict[str, str]:
        """What a process of that user is started with: its own data folder."""
        return {
            "PATH": os.environ["PATH"],
            "PINGYI_DATABASE_URL": self.url,
            "PINGYI_DATA_DIR": str(self.base / folder),
            "PINGYI_ALLOW_UNSAFE_DATABASE": "1",
            "PINGYI_INLINE_WORKER": "false",
            "PINGYI_LOG_LEVEL": "warning",
        }

    def run(self, uid: int, folder: str, line: str) -> subprocess.CompletedProcess[str]:
        """One command line of that user."""
        return subprocess.run(
            [sys.executable, "-m", "tests.cli.as_user", str(uid), *line.split()],
            env=self.environment(folder),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def state(self) -> str:
        """State of the campaign."""
        with reading(self.engine) as session:
            return campaigns.get(session, "poll").state


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """A folder that every user may enter; with SQLite the database lies in it, open to both users."""
    base = Path(tempfile.mkdtemp(prefix="pingyi-mix-"))
    base.chmod(0o755)
    url = database_url
    if url.startswith("sqlite"):
        (base / "database").mkdir()
        (base / "database").chmod(0o777)
        path = base / "database" / "pingyi.sqlite3"
        shutil.copyfile(str(make_url(url).database), path)
        path.chmod(0o666)
        url = f"sqlite:///{path}"
    for name, uid in (("server", SERVER), ("office", OFFICE)):
        (base / name).mkdir(mode=0o700)
        if uid >= 0:
            os.chown(base / name, uid, uid)
    engine = make_engine(url, allow_unsafe=True)
    try:
        yield House(base, url, engine)
    finally:
        engine.dispose()
        shutil.rmtree(base)


def open_poll(house: House, public: str) -> list[str]:
    """A campaign sealed to the office's key, open; gives its codes."""
    at = clock.now()
    pepper = load_pepper(house.base / "server")
    for path in (house.base / "server").rglob("*"):
        if SERVER >= 0:
            os.chown(path, SERVER, SERVER)
    units = [{"code": f"U-{no}", "name": f"单位{no}", "category": "部门"} for no in (1, 2)]
    with unit_of_work(house.engine) as session:
        doc = unit_questionnaire(title={"zh": "测", "en": "T"}, units=units)
        questionnaires.store(session, "form", version=1, doc=doc, at=at)
        rounds.create(session, "round", title="测", units=[], at=at)
        strata = [StratumPlan(("A", "甲区"), (kind, kind), 100, 15) for kind in ("城镇", "农村")]
        plan = CampaignPlan("poll", "round", "测", "T", Purpose.REAL, ("form", 1), strata, cell_tickets=10)
        campaigns.create(session, plan, by="test", at=at)
        orders = [CellOrder(no, 0, 15, 0) for no in (1, 2)]
        issued = tickets.issue(session, "poll", orders, pepper=pepper, by="test", at=at)
        ballots.register_key(session, "poll", bytes.fromhex(public), kept=KeptBy.OFFICE, by="test", at=at)
        campaigns.prepare(session, "poll", by="test", at=at)
        campaigns.open_campaign(session, "poll", by="test", at=at)
    return [item.code for item in issued]


@contextmanager
def served(house: House) -> Iterator[str]:
    """The server as its own user; yields its address."""
    port = free_port()
    words = [sys.executable, "-m", "tests.cli.as_user", str(SERVER), "serve", "--port", str(port)]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            words, env=house.environment("server"), cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            begun = time.monotonic()
            while not _answers(f"http://127.0.0.1:{port}"):
                log.seek(0)
                assert process.poll() is None, log.read().decode()
                assert time.monotonic() - begun < PATIENCE, log.read().decode()
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz", timeout=2, trust_env=False).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


async def cast(address: str, codes: list[str]) -> None:
    """Everybody sends a sheet, all at once."""
    async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=60) as client:
        answers = await asyncio.gather(
            *(
                client.post(
                    "/api/campaigns/poll/ballots",
                    json={
                        "id": f"00000000-0000-4000-8000-{place:012}",
                        "code": code,
                        "answers": ANSWERS[place % len(ANSWERS)],
                    },
                )
                for place, code in enumerate(codes)
            )
        )
    assert {answer.status_code for answer in answers} == {201}


def close_and_begin_counting(house: House) -> None:
    """What two people confirm; the server is asked for no key that it has not."""
    at = clock.now()
    with unit_of_work(house.engine) as session:
        campaigns.close(session, "poll", by="setup", at=at)
        campaigns.begin_counting(session, "poll", by="release", at=at, zone=ZONE)
        ballots.count(session, "poll", server_key=no_key, by="release", at=at)


def unreadable(uid: int, path: Path) -> bool:
    """Whether the system refuses ``path`` to that user."""
    done = subprocess.run(["cat", str(path)], user=uid, group=uid, extra_groups=[], capture_output=True, check=False)
    return done.returncode != 0 and not done.stdout


@on_both
def test_the_office_counts_as_another_user_with_a_key_that_the_server_cannot_read(house: House) -> None:
    key = house.base / "office" / "poll.key"
    (house.base / "phrase").write_text("three owls at noon\n")
    made = house.run(OFFICE, "office", f"mix key --out {key} --passphrase-file {house.base / 'phrase'}")
    assert made.returncode == 0, made.stderr
    codes = open_poll(house, made.stdout.splitlines()[0])
    with served(house) as address:
        asyncio.run(cast(address, codes))
        close_and_begin_counting(house)
        assert house.state() == "counting"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        if SERVER >= 0:
            assert key.stat().st_uid == OFFICE
            assert unreadable(SERVER, key)
            assert unreadable(OFFICE, house.base / "server" / "keys" / "pepper")
        counted = house.run(OFFICE, "office", f"mix run poll --key {key} --passphrase-file {house.base / 'phrase'}")
        assert counted.returncode == 0, counted.stderr
        form = httpx.get(f"{address}/api/campaigns/poll/form", trust_env=False, timeout=60).json()
        assert form["campaign"]["state"] == "counted"
    with reading(house.engine) as session:
        with pytest.raises(Problem, match="act_not_allowed"):
            ballots.open_sheets(session, "poll", bytes(32))
        box = session.scalars(select(Ballot)).all()
        sealed = set(session.scalars(select(IntakeSheet.id)))
    assert Counter(row.answers for row in box) == Counter(ANSWERS * 6)
    assert len(sealed) == 30
    assert not sealed & {row.id for row in box}


def test_a_key_is_written_once_and_read_back(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "office" / "poll.key"
    public = shell.ok(f"mix key --out {path} --unprotected").splitlines()[0]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(public) == 64
    assert read_key_file(path, passphrase=no_passphrase).hex() in path.read_text()
    assert shell.refused(f"mix key --out {path} --unprotected") == "key_file_exists"
    assert shell.refused(f"mix run poll --key {tmp_path / 'nowhere'}") == "key_file_unreadable"
    (tmp_path / "other").write_text("something else")
    with pytest.raises(Problem, match="sealing_key_malformed"):
        read_key_file(tmp_path / "other", passphrase=no_passphrase)


def no_passphrase() -> str:
    pytest.fail("nobody should be asked")


def test_a_key_file_is_of_no_use_without_its_passphrase(sqlite_url: str, tmp_path: Path) -> None:
    shell = Shell(make_engine(sqlite_url, allow_unsafe=True), tmp_path)
    path, phrase = tmp_path / "poll.key", "三只猫头鹰 at noon, caf\u00e9"
    told = shell.ok(f"mix key --out {path}", typed=f"{phrase}\n{phrase}\n")
    public = next(line for line in told.splitlines() if len(line) == 64)
    private = read_key_file(path, passphrase=lambda: phrase.replace("\u00e9", "e\u0301"))
    assert public_of(private).hex() == public
    assert private.hex() not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert shell.refused(f"mix run poll --key {path}", typed="three owls at dawn\n") == "passphrase_wrong"
    for typed, code in (("short\nshort\n", "passphrase_short"), (f"{phrase}\n{phrase}.\n", "passphrase_differs")):
        assert shell.refused(f"mix key --out {tmp_path / 'none.key'}", typed=typed) == code
    assert shell.refused(f"mix key --out x --unprotected --passphrase-file {path}") == "passphrase_unwanted"
    assert not (tmp_path / "none.key").exists()
    whole = path.read_text()
    words = whole.split(" ")
    changes = {
        "salt": (5, "0" * 32, "passphrase_wrong"),
        "nonce": (6, "0" * 24, "passphrase_wrong"),
        "key": (7, "0" * 96, "passphrase_wrong"),
        "cut": (7, words[7][:-6], "sealing_key_malformed"),
        "hungry": (2, str(2**40), "sealing_key_malformed"),
        "another": (1, "plain", "sealing_key_malformed"),
        "too quick": (1, "pbkdf2", "sealing_key_malformed"),
    }
    for name, (place, value, code) in changes.items():
        path.write_text(" ".join([*words[:place], value, *words[place + 1 :]]))
        with pytest.raises(Problem) as refused:
            read_key_file(path, passphrase=lambda: phrase)
        assert refused.value.code == code, name


def test_the_office_s_key_is_registered_on_the_command_line(staffed: Shell, tmp_path: Path) -> None:
    public = staffed.ok(f"mix key --out {tmp_path / 'poll.key'} --unprotected").splitlines()[0]
    at = clock.now()
    with unit_of_work(staffed.engine) as session:
        units = [{"code": "U-1", "name": "单位", "category": "部门"}]
        questionnaires.store(session, "form", version=1, doc=unit_questionnaire(title={"zh": "测"}, units=units), at=at)
        rounds.create(session, "round", title="测", units=[], at=at)
        plan = CampaignPlan("poll", "round", "测", "T", Purpose.REAL, ("form", 1), [])
        campaigns.create(session, plan, by="test", at=at)
    assert staffed.refused("campaigns seal poll") == "sealing_key_not_here"
    assert staffed.refused(f"campaigns seal nowhere --public {public}") == "campaign_unknown"
    assert staffed.refused("campaigns seal poll --public 12") == "sealing_key_malformed"
    assert public in staffed.ok(f"campaigns seal poll --public {public}")
    with reading(staffed.engine) as session:
        assert ballots.level_of(session, "poll") == "sealed_office"
