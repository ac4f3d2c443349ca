"""The own account (我的账号): password, authenticator app, access tokens, sessions; and what the office takes back."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.orm import Session

from api import qr
from api.auth import second_step, sessions
from api.auth.guards import NewcomerActor, PresentActor, ReleaseActor, SetupActor
from api.db import reading, unit_of_work
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.own_account import (
    CodeAgain,
    Ended,
    MadeToken,
    NewToken,
    OwnAccountView,
    OwnSessionView,
    PasswordAgain,
    PasswordChange,
    RecoveryCodes,
    TokenView,
    TotpSecret,
    TotpView,
)
from api.settings import Settings
from survey_models.accounts import linking, one_time, own, tokens, totp
from survey_models.accounts.pass_tables import AccessToken
from survey_models.accounts.rules import Role
from survey_models.core import clock

router = APIRouter(tags=["own account"], responses=RESPONSES)
BASE = "/api/account"


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


AppSettings = Annotated[Settings, Depends(_settings)]


@router.get(BASE, operation_id="read_own_account")
def read_own_account(actor: NewcomerActor, request: Request, settings: AppSettings, db: ReadDb) -> OwnAccountView:
    """Everything a person may see and change of the own account."""
    at, token = clock.now(), sessions.token_in(request, settings)
    stands = totp.standing(db, actor.id, policy=settings.totp)
    return OwnAccountView(
        name=actor.name,
        roles=[Role(role) for role in actor.roles],
        totp=TotpView(on=stands.on, since=stands.since, due=stands.due, recovery_codes_left=stands.recovery),
        sessions=[
            OwnSessionView(made_at=one.made_at, seen_at=one.seen_at, ends_at=one.ends_at, current=one.current)
            for one in own.sessions_of(db, actor.id, token=token, at=at)
        ],
        tokens=[_view(db, one) for one in tokens.listed(db, actor.id)],
        scopes=tokens.scopes_for(actor.roles),
    )


@router.post(BASE + "/password", operation_id="change_own_password", status_code=204)
def change_own_password(
    actor: NewcomerActor, change: PasswordChange, request: Request, settings: AppSettings
) -> Response:
    """Change the password; the other sessions end. In the place of a first one: 24 hours later the account confirms."""
    engine, token = request.app.state.engine, sessions.token_in(request, settings)
    second_step.change_password(engine, actor.name, old=change.old, new=change.new, token=token)
    return Response(status_code=204)


@router.post(BASE + "/sessions/end", operation_id="end_other_sessions")
def end_other_sessions(actor: NewcomerActor, request: Request, settings: AppSettings, db: Db) -> Ended:
    """Sign out everywhere else."""
    return Ended(ended=own.end_others(db, actor.id, token=sessions.token_in(request, settings)))


@router.post(BASE + "/totp", operation_id="begin_totp", status_code=201)
def begin_totp(actor: PresentActor, again: PasswordAgain, request: Request, settings: AppSettings) -> TotpSecret:
    """A new secret for an authenticator app, shown once; it counts from the first right code on."""
    engine = request.app.state.engine
    second_step.prove_password(engine, actor.name, again.password)
    with unit_of_work(engine) as session:
        secret = totp.new_secret(session, actor.name, keys=second_step.pass_keys(settings))
    address = one_time.address_of(secret, name=actor.name, issuer=f"Pingyi {settings.host}")
    side, path = qr.outline(address)
    return TotpSecret(secret=one_time.secret_text(secret), address=address, side=side, path=path)


@router.post(BASE + "/totp/proof", operation_id="prove_totp")
def prove_totp(actor: PresentActor, given: CodeAgain, request: Request, settings: AppSettings) -> RecoveryCodes:
    """The first code of the app: it counts from now on, and the other sessions end. Ten recovery codes, shown once."""
    engine, token = request.app.state.engine, sessions.token_in(request, settings)
    return RecoveryCodes(codes=list(second_step.set_up(engine, settings, actor, given.code, token=token)))


@router.post(BASE + "/totp/recovery-codes", operation_id="renew_recovery_codes")
def renew_recovery_codes(
    actor: PresentActor, given: CodeAgain, request: Request, settings: AppSettings
) -> RecoveryCodes:
    """Ten new recovery codes; the old ones are worth nothing from now on."""
    engine = request.app.state.engine
    second_step.prove_code(engine, settings, actor.name, given.code)
    with unit_of_work(engine) as session:
        keys = second_step.pass_keys(settings)
        return RecoveryCodes(codes=list(totp.renew_codes(session, actor.name, keys=keys, at=clock.now())))


@router.post(BASE + "/totp/removal", operation_id="remove_totp", status_code=204)
def remove_totp(actor: PresentActor, given: CodeAgain, request: Request, settings: AppSettings) -> Response:
    """Switch the app off, with a code of it or a recovery code: for another telephone."""
    engine = request.app.state.engine
    second_step.prove_code(engine, settings, actor.name, given.code)
    with unit_of_work(engine) as session:
        totp.remove(session, actor.name, at=clock.now())
    return Response(status_code=204)


@router.post(BASE + "/tokens", operation_id="make_token", status_code=201)
def make_token(actor: PresentActor, new: NewToken, request: Request) -> MadeToken:
    """An access token for a program, within the scopes of one's own role; its text is shown once."""
    engine = request.app.state.engine
    second_step.prove_password(engine, actor.name, new.password)
    with unit_of_work(engine) as session:
        made = tokens.make(session, actor.name, label=new.label, scopes=new.scopes, days=new.days, at=clock.now())
        return MadeToken(**_view(session, made.token).model_dump(), token=made.text)


@router.delete(BASE + "/tokens/{token_id}", operation_id="revoke_own_token", status_code=204)
def revoke_own_token(actor: PresentActor, token_id: uuid.UUID, db: Db) -> None:
    """Revoke an own token; it opens nothing from now on."""
    tokens.revoke(db, token_id, account_id=actor.id, by=actor.name, at=clock.now())


@router.get("/api/totp", operation_id="list_totp")
def list_totp(_actor: SetupActor, request: Request) -> list[str]:
    """The names of the accounts that have an authenticator app."""
    with reading(request.app.state.engine) as session:
        return totp.names_with(session)


@router.delete("/api/totp/{name}", operation_id="reset_totp", status_code=204)
def reset_totp(actor: SetupActor, name: str, db: Db) -> None:
    """Take the app away from another person's account: the telephone is lost, and the recovery codes too."""
    totp.reset(db, name, by=actor.name, at=clock.now())


@router.get("/api/provider-links", operation_id="list_provider_links")
def list_provider_links(_actor: ReleaseActor, db: ReadDb) -> list[str]:
    """The names of the accounts that are bound to a person of the sign-in provider (统一身份认证)."""
    return linking.names(db)


@router.delete("/api/provider-links/{name}", operation_id="remove_provider_link", status_code=204)
def remove_provider_link(actor: ReleaseActor, name: str, db: Db) -> None:
    """Unbind another person's account: the next one whom the provider calls so is bound."""
    linking.unlink(db, name, by=actor.name, at=clock.now())


def _view(session: Session, token: AccessToken) -> TokenView:
    return TokenView(
        id=token.id,
        label=token.label,
        scopes=[tokens.Scope(scope) for scope in token.scopes],
        made_at=token.made_at,
        ends_at=token.ends_at,
        used_on=token.used_on,
        revoked_at=token.revoked_at,
        alive=tokens.is_alive(session, token, at=clock.now()),
    )
