"""The one door for sheets with a ticket: phone, test point, form without script (投票入口)."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from survey_models.ballots.intake import Cast, Receipt
from survey_models.ballots.tables import Channel
from survey_models.ballots.writer import IntakeWriter
from survey_models.tickets import codes


class BallotDoor:
    """Checks the code's shape, turns it into its digest, and hands the sheet to the writer."""

    def __init__(self, writer: IntakeWriter, *, pepper: bytes) -> None:
        self._writer = writer
        self._pepper = pepper

    def cast(
        self,
        *,
        campaign_id: str,
        ballot_id: uuid.UUID,
        code: str,
        answers: str,
        more: Mapping[str, Any] | None = None,
        channel: Channel = Channel.PHONE,
        version: int | None = None,
    ) -> Future[Receipt]:
        """Hand in a sheet. Raises ``ticket_mistyped`` and ``intake_busy`` at once; the rest through the future."""
        return self._writer.submit(self._cast(campaign_id, ballot_id, code, answers, more, channel, version))

    def post(
        self,
        *,
        campaign_id: str,
        ballot_id: uuid.UUID,
        code: str,
        answers: str,
        more: Mapping[str, Any] | None = None,
        channel: Channel = Channel.PHONE,
        version: int | None = None,
    ) -> asyncio.Future[Receipt]:
        """As ``cast``, for a caller in an event loop, who never waits without end (``intake_unconfirmed``)."""
        return self._writer.post(self._cast(campaign_id, ballot_id, code, answers, more, channel, version))

    def _cast(  # noqa: PLR0917 - in the order of a cast, called twice above
        self,
        campaign_id: str,
        ballot_id: uuid.UUID,
        code: str,
        answers: str,
        more: Mapping[str, Any] | None,
        channel: Channel,
        version: int | None,
    ) -> Cast:
        return Cast(
            campaign_id=campaign_id,
            id=ballot_id,
            ticket=codes.digest(codes.normalise(code), campaign_id=campaign_id, pepper=self._pepper),
            answers=answers,
            more=more or {},
            channel=channel,
            version=version,
        )
