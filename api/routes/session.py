"""Signing in and out of the console."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from api.auth import sessions
from api.auth.guards import AnyActor, FromOurPages
from api.problems import RESPONSES
from api.schemas.session import Credentials, SessionView
from survey_models.accounts.rules import Role

router = APIRouter(prefix="/api/session", tags=["session"], responses=RESPONSES)


@router.post("", operation_id="sign_in")
def sign_in(
    _guard: Annotated[None, FromOurPages], credentials: Credentials, request: Request, response: Response
) -> SessionView:
    """Sign in. A session that the browser had before ends: nobody can plant one beforehand."""
    engine, settings = request.app.state.engine, request.app.state.settings
    started = sessions.sign_in(
        engine,
        settings,
        name=credentials.name,
        password=credentials.password,
        door="browser",
        replaces=sessions.token_in(request, settings),
    )
    sessions.give_cookie(response, settings, started.token)
    response.headers["Cache-Control"] = "no-store"
    return SessionView(name=started.name, roles=[Role(role) for role in started.roles], csrf=started.csrf)


@router.get("", operation_id="read_session")
def read_session(actor: AnyActor, response: Response) -> SessionView:
    """Who is signed in."""
    response.headers["Cache-Control"] = "no-store"
    return SessionView(name=actor.name, roles=[Role(role) for role in actor.roles], csrf=actor.csrf)


@router.delete("", operation_id="sign_out", status_code=204)
def sign_out(_actor: AnyActor, request: Request, response: Response) -> None:
    """Sign out; the session ends on the server."""
    settings = request.app.state.settings
    token = sessions.token_in(request, settings)
    if token is not None:
        sessions.sign_out(request.app.state.engine, token)
    sessions.take_cookie(response, settings)
