"""`make bench-rounds`: each preset run whole at full size, from the plan to its bundles; seconds, limit, ratio.

The units are the stated ones (made up where the document brings no list), the answers of people are made up and
sealed as the door seals them, outside the clock. Inside it: planning, issuing and opening, counting, marks, the score
run, documents and the auditor's bundle. One thread that calculates: the limit is held against its processor seconds,
which a busy machine does not stretch; the clock is printed beside. (ARGS='--preset nanyang-2014-27' for one of them;
ARGS='--postgres' on a PostgreSQL server, whose own processor seconds are added to ours.)
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, TypeVar

from sqlalchemy import Engine, text

from api.db import make_engine, reading, unit_of_work
from api.demo import field_work
from api.keys import load_pepper, load_sealing_key, load_signer
from api.migrate import upgrade
from benchmarks import simulated_round
from benchmarks.simulated_round import BY, HANDS, RETURNED, ZONE
from benchmarks.verdicts import below, heading, inform
from survey_models.core import clock
from survey_models.evidence.kinds import Kind
from survey_models.publications import round_bundles
from survey_models.publications.sheets import documents_of
from survey_models.rounds import made_up, plans, scoring, service
from survey_models.rounds.outcomes import latest, outcome_of
from survey_models.rounds.plans import Wish
from survey_models.schemes import loading
from survey_models.schemes import service as schemes
from tests.postgres import running_server

LIMIT = 30.0
PERIODS = {
    "month": "2015-03",
    "quarter": "2015Q1",
    "half_year": "2015H1",
    "year": "2015",
    "two_years": "2015-2016",
    "once": "once",
}
WINDOWS, MONTH = 60, date(2015, 3, 1)
T = TypeVar("T")


class Watch:
    """Seconds of the processor by step, and of the clock in all."""

    def __init__(self, engine: Engine) -> None:
        self.seconds: dict[str, float] = {}
        self.clock = 0.0
        self._engine = engine

    def timed(self, step: str, work: Callable[[], T]) -> T:
        """Do it and note how long it took."""
        begun, used = perf_counter(), self._used()
        done = work()
        self.seconds[step] = self._used() - used
        self.clock += perf_counter() - begun
        return done

    def _used(self) -> float:
        """Of this process, and on PostgreSQL of the processes that serve its connections."""
        return process_time() + (_backends(self._engine) if self._engine.dialect.name == "postgresql" else 0.0)


def _backends(engine: Engine) -> float:
    """Processor seconds of the server's processes for this database so far (``/proc``)."""
    with engine.connect() as connection:
        query = text("select pid from pg_stat_activity where datname = current_database()")
        numbers = list(connection.scalars(query))
    ticks = 0
    for number in numbers:
        stat = Path(f"/proc/{number}/stat")
        if stat.exists():
            ticks += sum(map(int, stat.read_text().rpartition(")")[2].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the presets; 1 when one of them takes longer than the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", choices=loading.presets())
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL server of its own")
    given = parser.parse_args(arguments)
    print(heading(f"a round from its plan to its bundles, {'PostgreSQL' if given.postgres else 'SQLite'}"))
    missed = False
    for preset in [given.preset] if given.preset else loading.presets():
        with _city(postgres=given.postgres) as (engine, folder):
            watch, held = run(engine, folder, preset)
            line = below(f"{preset}: {held}", sum(watch.seconds.values()), LIMIT)
        print(line)
        steps = ", ".join(f"{step} {seconds:.1f}" for step, seconds in watch.seconds.items())
        print(inform(f"  by the clock {watch.clock:.1f} s; {steps}", ""))
        missed = missed or not line.good
    return int(missed)


@contextmanager
def _city(*, postgres: bool) -> Iterator[tuple[Engine, Path]]:
    with tempfile.TemporaryDirectory(prefix="pingyi-rounds-") as name, ExitStack() as stack:
        url = f"sqlite:///{name}/pingyi.sqlite3"
        if postgres:
            url = stack.enter_context(stack.enter_context(running_server([])).database())
        upgrade(url)
        engine = make_engine(url)
        stack.callback(engine.dispose)
        yield engine, Path(name)


def run(engine: Engine, folder: Path, preset: str) -> tuple[Watch, str]:
    """One round of a preset; what was timed, and what it held."""
    watch, at = Watch(engine), clock.now()
    scheme = loading.read(loading.preset(preset)).scheme
    wish = Wish(preset, PERIODS[scheme.cadence.each])
    if preset.endswith("-windows"):
        with unit_of_work(engine) as session:
            simulated_round.rated(session, WINDOWS, MONTH)
    planned = watch.timed("plan", lambda: _plan(engine, wish))
    keys = watch.timed("tickets", lambda: _opened(engine, planned, folder))
    sheets = sum(_answered(engine, campaign) for campaign in keys)
    watch.timed("counting", lambda: _counted(engine, list(keys), folder))
    marks = watch.timed("marks", lambda: _marked(engine, planned))

    def score() -> None:
        with unit_of_work(engine) as session:
            scoring.run(session, planned, by=BY, at=at)

    watch.timed("scores", score)
    with reading(engine) as session:
        row = latest(session, planned)
        outcome = outcome_of(row)
        files = watch.timed("documents", lambda: list(documents_of(session, row, zone=ZONE).files()))
        public = load_signer(folder).public
        kinds = watch.timed("bundles", lambda: [round_bundles.bundle(session, planned, Kind.AUDITOR, public=public)])
    assert files and kinds and outcome.cards  # noqa: S101, PT018 - an empty run would be quick
    return watch, f"{len(outcome.cards)} units, {sheets} sheets, {marks} marks, {len(files)} files"


def _plan(engine: Engine, wish: Wish) -> str:
    with unit_of_work(engine) as session:
        given: dict[str, Any] = {}
        if any(one.key == "units" and one.default is None for one in plans.ask(session, wish)):
            given = {"units": own_units(wish.preset)}
        return plans.plan(session, wish, made_up.complete(session, wish, given), by=BY, at=clock.now()).round.id


def own_units(preset: str) -> list[dict[str, str]]:
    """Made-up units where the document brings no list: the stated number of each category, else twelve."""
    stated = loading.read(loading.preset(preset)).scheme.units.stated
    names = [category for category, number in stated.items() for _ in range(number or 12)]
    return [{"code": f"X-{no:03}", "name": f"编造单位{no}", "category": name} for no, name in enumerate(names, start=1)]


def _opened(engine: Engine, round_id: str, folder: Path) -> dict[str, bytes]:
    with unit_of_work(engine) as session:
        pepper = load_pepper(folder)
        return field_work.opened(session, round_id, pepper=pepper, folder=folder, hands=HANDS, at=clock.now())


def _answered(engine: Engine, campaign_id: str) -> int:
    with unit_of_work(engine) as session:
        return field_work.answered(session, campaign_id, returned=RETURNED, hands=HANDS, at=clock.now())


def _counted(engine: Engine, ids: Sequence[str], folder: Path) -> None:
    for name in ids:
        with unit_of_work(engine) as session:
            field_work.counted(
                session, name, server_key=lambda one: load_sealing_key(folder, one), hands=HANDS, at=clock.now()
            )


def _marked(engine: Engine, round_id: str) -> int:
    with unit_of_work(engine) as session:
        _, scheme_id, version = service.with_scheme(session, round_id)
        scheme = schemes.document_of(schemes.get(session, scheme_id, version))
        return field_work.marked(session, round_id, scheme, hands=HANDS, at=clock.now())


if __name__ == "__main__":
    sys.exit(main())
