"""Guards: each endpoint names one in its signature, so that who may call is read there and not guessed.

Every guard is a callable object with ``is_guard = True``, by which a test finds it among an endpoint's
dependencies and refuses an endpoint without one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, ClassVar

from fastapi import Depends, Request
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from api import acts
from api.auth import bearers, csrf, sessions
from api.auth.sessions import Actor
from api.db import reading
from api.settings import Settings
from survey_models.accounts import assignments, scope
from survey_models.accounts.rules import Role, check_own_unit, check_role, check_sworn, token_digest
from survey_models.acts.tables import Act
from survey_models.cases import service as cases
from survey_models.cases.tables import Machine
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.devices.tables import Device
from survey_models.tablets import service as tablets


class Unchecked:
    """Says aloud that this dependency checks nobody, and why that is right."""

    is_guard: ClassVar[bool] = True

    def __init__(self, reason: str) -> None:
        self.reason = reason

    async def __call__(self) -> None:
        """Let everybody through."""


class SameOrigin:
    """Everybody, but not from another site's page: for signing in, where there is no session yet."""

    is_guard: ClassVar[bool] = True

    async def __call__(self, request: Request) -> None:
        """Raise ``csrf_refused`` for a request that a browser says comes from elsewhere."""
        csrf.check_origin(request, request.app.state.settings)


class OwnForm:
    """Everybody, but not by a form that the browser says stands on another site."""

    is_guard: ClassVar[bool] = True

    async def __call__(self, request: Request) -> None:
        """Raise ``csrf_refused``."""
        csrf.check_form(request, request.app.state.settings)


class Signed:
    """A signed-in person who holds one of ``roles`` (any role when none is named).

    A clerk (测评点工作人员, 问卷录入员) passes only after training and undertaking; ``unsworn`` lets it ask who it is.
    With ``unproven`` also those pass who have to set up an authenticator app (动态验证码) first, with ``unchosen``
    those who have to choose an own password. A program passes with an access token (访问令牌) where its scopes open the
    endpoint.
    """

    is_guard: ClassVar[bool] = True

    def __init__(self, *roles: Role, unsworn: bool = False, unproven: bool = False, unchosen: bool = False) -> None:
        self.roles = roles or tuple(Role)
        self.unsworn = unsworn
        self.unproven = unproven
        self.unchosen = unchosen

    def __call__(self, request: Request) -> Actor:
        """The person.

        Raises ``not_signed_in``, ``csrf_refused``, ``forbidden``, ``clerk_not_sworn``, ``own_password_first``,
        ``totp_required``, and for a program's token what :func:`bearers.actor_by` raises.
        """
        by_program = bearers.token_in(request)
        actor = _by_cookie(request) if by_program is None else bearers.actor_by(request, by_program)
        check_role(actor.roles, *self.roles)
        check_sworn(actor.roles, self.roles, sworn=actor.sworn or self.unsworn)
        if actor.must_choose and not self.unchosen:
            raise Problem("own_password_first")
        if actor.must_set_up and not self.unproven:
            raise Problem("totp_required")
        return actor


def _by_cookie(request: Request) -> Actor:
    settings: Settings = request.app.state.settings
    token = sessions.token_in(request, settings)
    idle = timedelta(minutes=settings.session_idle_minutes)
    actor = sessions.actor_of(request.app.state.engine, settings, token, idle=idle) if token else None
    if actor is None:
        raise Problem("not_signed_in")
    csrf.check(request, settings, actor.csrf)
    return actor


class SignedPage:
    """A person signed in on a page without script, who holds one of ``roles``; None: show the form to sign in.

    The page compares the session's own token with the one in its form (CSRF).
    """

    is_guard: ClassVar[bool] = True

    def __init__(self, *roles: Role) -> None:
        self.roles = roles or tuple(Role)

    def __call__(self, request: Request) -> Actor | None:
        """The person. Raises ``csrf_refused`` for a form that stands on another site."""
        settings: Settings = request.app.state.settings
        if request.method == "POST":
            csrf.check_form(request, settings)
        token = sessions.token_in(request, settings)
        idle = timedelta(minutes=settings.session_idle_minutes)
        actor = sessions.actor_of(request.app.state.engine, settings, token, idle=idle) if token else None
        if actor is None or set(actor.roles).isdisjoint(self.roles):
            return None
        if actor.must_choose:
            raise Problem("own_password_first")
        if actor.must_set_up:
            raise Problem("totp_required")
        return actor


