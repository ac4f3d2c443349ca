"""Decisions about accounts (账号) and sessions that need no database."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum

from survey_models.core.errors import Problem


class Role(StrEnum):
    """What a signed-in person may do (角色).

    设置, 发布, 审计, 承办单位, 投诉受理, 考评单位, 督查员, 被评议单位, 区县评议办, 单位组织员, 大厅管理员,
    测评点工作人员, 问卷录入员. An assessor acts for an office (the account's ``office``), a unit's account and
    a unit's organiser for their own unit (``unit_code``), a district office for its own area (``area_code``),
    a contractor for the campaigns it is assigned; clerks act only after training and undertaking.
    """

    SETUP = "setup"
    RELEASE = "release"
    AUDITOR = "auditor"
    CONTRACTOR = "contractor"
    DESK = "desk"
    ASSESSOR = "assessor"
    INSPECTOR = "inspector"
    UNIT = "unit"
    DISTRICT = "district"
    ORGANISER = "organiser"
    HALL = "hall"
    POINT = "point"
    PAPER = "paper"


# Who acts for a rated unit; who touches what raters hand in, only after training and a signed undertaking.
UNIT_SIDE = frozenset({Role.UNIT, Role.ORGANISER})
CLERKS = frozenset({Role.POINT, Role.PAPER})
# What such an account sees is cut to its own part; another role beside would see past the cut.
# Who audits takes no part in what is audited.
_APART: tuple[frozenset[Role], ...] = (
    frozenset({Role.DISTRICT}),
    frozenset({Role.CONTRACTOR}),
    frozenset({Role.AUDITOR}),
    CLERKS,
)

LONGEST_OFFICE = 80
LONGEST_AREA = 20
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256
FREE_FAILURES = 5
LONGEST_WAIT = timedelta(minutes=15)
CLOCKS_DIFFER = timedelta(minutes=5)
# An account that was just made or reset could be a second face of the person who made it.
NEW_FOR = timedelta(hours=24)

_NAME = re.compile(r"\w[\w.-]{0,39}")
# Long enough for the length rule and still guessed first.
# fmt: off
_COMMON = frozenset(
    {
        "123456789012", "1234567890123", "012345678901", "123456123456", "123123123123", "123321123321",
        "121212121212", "112233445566", "987654321098", "password1234", "passwordpassword", "password12345",
        "p@ssw0rd1234", "qwertyuiop12", "qwertyuiop123", "qwertyuiop1234", "qwertyuiopasdf", "qwerty123456",
        "asdfghjkl123", "1qaz2wsx3edc", "1qaz2wsx3edc4rfv", "zaq12wsxcde3", "1q2w3e4r5t6y", "q1w2e3r4t5y6",
        "abc123456789", "abcd12345678", "abcdefgh1234", "a12345678901", "aa1234567890", "admin1234567",
        "admin123456789", "administrator", "administrator1", "admin@123456", "root12345678", "welcome12345",
        "welcome123456", "letmein12345", "changeme1234", "iloveyou1234", "woaini520520", "woaini1314520",
        "woaini123456", "5201314520131", "520131452013", "mima12345678", "pingyi123456", "pingyi2026..",
        "luohe1234567", "henan1234567", "beijing123456", "minzhupingyi", "manyidu12345",
    }
)
# fmt: on


def stored_name(name: str) -> str:
    """The name as it is kept: NFC; letters of any script, digits, ``_.-``, at most 40; it may stand in a file name."""
    kept = unicodedata.normalize("NFC", name.strip())
    if not _NAME.fullmatch(kept):
        raise Problem("request_malformed", where="name")
    return kept


def known_roles(roles: Iterable[str]) -> list[str]:
    """The roles, each once, in the order of :class:`Role`. Raises ``role_unknown``.

    A unit's organiser (单位组织员) answers for its unit too: it holds the unit's role beside its own.
    """
    asked = set(roles)
    if Role.ORGANISER in asked:
        asked.add(Role.UNIT)
    known: list[str] = [role.value for role in Role if role.value in asked]
    for role in sorted(asked - set(known)) or ([""] if not known else []):
        raise Problem("role_unknown", role=role, roles=", ".join(Role))
    return known


def known_office(roles: Iterable[str], office: str | None) -> str | None:
    """The office that an assessor's account (考评单位) belongs to, in NFC; None for every other account.

    Raises ``account_office_missing`` for an assessor without one, ``account_office_unwanted`` for one without the role.
    """
    kept = unicodedata.normalize("NFC", (office or "").strip())
    if len(kept) > LONGEST_OFFICE:
        raise Problem("request_malformed", where="office")
    if Role.ASSESSOR in set(roles):
        if not kept:
            raise Problem("account_office_missing")
        return kept
    if kept:
        raise Problem("account_office_unwanted")
    return None


def check_unit_named(roles: Iterable[str], unit_code: str | None) -> None:
    """Who acts for a unit (被评议单位, 单位组织员) names that unit, and no other account does.

    It holds no role of the office beside: who is rated does not also rate, set up or publish. Raises
    ``account_unit_missing``, ``account_unit_unwanted``, ``account_unit_alone``.
    """
    held = set(roles)
    if not is_unit_side(held):
        if unit_code:
            raise Problem("account_unit_unwanted")
        return
    if not unit_code:
        raise Problem("account_unit_missing")
    if not held <= UNIT_SIDE:
        raise Problem("account_unit_alone")


def known_area(roles: Iterable[str], area_code: str | None) -> str | None:
    """The area (区县) that a district office's account sees; None for every other account.

    Raises ``account_area_missing`` for a district office without one, ``account_area_unwanted`` for another role.
    """
    kept = unicodedata.normalize("NFC", (area_code or "").strip())
    if len(kept) > LONGEST_AREA:
        raise Problem("request_malformed", where="area_code")
    if Role.DISTRICT in set(roles):
        if not kept:
            raise Problem("account_area_missing")
        return kept
    if kept:
        raise Problem("account_area_unwanted")
    return None


def check_apart(roles: Iterable[str]) -> None:
    """District offices, contractors, auditors and clerks hold no other role. Raises ``account_role_apart``."""
    held = set(roles)
    for group in _APART:
        if held & group and not held <= group:
            raise Problem("account_role_apart", roles=", ".join(sorted(held & group)))


def check_sworn_dates(
    roles: Iterable[str], *, trained_on: date | None, undertaking_on: date | None, today: date
) -> None:
    """Dates of training and undertaking (培训、承诺书) belong to clerks and do not lie ahead.

    Raises ``account_dates_unwanted``, ``account_date_ahead``.
    """
    dates = [day for day in (trained_on, undertaking_on) if day is not None]
    if dates and not CLERKS.intersection(roles):
        raise Problem("account_dates_unwanted")
    if any(day > today for day in dates):
        raise Problem("account_date_ahead")


def check_sworn(held: Iterable[str], needed: Iterable[Role], *, sworn: bool) -> None:
    """A clerk without both dates does nothing. Raises ``clerk_not_sworn`` where only that role would let them in."""
    if not sworn and set(held).intersection(needed) <= CLERKS:
        raise Problem("clerk_not_sworn")


def is_unit_side(held: Iterable[str]) -> bool:
    """Whether the account acts for a rated unit and sees that unit's matters alone."""
    return not UNIT_SIDE.isdisjoint(held)


def check_own_unit(held: Iterable[str], own: str | None, unit_code: str | None) -> None:
    """Who acts for a unit sees and acts on that unit alone; every other account passes. Raises ``not_own_unit``."""
    if is_unit_side(held) and (own is None or own != unit_code):
        raise Problem("not_own_unit")


def check_own_area(held: Iterable[str], own: str | None, area_code: str | None) -> None:
    """A district office (区县评议办) sees its own area alone; every other account passes. Raises ``not_own_area``."""
    if Role.DISTRICT in set(held) and (own is None or own != area_code):
        raise Problem("not_own_area")


def check_password(password: str, *, name: str) -> None:
    """Refuse a password that is too short, among the common ones, of few characters or made of the name."""
    folded = password.casefold()
    rest = folded.replace(name.casefold(), "")
    if (
        not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD
        or folded in _COMMON
        or len(set(folded)) < 5
        or len(rest) < SHORTEST_PASSWORD // 2
    ):
        raise Problem("password_weak")


def wait_after(failures: int) -> timedelta | None:
    """How long an account rests after this many wrong passwords in a row: 5 s after the fifth, then doubling."""
    beyond = failures - FREE_FAILURES
    if beyond < 0:
        return None
    # Beyond 2^10 the longest wait is reached; the bound keeps the number small.
    return min(timedelta(seconds=5 * 2 ** min(beyond, 10)), LONGEST_WAIT)


def check_not_resting(blocked_until: datetime | None, at: datetime) -> None:
    """Raise ``sign_in_slowed`` with the seconds left, rounded up. What no wait reaches, a clock that ran ahead left."""
    if blocked_until is not None and at < blocked_until <= at + LONGEST_WAIT:
        left = (blocked_until - at) / timedelta(seconds=1)
        raise Problem("sign_in_slowed", seconds=int(-(-left // 1)))


def check_seasoned(renewed_at: datetime, at: datetime) -> None:
    """Raise ``account_too_new`` for an account that was made, reset or taken over by its owner within 24 hours."""
    if at - renewed_at < NEW_FOR:
        raise Problem("account_too_new")


def check_role(held: Iterable[str], *needed: Role) -> None:
    """Raise ``forbidden`` unless one of ``needed`` is held."""
    if set(held).isdisjoint(needed):
        raise Problem("forbidden", roles=", ".join(needed))


def token_digest(token: str) -> str:
    """Hex SHA-256 of a token of 256 random bits; a slow hash would add nothing to so much chance."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_alive(*, seen_at: datetime, ends_at: datetime, at: datetime, idle: timedelta | None) -> bool:
    """Whether a session still counts: before its absolute end and, where ``idle`` is given, used within it.

    One that was used later than now was begun by a clock that ran ahead: its end would come too late.
    """
    return at < ends_at and seen_at - at <= CLOCKS_DIFFER and (idle is None or at - seen_at < idle)
