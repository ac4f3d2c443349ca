"""How alembic reaches the database: through the address that api.migrate hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import create_engine, text

from survey_models.core.base import UtcDateTime
from survey_models.tables import Base


def _render(type_: str, item: Any, autogen_context: Any) -> str | Literal[False]:
    if type_ == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    del autogen_context
    return False


def run() -> None:
    """Apply revisions, each in its own transaction."""
    engine = create_engine(context.config.attributes["url"])
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # Of a new file only, and before anything stands in it.
            connection.execute(text(f"PRAGMA page_size={context.config.attributes['page_bytes']}"))
            connection.execute(text("PRAGMA foreign_keys=OFF"))
            connection.commit()
        else:
            connection.execute(text("SET lock_timeout = '5s'"))
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=_render,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
