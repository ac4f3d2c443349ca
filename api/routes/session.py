"""Signing in and out of the console."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from api.auth import second_step, sessions
from api.auth.guards import FromOurPages, NewcomerActor
from api.auth.sessions import CodeAsked
from api.db import reading
from api.problems import RESPONSES
from api.schemas.session import Credentials, HalfSession, SecondStep, SessionView
from survey_models.accounts import service, totp
from survey_models.accounts.rules import Role
from survey_models.accounts.service import Started

router = APIRouter(prefix="/api/session", tags=["session"], responses=RESPONSES)
_HALF: dict[int | str, dict[str, Any]] = {202: {"model": HalfSession, "description": "A one-time code is asked for."}}


@router.post("", operation_id="sign_in", responses=_HALF, response_model=SessionView)
def sign_in(
    _guard: Annotated[None, FromOurPages], credentials: Credentials, request: Request, response: Response
) -> SessionView | Response:
    """Sign in: 200, or 202 where a one-time code (动态验证码) is asked for in a second step.

    A session that the browser had before ends: nobody can plant one beforehand.
    """
    engine, settings = request.app.state.engine, request.app.state.settings
    started = sessions.sign_in(
        engine,
        settings,
        name=credentials.name,
        password=credentials.password,
        door="browser",
        replaces=sessions.token_in(request, settings),
    )
    if isinstance(started, CodeAsked):
        half = HalfSession(ticket=started.ticket).model_dump_json()
        return Response(half, status_code=202, media_type="application/json", headers={"Cache-Control": "no-store"})
    return _given(request, response, started)


@router.post("/code", operation_id="sign_in_with_code")
def sign_in_with_code(
    _guard: Annotated[None, FromOurPages], given: SecondStep, request: Request, response: Response
) -> SessionView:
    """The second step of signing in: a code of the app, or a recovery code."""
    settings = request.app.state.settings
    started = second_step.sign_in_with_code(
        request.app.state.engine,
        settings,
        ticket=given.ticket,
        code=given.code,
        replaces=sessions.token_in(request, settings),
    )
    return _given(request, response, started)


@router.get("", operation_id="read_session")
def read_session(actor: NewcomerActor, request: Request, response: Response) -> SessionView:
    """Who is signed in."""
    response.headers["Cache-Control"] = "no-store"
    with reading(request.app.state.engine) as session:
        due = totp.standing(session, actor.id, policy=request.app.state.settings.totp).due
    return SessionView(
        name=actor.name,
        roles=[Role(role) for role in actor.roles],
        csrf=actor.csrf,
        totp_due=due,
        choose_password=actor.must_choose,
    )


@router.delete("", operation_id="sign_out", status_code=204)
def sign_out(_actor: NewcomerActor, request: Request, response: Response) -> None:
    """Sign out; the session ends on the server."""
    settings = request.app.state.settings
    token = sessions.token_in(request, settings)
    if token is not None:
        sessions.sign_out(request.app.state.engine, token)
    sessions.take_cookie(response, settings)


def _given(request: Request, response: Response, started: Started) -> SessionView:
    settings = request.app.state.settings
    sessions.give_cookie(response, settings, started.token)
    response.headers["Cache-Control"] = "no-store"
    with reading(request.app.state.engine) as session:
        due = totp.standing_of(session, started.name, policy=settings.totp).due
        choose = sessions.must_choose(service.get(session, started.name), settings=settings)
    return SessionView(
        name=started.name,
        roles=[Role(role) for role in started.roles],
        csrf=started.csrf,
        totp_due=due,
        choose_password=choose,
    )
