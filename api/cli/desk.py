"""What a command works with: settings, database, and the person who signed in on this command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import typer

from api.cli.session_files import SessionFiles
from api.settings import Settings
from survey_models.core import clock
from survey_models.core.errors import Problem

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from api.auth.sessions import Actor
    from survey_models.accounts.rules import Role


@dataclass(frozen=True)
class Work:
    """One transaction of one person: what every service asks for."""

    session: Session
    by: str
    at: datetime


class Desk:
    """Opened by the first command that needs it, closed when the command line ends."""

    def __init__(self, settings: Settings, as_name: str | None = None) -> None:
        self.settings = settings
        self.as_name = as_name
        self.files = SessionFiles(settings.data_dir / "sessions")

    @cached_property
    def engine(self) -> Engine:
        """The database."""
        from api.db import make_engine

        return make_engine(self.settings.database, allow_unsafe=self.settings.allow_unsafe_database)

    def close(self) -> None:
        """Let go of the database."""
        if "engine" in self.__dict__:
            self.engine.dispose()

    def actor(self, *roles: Role, unproven: bool = False, unchosen: bool = False) -> Actor:
        """Who is signed in here and holds one of ``roles``.

        ``unproven``: also who has to set up an authenticator app (动态验证码) first; ``unchosen``: who has to choose an
        own password before that. Raises ``not_signed_in``, ``forbidden``, ``clerk_not_sworn``,
        ``own_password_first``, ``totp_required``.
        """
        from api.auth import sessions
        from survey_models.accounts.rules import check_role, check_sworn

        token = self.files.token(self.as_name)
        # A person thinks between two commands; only the end after some hours counts here.
        actor = sessions.actor_of(self.engine, self.settings, token, idle=None) if token else None
        if actor is None:
            raise Problem("not_signed_in")
        if roles:
            check_role(actor.roles, *roles)
            check_sworn(actor.roles, roles, sworn=actor.sworn)
        if actor.must_choose and not unchosen:
            raise Problem("own_password_first")
        if actor.must_set_up and not unproven:
            raise Problem("totp_required")
        return actor

    @contextmanager
    def work(self, *roles: Role) -> Iterator[Work]:
        """One transaction that is committed when the block ends well."""
        from api.db import unit_of_work

        by = self.actor(*roles).name
        with unit_of_work(self.engine) as session:
            yield Work(session, by, clock.now())

    @contextmanager
    def look(self, *roles: Role) -> Iterator[Session]:
        """A look into the database, for a signed-in person."""
        from api.db import reading

        self.actor(*roles)
        with reading(self.engine) as session:
            yield session


def desk_of(ctx: typer.Context) -> Desk:
    """The desk of this command line."""
    desk = ctx.find_object(Desk)
    if desk is None:
        msg = "a command runs below the root command, which sets up the desk"
        raise RuntimeError(msg)
    return desk
