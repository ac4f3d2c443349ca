"""`make bench-export`: 1,000,000 ballots x 80 units to CSV and to an SPSS file, in memory that does not grow.

ARGS='--ballots 100000'. The box is filled in SQLite; the clock runs over what `pingyi exports campaign ballots` does,
from the first question to the folder with its manifest, in a process of its own whose largest memory is read at the
end. It is run with a tenth of the ballots first: memory that grew with them would show.
"""

from __future__ import annotations

import argparse
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from api.db import make_engine, reading, unit_of_work
from api.migrate import upgrade
from benchmarks.verdicts import Line, below, heading, inform
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.service import CampaignPlan, StratumPlan
from survey_models.campaigns.tables import Purpose, State
from survey_models.exports import packing, service
from survey_models.exports.kinds import Format, What
from survey_models.questionnaires import service as questionnaires
from survey_models.questionnaires.rules import unit_questionnaire
from survey_models.rounds import service as rounds

CAMPAIGN, UNITS, STRATA, BALLOTS, SECONDS, GROWTH = "export", 80, 60, 1_000_000, 60.0, 32.0
AT = datetime(2026, 11, 22, tzinfo=UTC)
_AT_ONCE = 20_000


def fill(url: str, path: Path, number: int) -> None:
    """A counted campaign with so many ballots in its box."""
    upgrade(url)
    engine = make_engine(url, allow_unsafe=True)
    rows = [
        {"code": f"U-{no:03}", "name": f"单位{no}", "category": "甲", "order": str(no), "superior_led": "0"}
        for no in range(1, UNITS + 1)
    ]
    title = {"zh": "问卷测评", "en": "Survey"}
    with unit_of_work(engine) as session:
        rounds.create(session, "round", title="测试", units=[], at=AT)
        doc = unit_questionnaire(title=title, units=rows, blank_allowed=True)
        questionnaires.store(session, "form", version=1, doc=doc, at=AT)
        strata = [
            StratumPlan((f"4111{no // 5:02}", f"第{no // 5}区"), (f"k{no % 5}", f"人群{no % 5}"), 10_000, 1)
            for no in range(STRATA)
        ]
        plan = CampaignPlan(
            id=CAMPAIGN,
            round_id="round",
            title=title["zh"],
            title_en=title["en"],
            purpose=Purpose.DEMO,
            questionnaire=("form", 1),
            strata=strata,
            points=[],
        )
        campaigns.create(session, plan, by="bench", at=AT)
        campaigns.get(session, CAMPAIGN).state = State.COUNTED.value
        width = len(campaigns.form_of(session, campaigns.get(session, CAMPAIGN)).items)
    engine.dispose()
    with sqlite3.connect(path) as database:
        for some in _ballots(number, width):
            database.executemany(
                "INSERT INTO ballots (campaign_id, id, stratum_no, point_no, channel, questionnaire_version, answers, "
                "set_aside) VALUES (?, ?, ?, 0, 'phone', 1, ?, 0)",
                some,
            )


def _ballots(number: int, width: int) -> Iterator[list[tuple[str, str, int, str]]]:
    chance = np.random.default_rng(7)
    for start in range(0, number, _AT_ONCE):
        size = min(_AT_ONCE, number - start)
        codes = chance.choice(np.frombuffer(b"1230-", dtype=np.uint8), size=(size, width))
        codes[:, UNITS:] = ord("-")
        yield [
            (CAMPAIGN, uuid.UUID(bytes=chance.bytes(16)).hex, int(chance.integers(1, STRATA + 1)), bytes(row).decode())
            for row in codes
        ]


def export_one(url: str, form: Format, out: Path) -> int:
    """Write the ballots; prints seconds, processor time, MiB of the file and the most memory of this process."""
    engine = make_engine(url, allow_unsafe=True)
    begun, used = time.perf_counter(), time.process_time()
    with reading(engine) as session:
        parts = service.of_campaign(session, CAMPAIGN, What.BALLOTS, form, roles=["auditor"])
        files = packing.to_folder(out, parts, {"what": "ballots"})
    seconds, used = time.perf_counter() - begun, time.process_time() - used
    engine.dispose()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{seconds:.3f} {used:.3f} {files[0].bytes / 2**20:.1f} {most:.1f} {files[0].rows}")
    return 0


def measured(url: str, form: Format, folder: Path) -> list[float]:
    """What ``export_one`` prints, from a process of its own."""
    out = folder / f"out-{uuid.uuid4().hex}"
    command = [sys.executable, "-m", "benchmarks.exporting", "--one", url, form.value, str(out)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    for path in out.iterdir():
        path.unlink()
    return [float(word) for word in done.stdout.split()]


def measure(number: int, folder: Path) -> list[Line]:
    """The figures of both formats."""
    lines = []
    memory: dict[tuple[Format, int], float] = {}
    for size in (number // 10, number):
        path = folder / f"{size}.sqlite3"
        url = f"sqlite:///{path}"
        fill(url, path, size)
        for form in (Format.CSV, Format.SAV):
            seconds, used, mebibytes, most, rows = measured(url, form, folder)
            if int(rows) != size:
                raise RuntimeError("rows are missing")
            memory[form, size] = most
            if size == number:
                name = f"{number:,} ballots x {UNITS} units to {form.value}"
                lines.append(below(f"{name}, s", seconds, SECONDS, form=".1f"))
                lines.append(inform(f"{name}, s of processor time", f"{used:.1f}"))
                lines.append(inform(f"{name}, MiB of the file", f"{mebibytes:.0f}"))
                lines.append(inform(f"{name}, MiB of memory", f"{most:.0f}"))
        path.unlink()
    for form in (Format.CSV, Format.SAV):
        growth = max(memory[form, number] - memory[form, number // 10], 0.0)
        lines.append(below(f"{form.value}: MiB of memory more than with a tenth of them", growth, GROWTH, form=".1f"))
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ballots", type=int, default=BALLOTS)
    parser.add_argument("--one", nargs=3, default=None)
    asked = parser.parse_args(arguments)
    if asked.one:
        return export_one(asked.one[0], Format(asked.one[1]), Path(asked.one[2]))
    with tempfile.TemporaryDirectory(prefix="pingyi-export-") as folder:
        lines = measure(asked.ballots, Path(folder))
    print(heading("Exports"), *lines, sep="\n")
    return int(not all(line.good for line in lines))


if __name__ == "__main__":
    sys.exit(main())
