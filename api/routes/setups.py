"""Set-ups (新建测评): a campaign of one's own from the list of units to its cards, saved step by step."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response, status
from sqlalchemy.orm import Session

from api import acts, round_tickets
from api.auth import passwords
from api.auth.guards import OfficeActor, SetupActor
from api.bodies import XLSX, SentFile, described, download, downloads, files_in
from api.deps import Db, ReadDb
from api.handover import Lock
from api.keys import key_of_hex
from api.marked import marked
from api.problems import RESPONSES
from api.schemas.setups import (
    CardsRequest,
    CardsView,
    PeopleView,
    PersonMade,
    PersonRequest,
    PopulationView,
    RowFaultView,
    RowsView,
    SavedSetup,
    ScaleView,
    SetupDetail,
    SetupView,
    ShelfView,
    TemplateView,
    UnitListView,
)
from api.settings import Settings
from survey_models.accounts import assignments
from survey_models.accounts import queries as accounts
from survey_models.accounts import service as account_service
from survey_models.accounts.rules import NEW_FOR, Role
from survey_models.acts import rules as act_rules
from survey_models.acts import service as asked
from survey_models.acts.tables import ActState
from survey_models.campaigns import queries as campaign_queries
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.questionnaires import making
from survey_models.setups import lists, reading, rules, service
from survey_models.setups.rules import SetupDoc
from survey_models.setups.tables import Setup
from survey_models.uploads.refusing import refuse

router = APIRouter(prefix="/api/setups", tags=["setups"], responses=RESPONSES)


@router.get("", operation_id="list_setups")
def list_setups(_actor: OfficeActor, db: ReadDb) -> list[SetupView]:
    """Every set-up, the newest first, those of which the campaign was made among them."""
    return [SetupView.of(one, _state(db, one)) for one in service.listed(db)]


@router.get("/shelf", operation_id="read_setup_shelf")
def read_setup_shelf(_actor: OfficeActor) -> ShelfView:
    """What comes with the program: lists of units, a table of populations, templates and scales."""
    return ShelfView(
        units=[UnitListView.of(one) for one in lists.unit_lists()],
        populations=[PopulationView.of(one) for one in lists.populations()],
        templates=[TemplateView.of(one) for one in making.templates().values()],
        scales=list(_scales()),
    )


async def sent_rows(
    _actor: SetupActor, request: Request, filename: Annotated[str, Query(max_length=200)] = ""
) -> SentFile:
    """The list in the body: a file, or pasted text in UTF-8 where no ``filename`` is given."""
    return (await files_in(request, filename))[0]


@router.post("/rows", operation_id="read_setup_rows", openapi_extra=described())
def read_setup_rows(
    _actor: SetupActor, what: Literal["units", "areas"], file: Annotated[SentFile, Depends(sent_rows)]
) -> RowsView:
    """Read a list of units or of populations, csv, xlsx or pasted, with every fault at its row. Nothing is stored."""
    if what == "units":
        units = reading.units_in(file.content, file.name)
        return RowsView(units=units.units, faults=[RowFaultView.of(one) for one in units.faults])
    cells = reading.cells_in(file.content, file.name)
    return RowsView(cells=cells.cells, faults=[RowFaultView.of(one) for one in cells.faults])


@router.get("/rows/template.xlsx", operation_id="setup_rows_template_xlsx", responses=downloads(XLSX))
def setup_rows_template_xlsx(_actor: SetupActor, what: Literal["units", "areas"]) -> Response:
    """The workbook for a list of units or of populations, with examples and drop-down lists."""
    return download(reading.blank(what), media=XLSX, name=f"{what}.xlsx")


@router.post("/rows/marked", operation_id="mark_setup_rows", responses=downloads(XLSX), openapi_extra=described())
def mark_setup_rows(
    _actor: SetupActor, what: Literal["units", "areas"], file: Annotated[SentFile, Depends(sent_rows)]
) -> Response:
    """The list given back as a workbook, faulty cells marked with what to do; nothing is stored."""
    return marked(file, lambda sheet: refuse(reading.read_list(what, sheet)))


@router.post("", operation_id="begin_setup", status_code=status.HTTP_201_CREATED)
def begin_setup(actor: SetupActor, doc: SetupDoc, request: Request, db: Db) -> SetupDetail:
    """Begin a set-up with what is known so far."""
    settings: Settings = request.app.state.settings
    at = clock.now()
    found = service.start(db, doc, day=clock.local_day(at, settings.timezone), by=actor.name, at=at)
    return _detail(db, found, settings, reader=actor.name)


@router.get("/{setup_id}", operation_id="read_setup")
def read_setup(actor: OfficeActor, setup_id: str, request: Request, db: ReadDb) -> SetupDetail:
    """A set-up: what was stated, how the sample is shared, what is still missing."""
    return _detail(db, service.get(db, setup_id), request.app.state.settings, reader=actor.name)


@router.put("/{setup_id}", operation_id="save_setup")
def save_setup(actor: SetupActor, setup_id: str, saved: SavedSetup, request: Request, db: Db) -> SetupDetail:
    """Save what is stated now. 409 where somebody else saved meanwhile, or the campaign was made."""
    found = service.save(db, setup_id, saved.doc, revision=saved.revision, at=clock.now())
    return _detail(db, found, request.app.state.settings, reader=actor.name)


@router.delete("/{setup_id}", operation_id="remove_setup", status_code=status.HTTP_204_NO_CONTENT)
def remove_setup(_actor: SetupActor, setup_id: str, db: Db) -> Response:
    """Remove a draft of which nothing was made."""
    service.remove(db, setup_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.get("/{setup_id}/form", operation_id="read_setup_form")
def read_setup_form(_actor: OfficeActor, setup_id: str, db: ReadDb) -> dict[str, Any]:
    """The questionnaire as it would be, for looking at; without units there is none."""
    return rules.document_of(service.doc_of(service.get(db, setup_id)))


@router.post("/{setup_id}/campaign", operation_id="make_setup_campaign", status_code=status.HTTP_201_CREATED)
def make_setup_campaign(actor: SetupActor, setup_id: str, request: Request, db: Db) -> SetupDetail:
    """Make the campaign, in draft: units, frozen frame, questionnaire, strata. The set-up stays as it is from then."""
    service.make(db, setup_id, by=actor.name, at=clock.now())
    return _detail(db, service.get(db, setup_id), request.app.state.settings, reader=actor.name)


@router.post("/{setup_id}/cards", operation_id="issue_setup_cards", status_code=status.HTTP_201_CREATED)
def issue_setup_cards(actor: SetupActor, setup_id: str, wanted: CardsRequest, request: Request, db: Db) -> CardsView:
    """Issue the cards, a batch for each stratum; the codes are in the sealed file of this one answer.

    With a key of the sheets the campaign is ready to be opened afterwards.
    """
    orders = service.orders(db, setup_id)
    campaign = campaigns.get(db, setup_id, lock=True)
    lock = Lock.of(wanted.passphrase, wanted.public)
    key = key_of_hex(wanted.office_key) if wanted.office_key else None
    how = round_tickets.Work(lock, request.app.state.settings, actor.name, clock.now(), key)
    made = round_tickets.issue_one(db, campaign, orders, {}, how)
    return CardsView(
        campaign_id=made.campaign,
        cards=made.cards,
        ready=made.ready,
        name=made.name,
        sha256=made.digest,
        file=base64.b64encode(made.content).decode("ascii"),
    )


@router.post("/{setup_id}/people", operation_id="add_setup_person", status_code=status.HTTP_201_CREATED)
def add_setup_person(actor: SetupActor, setup_id: str, wanted: PersonRequest, db: Db) -> PersonMade:
    """Let a contractor work on the campaign, or make the account of a second person; the password is told once.

    A contractor's account that is there already is assigned as it is. Raises ``setup_not_made``, ``account_exists``,
    ``assignment_unwanted``.
    """
    campaign_id = service.get(db, setup_id).campaign_id
    if campaign_id is None:
        raise Problem("setup_not_made")
    password = _account(db, wanted, by=actor.name)
    if wanted.role is Role.CONTRACTOR:
        strata = None
        if wanted.areas is not None:
            rows = campaign_queries.strata(db, campaign_id)
            strata = [row.no for row in rows if row.area_code in wanted.areas]
        assignments.assign(db, wanted.name, campaign_id, strata=strata, by=actor.name, at=clock.now())
    return PersonMade(name=wanted.name, password=password)


def _account(db: Session, wanted: PersonRequest, *, by: str) -> str | None:
    """A new account's password; None for a contractor's account that is there."""
    if wanted.role is Role.CONTRACTOR and accounts.by_name(db, wanted.name) is not None:
        return None
    password = passwords.random_password()
    hashed = passwords.new_hash(password, name=wanted.name)
    account_service.create(
        db, wanted.name, password_hash=hashed, roles=[wanted.role], at=clock.now(), by=by, first_password=True
    )
    return password


def _state(db: Session, found: Setup) -> str | None:
    return None if found.campaign_id is None else campaigns.get(db, found.campaign_id).state


def _detail(db: Session, found: Setup, settings: Settings, *, reader: str) -> SetupDetail:
    campaign_id = found.campaign_id
    campaign = campaigns.get(db, campaign_id) if campaign_id else None
    at = clock.now()
    waiting = [
        act.number
        for act in asked.listed(db)
        if act.kind == acts.OPEN and act.target == campaign_id and act_rules.state_of(act, at) is ActState.ASKED
    ]
    return SetupDetail.of(
        found,
        state=campaign.state if campaign else None,
        people=_people(db, campaign_id, demo=settings.demo, reader=reader),
        cards=campaign_queries.ticket_totals(db, campaign_id)[0] if campaign_id else 0,
        sealed=campaign is not None and campaign.key_kept is not None,
        keys_here=settings.sealing_key_on_server,
        opening_asked=max(waiting, default=None),
    )


def _people(db: Session, campaign_id: str | None, *, demo: bool, reader: str) -> PeopleView:
    """Accounts that may confirm an opening, those that wait out their first 24 hours apart; and the contractors."""
    at = clock.now()
    able = [one for one in accounts.every(db) if Role.RELEASE in one.roles and one.name != reader and not one.disabled]
    own = [one for one in able if (demo and one.demo) or not one.first_password]
    seasoned = [one.name for one in own if (demo and one.demo) or at - one.renewed_at >= NEW_FOR]
    every = assignments.of_everybody(db) if campaign_id else []
    return PeopleView(
        seconds=seasoned,
        seconds_later=[one.name for one in able if one.name not in seasoned],
        contractors=list(dict.fromkeys(name for name, campaign, _ in every if campaign == campaign_id)),
    )


def _scales() -> Iterator[ScaleView]:
    for name in rules.RATING_SCALES:
        labels = [option["label"] for option in making.scales()[name]["options"]]
        yield ScaleView(id=name, options=[one["zh"] for one in labels], options_en=[one["en"] for one in labels])
