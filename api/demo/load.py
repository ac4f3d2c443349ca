"""Loading the demo: once, step by step, each step whole or not at all."""

from __future__ import annotations

from sqlalchemy import Engine

from api.db import reading, unit_of_work
from api.demo import campaigns, ground, scored_round
from api.handover import DemoFolder, database_mark, demo_folder, set_aside
from api.keys import write_private
from api.settings import Settings
from survey_models.core import clock


def load_demo(engine: Engine, settings: Settings) -> DemoFolder:
    """Fill a migrated database with the demo and return the folder of its plain files.

    Does nothing when it is there; goes on where an interrupted loading stopped. ``luohe`` comes last, so that its
    presence says that everything is, but for the scored round in a demo that was loaded before there were rounds: it
    gets it now. Files are written before their transaction is committed: a file without database rows is set aside
    by the next loading, and rows without their file cannot come about.
    """
    folder = demo_folder(settings)
    with reading(engine) as session:
        made = campaigns.is_made(session, campaigns.OPEN)
    if made:
        with unit_of_work(engine) as session:
            # A demo that was loaded before there were keys takes no sheets until it has one.
            campaigns.seal_here(session, campaigns.OPEN, settings, at=clock.now())
        scored_round.make(engine, folder, settings)
        return folder
    settings = Settings(**{**settings.model_dump(), "demo": True})
    mark = folder.path / "database"
    if not mark.exists():
        write_private(mark, f"{database_mark(settings)}\n".encode())
    _ground(engine, folder)
    with unit_of_work(engine) as session:
        if not campaigns.is_made(session, campaigns.CLOSED):
            campaigns.make_closed(session, folder, settings, at=clock.now())
    campaigns.finish_closed(engine, folder, settings)
    with unit_of_work(engine) as session:
        if not campaigns.is_made(session, campaigns.LIST):
            campaigns.make_list(session, at=clock.now())
    with unit_of_work(engine) as session:
        if not campaigns.is_made(session, campaigns.OPINIONS):
            campaigns.make_opinions(session, folder, settings, at=clock.now())
    # Before the open poll: the newest campaign comes first in the console, and that is the one to look at.
    scored_round.make(engine, folder, settings)
    with unit_of_work(engine) as session:
        campaigns.make_open(session, folder, settings, at=clock.now())
    return folder


def _ground(engine: Engine, folder: DemoFolder) -> None:
    with unit_of_work(engine) as session:
        if ground.is_laid(session):
            return
        passwords = ground.lay(session, at=clock.now())
        set_aside(folder.passwords)
        lines = [f"{name} {password}\n" for name, password in passwords.items()]
        write_private(folder.passwords, "".join(lines).encode())
