"""Accounts of the office."""

from fastapi import APIRouter

from api.auth import passwords
from api.auth.guards import AccountReader, SetupActor
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.accounts import AccountView, NewAccount
from survey_models.accounts import service
from survey_models.core import clock

router = APIRouter(prefix="/api/accounts", tags=["accounts"], responses=RESPONSES)


@router.get("", operation_id="list_accounts")
def list_accounts(_actor: AccountReader, db: ReadDb) -> list[AccountView]:
    """All accounts by name."""
    return [AccountView.model_validate(account) for account in service.listed(db)]


@router.post("", operation_id="create_account", status_code=201)
def create_account(actor: SetupActor, new: NewAccount, db: Db) -> AccountView:
    """Make an account."""
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
    )
    return AccountView.model_validate(account)
