"""Every way in has a guard in its signature, or says `Public` aloud; forgetting is impossible.

FastAPI nests included routers, so a loop over `app.routes` would see almost nothing. What is counted here is compared
with the operations of the API description: a walk that goes blind fails instead of passing.
"""

from collections.abc import Iterator
from typing import Annotated

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from api.app import create_app
from api.auth.guards import Public, SetupActor
from api.settings import Settings

# Routes of the framework, which have no signature: the description of the API is the same for everybody.
WITHOUT_SIGNATURE = {"/openapi.json"}


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return create_app(Settings(data_dir=tmp_path_factory.mktemp("data")))


def calls(dependant: Dependant) -> Iterator[object]:
    """Everything that runs before an endpoint."""
    for inner in dependant.dependencies:
        yield inner.call
        yield from calls(inner)


def is_guarded(route: RouteContext) -> bool:
    """Whether a guard stands among the dependencies of the endpoint or of a router around it."""
    return any(getattr(call, "is_guard", False) for call in calls(route.dependant))


def endpoints(app: FastAPI) -> list[RouteContext]:
    """The routes that run a function of ours; anything else must be named above."""
    found = []
    for route in iter_route_contexts(app.routes):
        if hasattr(route.original_route, "dependant"):
            found.append(route)
        else:
            assert route.path in WITHOUT_SIGNATURE, f"{route.path} has no signature in which a guard could stand"
    return found


def unguarded(app: FastAPI) -> list[str]:
    """Method and path of every endpoint that anybody may call without its saying so."""
    return [f"{sorted(route.methods or ())} {route.path}" for route in endpoints(app) if not is_guarded(route)]


def described(app: FastAPI) -> set[tuple[str, str]]:
    """Method and path of every operation of the API description."""
    return {(method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods}


def test_every_endpoint_has_a_guard(product: FastAPI) -> None:
    assert unguarded(product) == []


def test_no_route_is_missed(product: FastAPI) -> None:
    shown = {
        (method, str(route.path_format))
        for route in endpoints(product)
        if getattr(route, "include_in_schema", False)
        for method in route.methods or ()
        if method != "HEAD"
    }
    assert len(shown) > 20
    assert shown == described(product)


def test_only_pages_are_left_out_of_the_description(product: FastAPI) -> None:
    hidden = [str(route.path) for route in endpoints(product) if not route.include_in_schema]
    assert [path for path in hidden if path.startswith("/api/")] == []


def test_every_operation_has_a_name_and_a_noun(product: FastAPI) -> None:
    operations = [entry for methods in product.openapi()["paths"].values() for entry in methods.values()]
    names = [entry["operationId"] for entry in operations]
    assert sorted(names) == sorted(set(names))
    assert [name for name in names if not name.isidentifier() or name != name.lower()] == []
    assert [entry["operationId"] for entry in operations if len(entry.get("tags", [])) != 1] == []


def test_a_forgotten_guard_is_seen() -> None:
    router = APIRouter(prefix="/api")

    @router.get("/open")
    def open_(_guard: Annotated[None, Public]) -> None: ...

    @router.get("/closed")
    def closed(actor: SetupActor) -> None: ...

    @router.get("/forgotten")
    def forgotten() -> None: ...

    outer = APIRouter()
    outer.include_router(router)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(outer)
    assert unguarded(app) == ["['GET'] /api/forgotten"]
    assert {path for _, path in described(app)} == {"/api/open", "/api/closed", "/api/forgotten"}


def test_an_unnamed_mount_is_seen() -> None:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/secrets", FastAPI(openapi_url=None))
    with pytest.raises(AssertionError, match="/secrets"):
        unguarded(app)


def references(value: object) -> Iterator[str]:
    """Every `$ref` inside a description."""
    if isinstance(value, dict):
        yield from (inner for key, inner in value.items() if key == "$ref")
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_every_reference_of_the_description_resolves(product: FastAPI) -> None:
    """The TypeScript client is generated from it, and the generator refuses a dangling one."""
    description = product.openapi()
    known = {f"#/components/schemas/{name}" for name in description["components"]["schemas"]}
    found = set(references(description))
    assert found
    assert found - known == set()
