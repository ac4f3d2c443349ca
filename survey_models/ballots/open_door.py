"""The open QR's way to the ballot door (开放扫码): its own ticket, the same writer, the same sealed intake."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from survey_models.ballots.intake import Cast, Receipt
from survey_models.ballots.open_intake import Visit
from survey_models.ballots.tables import Channel
from survey_models.ballots.writer import IntakeWriter
from survey_models.core.errors import Problem
from survey_models.questionnaires.rules import Form
from survey_models.tickets import open_qr

_OWN = {"ticket_used": "open_ticket_used", "ticket_expired": "open_ticket_expired"}


def variant_of(form: Form) -> str:
    """The variant that the open QR shows: everything, or the only one. Raises ``open_channel_off``."""
    if form.open_variant is None:
        raise Problem("open_channel_off")
    return form.open_variant


class OpenDoor:
    """Reads the one-visit ticket, refuses what was sent too fast, and hands the sheet to the writer."""

    def __init__(self, writer: IntakeWriter, *, pepper: bytes) -> None:
        self._writer = writer
        self._pepper = pepper

    async def post(
        self,
        campaign_id: str,
        form: Form,
        *,
        ballot_id: uuid.UUID,
        ticket: str,
        answers: str,
        more: Mapping[str, Any] | None = None,
        cookie: str,
        at: datetime,
    ) -> Receipt:
        """Hand in a sheet; ``cookie`` is empty where the browser has none.

        Raises ``open_ticket_unknown``, ``open_too_fast``, ``open_ticket_expired``, ``open_ticket_used``,
        ``open_device_used`` and what the ballot door raises.
        """
        visit = open_qr.read_ticket(ticket, campaign_id, pepper=self._pepper)
        open_qr.check_fill_time(visit, at, len(form.asked))
        cast = Cast(
            campaign_id=campaign_id,
            id=ballot_id,
            ticket=visit.digest,
            answers=answers,
            more=more or {},
            channel=Channel.OPEN,
            version=form.version,
            visit=Visit(
                device=open_qr.device_digest(cookie, campaign_id, pepper=self._pepper),
                # A sheet that was stored in time gets its first receipt even later.
                expired=not open_qr.is_fresh(visit, at),
                variant=variant_of(form),
            ),
        )
        try:
            return await self._writer.post(cast)
        except Problem as problem:
            if problem.code in _OWN:
                raise Problem(_OWN[problem.code], minutes=open_qr.MINUTES) from None
            raise