@dataclass(frozen=True)
class PairedDevice:
    """A terminal (评价器) that was paired and not withdrawn; ``unsigned`` ones send lists without a signature."""

    id: str
    window_id: str
    public_key: str | None = None
    unsigned: bool = False


class DeviceToken:
    """A paired terminal, by ``Authorization: Bearer <token>``."""

    is_guard: ClassVar[bool] = True

    def __call__(self, request: Request) -> PairedDevice:
        """The terminal. Raises ``device_unknown``."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Problem("device_unknown")
        return device_of(request.app.state.engine, token.strip())


def device_of(engine: Engine, token: str) -> PairedDevice:
    """The terminal of a token. Raises ``device_unknown``."""
    query = select(Device.id, Device.window_id, Device.public_key, Device.unsigned).where(
        Device.token_digest == token_digest(token), Device.revoked_at.is_(None)
    )
    with reading(engine) as session:
        found = session.execute(query).one_or_none()
    if found is None:
        raise Problem("device_unknown")
    return PairedDevice(str(found.id), found.window_id, found.public_key, found.unsigned)


class MachineToken:
    """A business system (业务系统) with a credential, by ``Authorization: Bearer <token>``; it can post cases alone."""

    is_guard: ClassVar[bool] = True

    def __call__(self, request: Request) -> Machine:
        """The business system. Raises ``machine_unknown``."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Problem("machine_unknown")
        with reading(request.app.state.engine) as session:
            return cases.machine_of(session, token.strip())


@dataclass(frozen=True)
class OwnTablet:
    """A tablet of a test point (测评点平板) that was paired and not withdrawn."""

    campaign_id: str
    point_no: int
    paused: bool


