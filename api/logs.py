"""Structured logs: one JSON line per event. They never hold a code, an answer, a query or a body."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import TextIO

import structlog


class _PresentStderr(logging.StreamHandler[TextIO]):
    """Writes to the standard error of the moment: whoever redirects it later is followed."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        """Standard error as it is now."""
        return sys.stderr


class _Lines:
    """Writes lines to the standard error of the moment. What cannot be written is lost, and nobody's work with it."""

    def msg(self, message: str) -> None:
        """Write one line; a full disk under the log must end no request and no thread."""
        with suppress(OSError):
            sys.stderr.write(f"{message}\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = msg


def configure(level: str) -> None:
    """Send structlog and the standard library's loggers to stderr as JSON lines."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: _Lines(),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(
        level=number, handlers=[_PresentStderr()], format="%(levelname)s %(name)s %(message)s", force=True
    )
    # Client libraries log whole addresses.
    for noisy in ("httpx", "httpcore", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
