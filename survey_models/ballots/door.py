"""The one door for sheets with a ticket: phone, test point, form without script (投票入口)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from survey_models.ballots.intake import Cast, Receipt
from survey_models.ballots.tables import Channel
from survey_models.ballots.writer import IntakeWriter
from survey_models.core.errors import Problem
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
        if more:
            # No item kind of this questionnaire language writes into ``more`` yet.
            raise Problem("request_malformed", where="more")
        digest = codes.digest(codes.normalise(code), campaign_id=campaign_id, pepper=self._pepper)
        return self._writer.submit(
            Cast(
                campaign_id=campaign_id,
                id=ballot_id,
                ticket=digest,
                answers=answers,
                more=more or {},
                channel=channel,
                version=version,
            )
        )
