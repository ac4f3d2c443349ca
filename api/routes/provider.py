"""Signing in at the house's own provider (统一身份认证): there and back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel
from starlette.responses import RedirectResponse

from api.auth import provider, sessions
from api.auth.guards import FromOurPages, Public, Unchecked
from api.auth.provider import Answered
from api.auth.sessions import CodeAsked
from api.problems import RESPONSES
from api.settings import Settings
from survey_models.core.errors import Problem

router = APIRouter(prefix="/api/session/provider", tags=["session"], responses=RESPONSES)
CONSOLE, SIGN_IN = "/console/", "/console/sign-in"
FromProvider = Depends(Unchecked("the state in the cookie is compared with the one that comes back"))


class ProviderView(BaseModel):
    """How the provider is called on the sign-in page; None: people sign in with passwords alone."""

    label: str | None


@router.get("", operation_id="read_provider")
def read_provider(_guard: Annotated[None, Public], request: Request) -> ProviderView:
    """Whether there is a provider to sign in at."""
    settings: Settings = request.app.state.settings
    return ProviderView(label=settings.oidc_label if settings.oidc_issuer else None)


@router.get("/start", operation_id="start_at_provider", status_code=303, response_class=RedirectResponse)
def start_at_provider(_guard: Annotated[None, FromOurPages], request: Request) -> RedirectResponse:
    """Go to the provider."""
    settings: Settings = request.app.state.settings
    asked = provider.ask(settings)
    answer = _to(asked.address)
    answer.set_cookie(
        _cookie(settings),
        asked.state,
        path="/",
        max_age=int(provider.STATE_LASTS.total_seconds()),
        secure=settings.https,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/back", operation_id="come_back_from_provider", status_code=303, response_class=RedirectResponse)
def come_back_from_provider(
    _guard: Annotated[None, FromProvider],
    request: Request,
    code: Annotated[str, Query(max_length=4096)] = "",
    state: Annotated[str, Query(max_length=200)] = "",
    iss: Annotated[str | None, Query(max_length=400)] = None,
) -> RedirectResponse:
    """Come back: into the console, to its second step, or to the sign-in page with the reason why not."""
    settings: Settings = request.app.state.settings
    if not settings.oidc_issuer:
        raise Problem("oidc_off")
    name, old = _cookie(settings), sessions.token_in(request, settings)
    try:
        started = provider.finish(
            request.app.state.engine,
            settings,
            Answered(code, state, iss),
            kept=request.cookies.get(name),
            replaces=old,
        )
    except Problem as problem:
        answer = _to(f"{SIGN_IN}?refused={problem.code}")
    else:
        if isinstance(started, CodeAsked):
            # Behind the #: no server and no log sees it.
            answer = _to(f"{SIGN_IN}#{started.ticket}")
        else:
            answer = _to(CONSOLE)
            sessions.give_cookie(answer, settings, started.token)
    answer.delete_cookie(name, path="/", secure=settings.https, httponly=True, samesite="lax")
    return answer


def _cookie(settings: Settings) -> str:
    return "__Host-provider" if settings.https else "provider"


def _to(address: str) -> RedirectResponse:
    return RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})
