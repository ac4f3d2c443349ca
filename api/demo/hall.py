"""The demo's service hall: three made-up windows with made-up people on duty, and what their units promise."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from api.demo import sources
from survey_models.staff import service as staff
from survey_models.staff.rules import Person
from survey_models.units import service as units

SUPERVISION_PHONE = "12345"
PROMISE = "一次性告知，限时办结，不让群众跑第二趟。（演示）"
GUIDE = "带身份证，门口取号，叫号后到窗口办理；办不了的，当场说明怎样办。（演示）"
# Nobody of these names works anywhere.
PEOPLE = (
    ("D001", "演示员甲", "窗口组长", "中共党员"),
    ("D002", "演示员乙", "办事员", "共青团员"),
    ("D003", "演示员丙", "办事员", "群众"),
)


def lay(session: Session, *, at: datetime) -> None:
    """Register the windows, put one person on duty at each, and set what their units promise."""
    for window, (number, name, post, political) in zip(sources.windows(), PEOPLE, strict=True):
        window.supervision_phone = SUPERVISION_PHONE
        made = units.add_window(session, window, by="setup", at=at)
        person = Person(number, name, made.unit_code, post, political)
        staff.put(session, person, by="setup", at=at)
        staff.start_duty(session, made.id, number, by="setup", at=at)
        if made.unit_code is not None:
            staff.set_board(session, made.unit_code, promise=PROMISE, guide=GUIDE, by="setup", at=at)
