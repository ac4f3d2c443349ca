"""A server with the forms that the phone page is measured on: 80 and 118 units, and one with every kind of item."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from api import migrate
from api.db import make_engine
from api.keys import load_pepper
from tests.api.poll import make_poll
from tests.kinds import kinds_questionnaire
from tests.postgres import free_port

ROOT = Path(__file__).resolve().parents[1]
UNITS = ROOT / "survey_models" / "schemes" / "units" / "luohe_units.csv"
PATIENCE = 60.0
CARDS = 60
# With the eighty of 漯河 these are 118; long and near-identical names among them.
MORE = [
    "市委办公室",
    "市人大常委会办公室",
    "市政府办公室",
    "市政协办公室",
    "市纪委监委",
    "市委组织部",
    "市委宣传部",
    "市委统战部",
    "市委政法委",
    "市中级人民法院",
    "市人民检察院",
    "团市委",
    "市妇女联合会",
    "市总工会",
    "市科学技术协会",
    "市残疾人联合会",
    "市红十字会",
    "市工商业联合会",
    "市信访局",
    "市退役军人事务局",
    "市应急管理局",
    "市医疗保障局",
    "市大数据管理局",
    "市住房公积金管理中心",
    "市公共资源交易中心",
    "市城市管理综合执法局",
    "市园林绿化中心",
    "市消防救援支队",
    "市公安局交通警察支队",
    "市自来水有限公司",
    "市天然气有限公司",
    "市公共交通有限公司",
    "市热力有限公司",
    "有线电视网络公司",
    "邮政储蓄银行",
    "交通银行",
    "太平洋健康保险",
    "泰康养老保险",
]


@dataclass(frozen=True)
class Town:
    """A server that runs, and codes of its campaigns that nobody has used."""

    address: str
    folder: Path
    codes: Mapping[str, list[str]] = field(repr=False)


def units(number: int) -> list[dict[str, str]]:
    """The first so many units, in the categories of 漯河 and one more."""
    with UNITS.open(encoding="utf-8") as file:
        rows = [{key: row[key] for key in ("code", "name", "category")} for row in csv.DictReader(file)]
    rows += [{"code": f"LH-{81 + no:03}", "name": name, "category": "党群和其他单位"} for no, name in enumerate(MORE)]
    return rows[:number]


def _campaigns(folder: Path, database: str) -> dict[str, list[str]]:
    migrate.upgrade(database)
    engine, pepper = make_engine(database), load_pepper(folder)
    kinds: dict[str, dict[str, Any]] = {
        "luohe80": {"units": units(80)},
        "city118": {"units": units(118), "blank_allowed": False},
        "kinds": {"document": kinds_questionnaire()},
    }
    made = {
        name: make_poll(engine, name, pepper=pepper, key_folder=folder, cards=CARDS, **options).codes
        for name, options in kinds.items()
    }
    engine.dispose()
    return made


@contextmanager
def phone_town(folder: Path, *, port: int = 0, command: Sequence[str] = ()) -> Iterator[Town]:
    """Serve the three campaigns from ``folder`` while the block lasts."""
    database = f"sqlite:///{folder / 'pingyi.sqlite3'}"
    codes = _campaigns(folder, database)
    port = port or free_port()
    address = f"http://127.0.0.1:{port}"
    settings = {"PINGYI_DATA_DIR": str(folder), "PINGYI_PUBLIC_URL": address, "PINGYI_DATABASE_URL": database}
    start = command or [sys.executable, "-c", "from api.cli import app; app(prog_name='pingyi')"]
    with (folder / "output").open("w") as sink:
        process = subprocess.Popen(
            [*start, "serve", "--port", str(port)], cwd=ROOT, env={**os.environ, **settings}, stdout=sink, stderr=sink
        )
        try:
            _wait(address, process, folder / "output")
            yield Town(address, folder, codes)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(address: str, process: subprocess.Popen[bytes], output: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{address}/readyz").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise RuntimeError(f"the server did not start:\n{output.read_text(encoding='utf-8')}")
