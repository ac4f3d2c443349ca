"""Wire forms of window staff (窗口工作人员), badges and boards."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from survey_models.staff.rules import BOARD_LENGTH, Person
from survey_models.staff.service import Badge, WindowPlan
from survey_models.staff.tables import Staff
from survey_models.units.tables import Mode

PHOTOS = "/api/staff/photos/"
Line = Annotated[str, Field(max_length=200)]
# Of a unit or a person; the database takes no NUL.
Code = Annotated[str, Field(max_length=20, pattern=r"^[^\x00]+$")]


class StaffBadge(BaseModel):
    """The clerk on duty as the idle screen shows them; ``photo_url`` and ``mobile`` only where they were entered."""

    number: str
    name: str
    post: str
    political: str
    photo_url: str | None
    mobile: str | None

    @classmethod
    def of(cls, staff: Staff) -> StaffBadge:
        """The person."""
        return cls(
            number=staff.number,
            name=staff.name,
            post=staff.post,
            political=staff.political,
            photo_url=PHOTOS + staff.photo if staff.photo else None,
            mobile=staff.mobile,
        )


class BadgeFields(BaseModel):
    """What a terminal shows of its window: clerk on duty, business, supervision phone, 承诺, 便民服务指南."""

    staff: StaffBadge | None = None
    business: str = ""
    supervision_phone: str = ""
    promise: str = ""
    guide: str = ""
    mode: Mode = Mode.COUNTER

    @staticmethod
    def fields_of(badge: Badge) -> dict[str, object]:
        """The fields, for answers that hold more."""
        return {
            "staff": StaffBadge.of(badge.staff) if badge.staff else None,
            "business": badge.window.business,
            "supervision_phone": badge.window.supervision_phone,
            "promise": badge.promise,
            "guide": badge.guide,
            "mode": Mode(badge.window.mode),
        }


class StaffView(StaffBadge):
    """A person as the office sees them; ``window``: where they are on duty now."""

    unit: str | None
    window: str | None

    @classmethod
    def seen(cls, staff: Staff, window: str | None) -> StaffView:
        """The person with the window."""
        return cls(**StaffBadge.of(staff).model_dump(), unit=staff.unit_code, window=window)


class StaffIn(BaseModel):
    """What the office enters of a person."""

    model_config = ConfigDict(extra="forbid")

    name: Line
    unit: Code | None = None
    post: Line = ""
    political: Line = ""
    mobile: Annotated[str | None, Field(max_length=40, repr=False)] = None

    def person(self, number: str) -> Person:
        """The person under a staff number."""
        return Person(number, **self.model_dump())


class WindowIn(BaseModel):
    """What the office sets of a window."""

    model_config = ConfigDict(extra="forbid")

    number: Line
    name: Line
    hall: Line
    business: Line = ""
    unit: Code | None = None
    mode: Mode = Mode.COUNTER
    supervision_phone: Annotated[str, Field(max_length=60)] = ""

    def plan(self) -> WindowPlan:
        """The same for the service."""
        return WindowPlan(**self.model_dump())


class DutyIn(BaseModel):
    """Who is on duty from now on; null: nobody."""

    model_config = ConfigDict(extra="forbid")

    staff: Code | None


class Board(BaseModel):
    """承诺 and 便民服务指南 of a unit."""

    model_config = ConfigDict(extra="forbid")

    promise: str = Field(max_length=BOARD_LENGTH)
    guide: str = Field(max_length=BOARD_LENGTH)


class WindowSetup(BadgeFields):
    """Everything the office can set of a window, as it stands."""

    id: str
    number: str
    name: str
    hall: str
    unit: str | None

    @classmethod
    def of(cls, badge: Badge) -> WindowSetup:
        """The window with its badge."""
        window = badge.window
        more = {"id": window.id, "number": window.number, "name": window.name, "hall": window.hall}
        return cls.model_validate({**BadgeFields.fields_of(badge), **more, "unit": window.unit_code})