class TabletToken:
    """A paired tablet, by ``Authorization: Bearer <token>``."""

    is_guard: ClassVar[bool] = True

    def __call__(self, request: Request) -> OwnTablet:
        """The tablet. Raises ``device_unknown``."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Problem("device_unknown")
        with reading(request.app.state.engine) as session:
            tablet = tablets.by_token(session, token.strip())
            return OwnTablet(tablet.campaign_id, tablet.point_no, tablet.paused_at is not None)


@dataclass(frozen=True)
class Asker:
    """The first of two people. ``ask`` stores the act; another person confirms it."""

    kind: str
    actor: Actor
    settings: Settings

    def ask(self, session: Session, target: str, params: Mapping[str, Any] | None = None) -> Act:
        """Ask for the act on ``target`` (a campaign). The endpoint answers 202 with it."""
        return acts.ask(
            session,
            self.kind,
            target=target,
            by=self.actor.name,
            at=clock.now(),
            settings=self.settings,
            params=params,
        )


class SecondPerson:
    """Two people (两人事项): who calls only asks; a second person confirms within 24 hours."""

    is_guard: ClassVar[bool] = True

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.signed = Signed(Role.SETUP)

    def __call__(self, request: Request) -> Asker:
        """The asker."""
        return Asker(self.kind, self.signed(request), request.app.state.settings)


def second_person(kind: str) -> Any:
    """The guard of an act for two people.

    ``asker: Annotated[Asker, second_person(acts.COUNT)]``
    """
    return Depends(SecondPerson(kind))


def own_unit(actor: Actor, unit_code: str | None) -> None:
    """Own-object check: who acts for a unit meets that unit alone. Raises ``not_own_unit``."""
    check_own_unit(actor.roles, actor.unit_code, unit_code)


def own_campaign(session: Session, actor: Actor, campaign_id: str, stratum_no: int | None = None) -> None:
    """Own-object check: a contractor meets the campaigns and strata assigned to it. Raises ``not_own_campaign``."""
    if Role.CONTRACTOR in actor.roles:
        assignments.check(session, actor.id, campaign_id, stratum_no)


def own_strata(session: Session, actor: Actor, campaign_id: str) -> frozenset[int] | None:
    """The strata of a campaign that the person sees; None: all. Raises ``not_own_campaign``, ``not_own_area``."""
    return scope.strata_seen(session, sees_of(actor), campaign_id)


def own_points(session: Session, actor: Actor, campaign_id: str) -> frozenset[int] | None:
    """The test points of a campaign that the person sees; None: all."""
    return scope.points_seen(session, sees_of(actor), campaign_id)


def sees_of(actor: Actor) -> scope.Sees:
    """The person as ``accounts.scope`` knows them."""
    return scope.Sees(actor.id, actor.roles, actor.area_code)


Public = Depends(Unchecked("open to everybody"))
TicketHolder = Depends(Unchecked("the code stands in the body and is checked by the ballot door"))
FromOurPages = Depends(SameOrigin())
FromOurForms = Depends(OwnForm())

AnyActor = Annotated[Actor, Depends(Signed())]
# Who has a first password, too: to see who one is, choose an own password, sign out.
NewcomerActor = Annotated[Actor, Depends(Signed(unsworn=True, unproven=True, unchosen=True))]
# A clerk without its dates, and who has to set up an authenticator app first, too: the own account.
PresentActor = Annotated[Actor, Depends(Signed(unsworn=True, unproven=True))]
SetupActor = Annotated[Actor, Depends(Signed(Role.SETUP))]
ReleaseActor = Annotated[Actor, Depends(Signed(Role.RELEASE))]
OfficeActor = Annotated[Actor, Depends(Signed(Role.SETUP, Role.RELEASE, Role.AUDITOR))]
# Campaigns and how far they are: the office; a district office its area, a contractor what it is assigned.
BoardActor = Annotated[
    Actor, Depends(Signed(Role.SETUP, Role.RELEASE, Role.AUDITOR, Role.DISTRICT, Role.CONTRACTOR, Role.POINT))
]
# Windows, their staff, terminals and rates (大厅管理员).
HallActor = Annotated[Actor, Depends(Signed(Role.SETUP, Role.HALL))]
HallReader = Annotated[Actor, Depends(Signed(Role.SETUP, Role.RELEASE, Role.AUDITOR, Role.HALL))]
# Tablets of test points (测评点工作人员).
PointActor = Annotated[Actor, Depends(Signed(Role.SETUP, Role.POINT))]
PointReader = Annotated[Actor, Depends(Signed(Role.SETUP, Role.RELEASE, Role.AUDITOR, Role.POINT))]
# What the office keeps of names stays with those who need them; an auditor reads no roster (名册).
RosterReader = Annotated[Actor, Depends(Signed(Role.SETUP, Role.RELEASE))]
AccountReader = Annotated[Actor, Depends(Signed(Role.SETUP, Role.AUDITOR))]
UploadReader = Annotated[Actor, Depends(Signed(Role.SETUP, Role.CONTRACTOR, Role.AUDITOR))]
# What people wrote, once it is counted.
TextReader = Annotated[Actor, Depends(Signed(Role.SETUP, Role.RELEASE, Role.AUDITOR))]
UploaderActor = Annotated[Actor, Depends(Signed(Role.SETUP, Role.CONTRACTOR))]
# Who may be the second person. Setup is let in so that it hears why it cannot confirm.
ConfirmingActor = Annotated[Actor, Depends(Signed(Role.SETUP, Role.RELEASE))]
TabletActor = Annotated[OwnTablet, Depends(TabletToken())]
DeviceActor = Annotated[PairedDevice, Depends(DeviceToken())]
MachineActor = Annotated[Machine, Depends(MachineToken())]
# Who enters marks for an office (考评单位), who inspects (督查员), who speaks for a rated unit (被评议单位).
AssessorActor = Annotated[Actor, Depends(Signed(Role.ASSESSOR))]
UnitActor = Annotated[Actor, Depends(Signed(Role.UNIT))]
OrganiserActor = Annotated[Actor, Depends(Signed(Role.ORGANISER))]
# Who has to do with findings; which kinds, and whose, the service decides.
FindingActor = Annotated[
    Actor,
    Depends(Signed(Role.SETUP, Role.RELEASE, Role.AUDITOR, Role.DESK, Role.INSPECTOR, Role.UNIT)),
]
FindingReader = Annotated[
    Actor,
    Depends(
        Signed(Role.SETUP, Role.RELEASE, Role.AUDITOR, Role.DESK, Role.INSPECTOR, Role.UNIT, Role.DISTRICT),
    ),
]
# The drawn lists of inspections: the office and its inspectors, never the units that are on them.
InspectionActor = Annotated[Actor, Depends(Signed(Role.SETUP, Role.RELEASE, Role.AUDITOR, Role.INSPECTOR))]
# Single bad ratings are seen here alone.
DeskActor = Annotated[Actor, Depends(Signed(Role.DESK))]
