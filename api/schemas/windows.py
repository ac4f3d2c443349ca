"""Wire forms of windows, terminals and ratings."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.instants import Instant
from api.schemas.staff import BadgeFields
from survey_models.devices.tables import Device
from survey_models.ratings.rules import LEVELS, REASONS, SCALES
from survey_models.units.tables import Window


class Choice(BaseModel):
    """A level or a reason with its words."""

    code: str
    label: str
    label_en: str


WINDOW_SCALES = {
    name: [Choice(code=code, label=LEVELS[code][0], label_en=LEVELS[code][1]) for code in codes]
    for name, codes in SCALES.items()
}
REASON_LIST = [Choice(code=code, label=zh, label_en=en) for code, (zh, en) in REASONS.items()]


class WindowView(BaseModel):
    """A service window (服务窗口)."""

    id: str
    number: str
    name: str
    hall: str
    business: str
    made_up: bool
    total: int = 0
    today: int = 0

    @classmethod
    def of(cls, window: Window, *, total: int = 0, today: int = 0) -> WindowView:
        """The window with its live numbers."""
        return cls(
            id=window.id,
            number=window.number,
            name=window.name,
            hall=window.hall,
            business=window.business,
            made_up=window.made_up,
            total=total,
            today=today,
        )


class PeriodView(BaseModel):
    """A past day, or a month of the days under ten; ``counts`` null: number only.

    ``aside`` of them two people set aside; ``without``: the levels of the others, null where nothing or too little is.
    """

    period: str
    n: int
    counts: dict[str, int] | None
    aside: int
    without: dict[str, int] | None


class WindowTallies(BaseModel):
    """Number of ratings, live, ``aside`` of them set aside; levels the next day and never for a small day.

    ``not_counted``: of the total, those that are kept and not counted, by mark.
    """

    window_id: str
    total: int
    today: int
    aside: int
    not_counted: dict[str, int]
    periods: list[PeriodView]
    note: str
    note_en: str


class PairingView(BaseModel):
    """A pairing code, shown once."""

    pairing_code: str
    expires_at: datetime


class PairRequest(BaseModel):
    """What a terminal sends to be paired."""

    model_config = ConfigDict(extra="forbid")

    pairing_code: str = Field(max_length=20, repr=False)
    public_key: str | None = Field(
        default=None, max_length=88, description="base64url of the uncompressed P-256 point of the device's own key"
    )


class PairedDeviceView(BaseModel):
    """A paired device as the office sees it. ``paused_at``: since when it shows no codes, after too many wrong ones."""

    id: uuid.UUID
    window_id: str
    paired_at: datetime
    paused_at: datetime | None

    @classmethod
    def of(cls, device: Device) -> PairedDeviceView:
        """The device without its token."""
        return cls(id=device.id, window_id=device.window_id, paired_at=device.paired_at, paused_at=device.paused_at)


class DeviceView(BadgeFields):
    """What a terminal needs to know. ``scale``: from good to bad, as the city has chosen."""

    device_id: uuid.UUID
    window: WindowView
    scale: list[Choice]
    reasons: list[Choice] = REASON_LIST


class PairedView(DeviceView):
    """The same with the token, given once."""

    token: str = Field(repr=False)


class RatingIn(BaseModel):
    """One tap, as the terminal kept it."""

    model_config = ConfigDict(extra="forbid")

    id: uuid.UUID
    window_id: str = Field(max_length=60)
    code: str = Field(min_length=1, max_length=1)
    reasons: list[str] = Field(default_factory=list, max_length=6)
    device_time: Instant


class RatingBatch(BaseModel):
    """Taps of one terminal; a day offline is a longer list."""

    model_config = ConfigDict(extra="forbid")

    items: list[RatingIn] = Field(min_length=1, max_length=500)


class RatingAnswer(BaseModel):
    """What became of one tap. ``refused``: never taken, ``code`` says why; ``aside``: kept for the office."""

    id: uuid.UUID
    status: Literal["stored", "duplicate", "refused", "aside"]
    code: str | None = None


class RatingAnswers(BaseModel):
    """One answer for each item, in order; ``server_time`` is what the terminal sets its own clock against."""

    results: list[RatingAnswer]
    server_time: datetime
