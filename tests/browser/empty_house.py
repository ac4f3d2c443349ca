"""An installation with one account and nothing else, served as an office starts it."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from typer.testing import CliRunner

from api.cli import app
from api.db import make_engine, unit_of_work
from survey_models.accounts.tables import Account
from survey_models.core import clock
from tests.browser.server import PINGYI, ROOT, wait_until_ready

PASSWORD = "a long walk in autumn"


@dataclass
class House:
    """Where it is served, and the password of its one account, ``setup``."""

    base_url: str
    data_dir: Path
    password: str = field(default=PASSWORD, repr=False)

    def a_day_passes(self, name: str) -> None:
        """What 24 hours of waiting do for an account: from then on it can confirm what others ask."""
        engine = make_engine(f"sqlite:///{self.data_dir / 'pingyi.sqlite3'}")
        with unit_of_work(engine) as session:
            found = session.scalars(select(Account).where(Account.name == name)).one()
            found.renewed_at = clock.now() - timedelta(hours=25)
        engine.dispose()


@contextmanager
def running_house(folder: Path) -> Iterator[House]:
    """``pingyi db upgrade``, ``pingyi accounts create`` and ``pingyi serve``, with ``folder`` as data folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    settings = {
        "PINGYI_DATA_DIR": str(folder),
        "PINGYI_PUBLIC_URL": address,
        "PINGYI_DATABASE_URL": "",
        "PINGYI_INLINE_SEQUENCER": "1",
    }
    environment = {**os.environ, **settings}
    account = "accounts create setup --role setup --password-stdin"
    for line, typed in (("db upgrade", ""), (account, f"{PASSWORD}\n")):
        done = CliRunner().invoke(app, line.split(), input=typed, env=settings)
        assert done.exit_code == 0, done.output
    output = folder / "output"
    with output.open("w") as sink:
        process = subprocess.Popen(
            [*PINGYI, "serve", "--port", str(port)], cwd=ROOT, env=environment, stdout=sink, stderr=subprocess.STDOUT
        )
        try:
            wait_until_ready(address, process, output)
            yield House(address, folder)
        finally:
            process.terminate()
            process.wait(timeout=60)
