"""Window staff (窗口工作人员), who is on duty where, and units' boards. Names never enter the ledger: numbers do."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from survey_models.core.errors import Problem
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.staff import photos, queries, rules
from survey_models.staff.rules import Person
from survey_models.staff.tables import Duty, Staff, StaffPhoto, UnitBoard
from survey_models.units import service as units
from survey_models.units.tables import Mode, Unit, Window

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Badge:
    """What a terminal shows of its window (亮身份、亮承诺); ``staff`` None: nobody is on duty."""

    window: Window
    staff: Staff | None
    promise: str
    guide: str


@dataclass(frozen=True)
class WindowPlan:
    """What the office sets of a window; ``unit`` None: none."""

    number: str
    name: str
    hall: str
    business: str
    unit: str | None = None
    mode: Mode = Mode.COUNTER
    supervision_phone: str = ""


def put(session: Session, person: Person, *, by: str, at: datetime) -> Staff:
    """Enter a person, or change what the badge says of them. Raises ``staff_malformed``, ``unit_unknown``."""
    fit = rules.fit_person(person)
    if fit.unit is not None and session.get(Unit, fit.unit) is None:
        raise Problem("unit_unknown", unit=fit.unit)
    found = session.get(Staff, fit.number)
    if found is None:
        found = Staff(number=fit.number, photo=None)
        session.add(found)
    found.name, found.unit_code, found.post = fit.name, fit.unit, fit.post
    found.political, found.mobile, found.left_at = fit.political, fit.mobile, None
    session.flush()
    record(session, SYSTEM_LOG, Event.STAFF_SET, {"staff": found.number}, at=at, by=by)
    return found


def import_list(session: Session, people: Sequence[tuple[Person, str]], *, by: str, at: datetime) -> int:
    """Enter a staff list whole or not at all; those with a window begin there now. The number of people."""
    for person, window_id in people:
        put(session, person, by=by, at=at)
        if window_id:
            start_duty(session, window_id, person.number, by=by, at=at)
    return len(people)


def get(session: Session, number: str) -> Staff:
    """A person who has not left. Raises ``staff_unknown``."""
    found = session.get(Staff, number)
    if found is None or found.left_at is not None:
        raise Problem("staff_unknown")
    return found


def listed(session: Session) -> Sequence[Staff]:
    """Everybody who has not left, by number."""
    return queries.present(session)


def leave(session: Session, number: str, *, by: str, at: datetime) -> None:
    """A person leaves: duties end, mobile and photo are forgotten; name and number stay for past months."""
    found = get(session, number)
    for duty in queries.under_way(session):
        if duty.staff_number == number:
            duty.ends_at = max(at, duty.starts_at)
    before, found.photo = found.photo, None
    found.left_at, found.mobile = at, None
    _drop(session, before)
    record(session, SYSTEM_LOG, Event.STAFF_LEFT, {"staff": number}, at=at, by=by)


def set_photo(session: Session, number: str, content: bytes, *, by: str, at: datetime) -> str:
    """Set the badge photo; the digest under which it is shown. Raises ``staff_unknown``, ``photo_unfit``."""
    found = get(session, number)
    media, cleaned = photos.clean(content)
    sha256 = hashlib.sha256(cleaned).hexdigest()
    if session.get(StaffPhoto, sha256) is None:
        session.add(StaffPhoto(sha256=sha256, media=media, content=cleaned))
        session.flush()
    before, found.photo = found.photo, sha256
    _drop(session, before)
    record(session, SYSTEM_LOG, Event.STAFF_SET, {"staff": number}, at=at, by=by)
    return sha256


def _drop(session: Session, sha256: str | None) -> None:
    """Erase a photo that no badge shows any more."""
    session.flush()
    if sha256 is not None and not queries.is_worn(session, sha256):
        session.execute(delete(StaffPhoto).where(StaffPhoto.sha256 == sha256))


def photo(session: Session, sha256: str) -> StaffPhoto:
    """A photo by its digest. Raises ``staff_unknown``."""
    found = session.get(StaffPhoto, sha256)
    if found is None:
        raise Problem("staff_unknown")
    return found


def start_duty(session: Session, window_id: str, number: str, *, by: str, at: datetime) -> Duty:
    """A person begins duty (到岗) at a window; whoever was there ends. What is over is never changed.

    Raises ``window_unknown``, ``staff_unknown``.
    """
    window, person = units.get_window(session, window_id), get(session, number)
    before = queries.newest_of(session, window.id)
    if before is not None and before.ends_at is None and before.staff_number == number:
        return before
    starts_at = _end(before, at)
    duty = Duty(window_id=window.id, starts_at=starts_at, staff_number=person.number, ends_at=None)
    session.add(duty)
    session.flush()
    body = {"window": window.id, "staff": person.number}
    record(session, SYSTEM_LOG, Event.DUTY_BEGUN, body, at=at, by=by)
    return duty


def end_duty(session: Session, window_id: str, *, by: str, at: datetime) -> None:
    """Whoever is on duty at a window ends (离岗). Raises ``window_unknown``, ``nobody_on_duty``."""
    window = units.get_window(session, window_id)
    duty = queries.newest_of(session, window.id)
    if duty is None or duty.ends_at is not None:
        raise Problem("nobody_on_duty")
    _end(duty, at)
    body = {"window": window.id, "staff": duty.staff_number}
    record(session, SYSTEM_LOG, Event.DUTY_ENDED, body, at=at, by=by)


def _end(duty: Duty | None, at: datetime) -> datetime:
    """End a duty that is under way; the instant at which the next may begin, later than every one before."""
    if duty is None:
        return at
    if duty.ends_at is None:
        duty.ends_at = max(at, duty.starts_at + _TICK)
    return max(at, duty.ends_at)


def duties(session: Session) -> dict[str, str]:
    """Staff number by window, of those on duty now."""
    return {duty.window_id: duty.staff_number for duty in queries.under_way(session)}


def board(session: Session, unit_code: str | None) -> tuple[str, str]:
    """承诺 and 便民服务指南 of a unit; empty texts where none were set."""
    found = session.get(UnitBoard, unit_code) if unit_code else None
    return (found.promise, found.guide) if found else ("", "")


def set_board(session: Session, unit_code: str, *, promise: str, guide: str, by: str, at: datetime) -> UnitBoard:
    """Set what a unit promises and its guide. Raises ``unit_unknown``, ``staff_malformed``."""
    if session.get(Unit, unit_code) is None:
        raise Problem("unit_unknown", unit=unit_code)
    texts = {"promise": rules.fit_board(promise), "guide": rules.fit_board(guide)}
    found = session.merge(UnitBoard(unit_code=unit_code, **texts))
    session.flush()
    digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    record(session, SYSTEM_LOG, Event.BOARD_SET, {"unit": unit_code, **digests}, at=at, by=by)
    return found


def badge(session: Session, window_id: str) -> Badge:
    """Everything that the terminal of a window shows. Raises ``window_unknown``."""
    window = units.get_window(session, window_id)
    found = queries.on_duty(session, window.id)
    return Badge(window, found[1] if found else None, *board(session, window.unit_code))


def plan_of(session: Session, window_id: str) -> WindowPlan:
    """What is set of a window, for changing some of it; of one that is to be made, nothing yet."""
    if session.get(Window, window_id) is None:
        return WindowPlan("", "", "", "")
    row = units.get_window(session, window_id)
    mode = Mode(row.mode)
    return WindowPlan(row.number, row.name, row.hall, row.business, row.unit_code, mode, row.supervision_phone)


def set_window(session: Session, window_id: str, plan: WindowPlan, *, by: str, at: datetime) -> Window:
    """Make a window or change what is shown of it.

    Raises ``unit_unknown``, ``staff_malformed``; ``window_unknown`` for the one of the daily probe.
    """
    if plan.unit is not None and session.get(Unit, plan.unit) is None:
        raise Problem("unit_unknown", unit=plan.unit)
    limits = {"number": 12, "name": 80, "hall": 80, "business": 200}
    shown = {name: rules.fit_line(getattr(plan, name), name, limit=limit) for name, limit in limits.items()}
    if not shown["number"] or not shown["name"]:
        raise Problem("staff_malformed", field="窗口编号、名称 number, name")
    more = {"mode": plan.mode.value, "supervision_phone": rules.fit_phone(plan.supervision_phone)}
    if session.get(Window, window_id) is None:
        rules.check_window_id(window_id)
        made = Window(id=window_id, unit_code=plan.unit, made_up=False, canary=False, **shown, **more)
        return units.add_window(session, made, by=by, at=at)
    window = units.get_window(session, window_id)
    window.unit_code = plan.unit
    for name, value in {**shown, **more}.items():
        setattr(window, name, value)
    session.flush()
    body = {"window": window.id, **asdict(plan), "mode": plan.mode.value}
    record(session, SYSTEM_LOG, Event.WINDOW_SET, body, at=at, by=by)
    return window
