"""``pingyi demo serve``: migrate, load, say what to open, serve."""

from __future__ import annotations

import socket
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from api import migrate
from api.db import make_engine, reading, unit_of_work
from api.handover import DemoFolder
from api.keys import load_pepper
from api.qr import in_terminal
from api.server import serve
from api.settings import Settings
from survey_models.core import clock
from survey_models.devices.service import make_pairing
from survey_models.tickets import codes
from survey_models.tickets.tables import Ticket, TicketState

CAMPAIGN, WINDOW = "luohe", "hall-01"
# A pairing code of the demo waits until it is used.
PAIRING_TIME = timedelta(days=3650)


def demo_settings(
    settings: Settings, *, host: str = "127.0.0.1", port: int = 8000, lan: bool = False, database: str = ""
) -> Settings:
    """The settings of a demo installation; ``lan`` makes links that a phone in the same network can follow."""
    shown = lan_address() if lan else ("127.0.0.1" if host in {"0.0.0.0", "::"} else host)  # noqa: S104 - compared, not bound
    changes = {"demo": True, "sealing_key_on_server": True, "public_url": f"http://{shown}:{port}"}
    if database:
        changes["database_url"] = database
    return Settings(**{**settings.model_dump(), **changes})


def prepare(settings: Settings) -> DemoFolder:
    """Bring the database to the newest revision and load the demo where it is missing."""
    from api.demo.load import load_demo  # noqa: PLC0415 - the second start needs none of what loading needs

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate.upgrade(settings.owner_database)
    engine = make_engine(settings.database, allow_unsafe=settings.allow_unsafe_database)
    try:
        return load_demo(engine, settings)
    finally:
        engine.dispose()


def serve_demo(settings: Settings, *, host: str, port: int, lan: bool) -> None:
    """Everything from an empty folder to a served demo. The addresses are said once the port is open."""
    folder = prepare(settings)
    engine = make_engine(settings.database, allow_unsafe=settings.allow_unsafe_database)
    try:
        words = addresses(engine, settings, folder)
    finally:
        engine.dispose()
    serve(settings, host="0.0.0.0" if lan else host, port=port, announce=lambda: print(words, flush=True))  # noqa: S104 - asked for


def addresses(engine: Engine, settings: Settings, folder: DemoFolder) -> str:
    """What to open, in both languages: the phone page of an unspent code, the window terminal, the console."""
    with reading(engine) as session:
        code = first_unspent(session, settings, folder)
    with unit_of_work(engine) as session:
        pairing, _ = make_pairing(session, WINDOW, by="setup", at=clock.now(), expires_at=clock.now() + PAIRING_TIME)
    base = settings.public_url
    lines = ["", "评议演示已启动 · The Pingyi demo is running", ""]
    if code:
        link = f"{base}/b/{CAMPAIGN}#{code}"
        lines += ["手机评议页(一张票,用一次)· Phone page of one ticket, good once:", f"  {link}", "", in_terminal(link)]
    else:
        lines += [
            f"留给参观的评议码都用过了 · All tour codes are used: {folder.tour(CAMPAIGN)}",
            f"  {base}/b/{CAMPAIGN}",
            "",
        ]
    lines += ["窗口评价器 · Window terminal:", f"  {base}/terminal/#pair={pairing}", ""]
    lines += ["控制台 · Console:", f"  {base}/console/", *(f"  {line}" for line in passwords(folder.passwords)), ""]
    if settings.database_url:
        lines += ["其他命令先设 · For other commands first set PINGYI_DATABASE_URL", ""]
    return "\n".join(lines)


def first_unspent(session: Session, settings: Settings, folder: DemoFolder) -> str | None:
    """The first tour code that nobody has used; None when all are."""
    pepper = load_pepper(settings.data_dir)
    for code in folder.kept(CAMPAIGN):
        digest = codes.digest(codes.normalise(code), campaign_id=CAMPAIGN, pepper=pepper)
        query = select(Ticket.state).where(Ticket.campaign_id == CAMPAIGN, Ticket.digest == digest)
        if session.scalar(query) == TicketState.LIVE:
            return code
    return None


def passwords(path: Path) -> list[str]:
    """The first passwords, one account a line; they may have been changed since."""
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def lan_address() -> str:
    """The address of this machine in its network. Nothing is sent: the system is only asked for its route."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
