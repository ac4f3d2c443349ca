"""Accounts of the office (账号): made, changed, disabled, given another password; campaigns of contractors."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from api.auth import passwords
from api.auth.guards import AccountReader, SetupActor
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.accounts import (
    AccountView,
    AssignmentBody,
    AssignmentView,
    Disabling,
    NewAccount,
    NewPassword,
    PlaceBody,
    PostView,
)
from survey_models.accounts import assignments, managing, posts, service
from survey_models.accounts.rules import Role, stored_name
from survey_models.accounts.tables import Account
from survey_models.core import clock

router = APIRouter(prefix="/api/accounts", tags=["accounts"], responses=RESPONSES)


def _view(db: Session, account: Account) -> AccountView:
    return _views(db, [account])[0]


def _views(db: Session, found: Sequence[Account]) -> list[AccountView]:
    assigned = AssignmentView.by_account(assignments.of_everybody(db))
    clerks = PostView.by_account(posts.of_everybody(db))
    return [AccountView.of(one, assigned.get(one.name, []), clerks.get(one.name, [])) for one in found]


@router.get("", operation_id="list_accounts")
def list_accounts(_actor: AccountReader, db: ReadDb) -> list[AccountView]:
    """All accounts by name, with the campaigns that contractors are assigned."""
    return _views(db, service.listed(db))


@router.post("", operation_id="create_account", status_code=201)
def create_account(actor: SetupActor, new: NewAccount, request: Request, db: Db) -> AccountView:
    """Make an account. Its password is good for choosing an own one; 24 hours after that it can confirm."""
    password_hash = passwords.new_hash(new.password, name=new.name)
    account = service.create(
        db,
        new.name,
        password_hash=password_hash,
        roles=new.roles,
        at=clock.now(),
        by=actor.name,
        office=new.office,
        unit_code=new.unit_code,
        area_code=new.area_code,
        trained_on=new.trained_on,
        undertaking_on=new.undertaking_on,
        zone=request.app.state.settings.timezone,
        first_password=True,
    )
    return _view(db, account)


@router.put("/{name}", operation_id="change_account")
def change_account(actor: SetupActor, name: str, wanted: PlaceBody, request: Request, db: Db) -> AccountView:
    """Set roles, office, unit, area and dates of an account anew; with a new role it cannot confirm for 24 hours."""
    zone = request.app.state.settings.timezone
    return _view(db, managing.change(db, name, wanted.place(), by=actor.name, at=clock.now(), zone=zone))


@router.post("/{name}/password", operation_id="reset_account_password")
def reset_account_password(actor: SetupActor, name: str, response: Response, db: Db) -> NewPassword:
    """Give an account a first password, shown once; its sessions end. It confirms 24 hours after choosing its own."""
    response.headers["Cache-Control"] = "no-store"
    name = stored_name(name)
    password = passwords.random_password()
    service.reset(db, name, password_hash=passwords.new_hash(password, name=name), at=clock.now(), by=actor.name)
    return NewPassword(password=password)


@router.post("/{name}/disable", operation_id="disable_account")
def disable_account(actor: SetupActor, name: str, wish: Disabling, db: Db) -> AccountView:
    """Close an account: its sessions end, nobody signs in with it; never the last one with the role setup."""
    return _view(db, managing.disable(db, name, reason=wish.reason, by=actor.name, at=clock.now()))


@router.post("/{name}/enable", operation_id="enable_account")
def enable_account(actor: SetupActor, name: str, db: Db) -> AccountView:
    """Open a disabled account again; it cannot confirm for 24 hours."""
    return _view(db, managing.enable(db, name, by=actor.name, at=clock.now()))


@router.put("/{name}/assignments/{campaign_id}", operation_id="assign_campaign")
def assign_campaign(actor: SetupActor, name: str, campaign_id: str, wish: AssignmentBody, db: Db) -> AccountView:
    """Let a contractor work on a campaign or some of its strata, or a clerk at its test points; in place of before."""
    account = service.get(db, name)
    if Role.POINT in account.roles:
        posts.assign(db, name, campaign_id, points=wish.points, by=actor.name, at=clock.now())
    else:
        assignments.assign(db, name, campaign_id, strata=wish.strata, by=actor.name, at=clock.now())
    return _view(db, account)


@router.delete("/{name}/assignments/{campaign_id}", operation_id="unassign_campaign")
def unassign_campaign(actor: SetupActor, name: str, campaign_id: str, db: Db) -> AccountView:
    """Take a campaign from a contractor or a clerk: what it sent stays, it sees and sends no more."""
    account = service.get(db, name)
    withdraw = posts.withdraw if Role.POINT in account.roles else assignments.withdraw
    withdraw(db, name, campaign_id, by=actor.name, at=clock.now())
    return _view(db, account)
