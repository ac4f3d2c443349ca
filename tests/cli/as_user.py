"""Run ``pingyi`` as another user of the system: ``python -m tests.cli.as_user UID WORD...``; UID -1 stays who we are.

Everything is imported before the user changes, for that user may not even read the folder that Python lies in.
"""

from __future__ import annotations

import importlib
import os
import sqlite3
import sys
import zoneinfo

from sqlalchemy import create_engine

NEEDED = {
    "mix": ("api.cli.mix", "api.db", "api.keys", "survey_models.ballots.service", "rich.table", "rich.box"),
    "serve": (
        *("api.cli.running", "api.migrate", "api.server", "alembic.ddl.sqlite", "alembic.ddl.postgresql"),
        *("uvicorn.loops.auto", "uvicorn.protocols.http.auto", "uvicorn.lifespan.on", "encodings.idna"),
    ),
}


def import_everything(command: str) -> None:
    """What the command imports when it runs, the database drivers, and what they load at first use."""
    for name in NEEDED[command]:
        importlib.import_module(name)
    for url in ("sqlite://", "postgresql+psycopg://nobody@127.0.0.1:1/nothing"):
        create_engine(url).dialect.import_dbapi()
    sqlite3.connect(":memory:").close()
    zoneinfo.ZoneInfo("Asia/Shanghai")


def main() -> None:
    """Change to the user and run the command line."""
    uid = int(sys.argv[1])
    import_everything(sys.argv[2])
    from api.cli import app  # noqa: PLC0415 - after everything else

    if uid >= 0:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
    app(sys.argv[2:], prog_name="pingyi")


if __name__ == "__main__":
    main()
