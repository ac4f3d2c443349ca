"""Wire forms of test-point tablets."""

from __future__ import annotations

import uuid

from pydantic import BaseModel, Field

from api.schemas.instants import Instant
from survey_models.tablets.tables import Tablet


class TabletPairingRequest(BaseModel):
    """For which campaign, and at which of its test points the tablet stands (0: none is kept)."""

    campaign: str = Field(max_length=60)
    point: int = Field(0, ge=0, le=100_000)


class TabletPairingView(BaseModel):
    """A pairing code; typed into ``/point`` on the tablet."""

    pairing_code: str
    expires_at: Instant


class TabletPairRequest(BaseModel):
    """The code that the office gave."""

    pairing_code: str = Field(min_length=1, max_length=40)


class TabletView(BaseModel):
    """A paired tablet."""

    tablet_id: uuid.UUID
    campaign: str
    point: int
    paired_at: Instant
    paused: bool

    @classmethod
    def of(cls, tablet: Tablet) -> TabletView:
        """The tablet without its token."""
        return cls(
            tablet_id=tablet.id,
            campaign=tablet.campaign_id,
            point=tablet.point_no,
            paired_at=tablet.paired_at,
            paused=tablet.paused_at is not None,
        )


class PairedTablet(BaseModel):
    """What a tablet keeps; the token is shown this once."""

    token: str
    campaign: str
    point: str = Field(description="name of the test point, empty for none")
    sheets_key: str = Field(description="what it seals sheets to that wait for the network")


class OwnTablet(BaseModel):
    """What a tablet may know of itself."""

    campaign: str
    point: str
    paused: bool
    sheets_key: str = Field(description="what it seals sheets to that wait for the network")
