"""Every act that needs two people (两人事项): what is checked when it is asked, and what is done once confirmed.

A new two-person act is one entry of ``ACTS``; both doors, HTTP and command line, ask and confirm through here.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from api.keys import load_sealing_key
from api.settings import Settings
from survey_models.acts import service
from survey_models.acts.service import Executor
from survey_models.acts.tables import Act
from survey_models.ballots import service as ballots
from survey_models.ballots import voids
from survey_models.campaigns import rules as campaign_rules
from survey_models.campaigns import service as campaigns
from survey_models.draws import service as draws
from survey_models.findings import acts as findings
from survey_models.findings import files
from survey_models.inspections import visits
from survey_models.ratings import aside
from survey_models.ratings import voids as rating_voids
from survey_models.ratings.voids import Span
from survey_models.retention import service as retention
from survey_models.rosters import service as rosters
from survey_models.rounds import deciding, publishing
from survey_models.rounds.deciding import Decision
from survey_models.rounds.tables import Way
from survey_models.tickets import service as tickets

Params = Mapping[str, Any]


@dataclass(frozen=True)
class TwoPersonAct:
    """What is refused when it is asked, and what is done once it is confirmed."""

    check: Callable[[Session, str, Params, datetime, Settings], object]
    do: Callable[[Session, Act, str, datetime, Settings], object]


def _check_open(session: Session, campaign_id: str, _params: Params, _at: datetime, _settings: Settings) -> None:
    rosters.refuse_unready(session, campaign_id)
    campaigns.check_openable(session, campaign_id)


def _check_reopen(session: Session, campaign_id: str, _params: Params, _at: datetime, _settings: Settings) -> None:
    campaign_rules.after(campaigns.get(session, campaign_id).state, campaign_rules.Act.REOPEN)


def _check_count(session: Session, campaign_id: str, _params: Params, at: datetime, settings: Settings) -> None:
    campaigns.check_countable(session, campaign_id, at=at, zone=settings.timezone)


def _check_draw(session: Session, _target: str, params: Params, _at: datetime, _settings: Settings) -> None:
    draws.check_runnable(session, params["draw"], seed=params["seed"])


def _check_extension(session: Session, _target: str, params: Params, _at: datetime, _settings: Settings) -> None:
    draws.check_extendable(session, params["draw"], stratum=params["stratum"], more=params["more"])


def _check_void_batch(session: Session, campaign_id: str, params: Params, _at: datetime, _settings: Settings) -> None:
    tickets.check_batch_voidable(session, campaign_id, params["batch"], params["reason"])


def _check_void(session: Session, campaign_id: str, params: Params, _at: datetime, _settings: Settings) -> None:
    voids.check(session, campaign_id, params["scope"], reason=params["reason"], flag=params["flag"])


def _check_dismissal(session: Session, log: str, params: Params, _at: datetime, _settings: Settings) -> None:
    voids.check_dismissal(session, log, params["flag"], reason=params["reason"])


def _span(params: Params) -> Span:
    begins, ends = (datetime.fromisoformat(params[name]) for name in ("begins", "ends"))
    return Span(params["window"], params["device"] and uuid.UUID(params["device"]), begins, ends)


def _check_void_ratings(session: Session, _log: str, params: Params, at: datetime, _settings: Settings) -> None:
    rating_voids.check(session, _span(params), reason=params["reason"], flag=params["flag"], at=at)


def _check_purge(session: Session, campaign_id: str, _params: Params, at: datetime, settings: Settings) -> None:
    retention.check_purge(session, campaign_id, years=settings.evidence_years, zone=settings.timezone, at=at)


def _check_aside(session: Session, _target: str, params: Params, _at: datetime, _settings: Settings) -> None:
    aside.check(session, uuid.UUID(params["device"]), params["decision"], params["reason"])


def _open(session: Session, act: Act, by: str, at: datetime, _settings: Settings) -> None:
    rosters.refuse_unready(session, act.target)
    campaigns.open_campaign(session, act.target, by=by, at=at)


def _reopen(session: Session, act: Act, by: str, at: datetime, _settings: Settings) -> None:
    campaigns.reopen(session, act.target, by=by, at=at)


def _count(session: Session, act: Act, by: str, at: datetime, settings: Settings) -> None:
    campaigns.begin_counting(session, act.target, by=by, at=at, zone=settings.timezone)

    def key(campaign_id: str) -> bytes:
        return load_sealing_key(settings.data_dir, campaign_id)

    ballots.count(session, act.target, server_key=key, by=by, at=at)


def _draw(session: Session, act: Act, by: str, at: datetime, _settings: Settings) -> None:
    draws.run(session, act.params["draw"], seed=act.params["seed"], asked_by=act.asked_by, by=by, at=at)
    visits.settle(session, act.params["draw"], by=by, at=at)


def _extend(session: Session, act: Act, by: str, at: datetime, _settings: Settings) -> None:
    stratum, more = act.params["stratum"], act.params["more"]
    draws.extend(session, act.params["draw"], stratum=stratum, more=more, asked_by=act.asked_by, by=by, at=at)


def _void_batch(session: Session, act: Act, by: str, at: datetime, _settings: Settings) -> None:
    batch, reason = act.params["batch"], act.params["reason"]
    tickets.void_batch(session, act.target, batch, reason=reason, asked_by=act.asked_by, by=by, at=at)


def _void(session: Session, act: Act, by: str, at: datetime, _settings: Settings) -> None:
    scope, reason, flag = act.params["scope"], act.params["reason"], act.params["flag"]
    people = {"asked_by": act.asked_by, "by": by}
    voids.void(session, act.target, scope, reason=reason, flag=flag, act_number=act.number, at=at, **people)


def _dismiss(session: Session, act: Act, by: str, at: datetime, _settings: Settings) -> None:
    flag, reason = act.params["flag"], act.params["reason"]
    people = {"asked_by": act.asked_by, "by": by}
    voids.dismiss(session, act.target, flag, reason=reason, act_number=act.number, at=at, **people)


def _void_ratings(session: Session, act: Act, by: str, at: datetime, _settings: Settings) -> None:
    reason, flag = act.params["reason"], act.params["flag"]
    people = {"asked_by": act.asked_by, "by": by}
    span = _span(act.params)
    rating_voids.void(session, span, reason=reason, flag=flag, act_number=act.number, at=at, **people)


def _purge(session: Session, act: Act, by: str, at: datetime, settings: Settings) -> None:
    years, zone = settings.evidence_years, settings.timezone
    people = {"asked_by": act.asked_by, "by": by}
    retention.purge(session, act.target, years=years, zone=zone, act_number=act.number, at=at, **people)


def _decide_aside(session: Session, act: Act, by: str, at: datetime, settings: Settings) -> None:
    device, decision = uuid.UUID(act.params["device"]), act.params["decision"]
    people = {"asked_by": act.asked_by, "by": by}
    aside.decide(
        session,
        device,
        decision,
        reason=act.params["reason"],
        act_number=act.number,
        at=at,
        zone=settings.timezone,
        counting=settings.counting,
        **people,
    )


def _decision(params: Params) -> Decision:
    said = {name: params[name] for name in ("about", "category", "seed", "reason")}
    units, witnesses = tuple(params["units"]), tuple(params["witnesses"])
    return Decision(way=Way(params["way"]), units=units, witnesses=witnesses, **said)


def _check_decision(session: Session, _log: str, params: Params, _at: datetime, _settings: Settings) -> None:
    deciding.check(session, params["round"], _decision(params))


def _check_standing(session: Session, _log: str, params: Params, _at: datetime, _settings: Settings) -> None:
    deciding.check_standing(session, params["round"], params["unit"], params["standing"], params["reason"])


def _check_publishing(session: Session, _log: str, params: Params, _at: datetime, _settings: Settings) -> None:
    publishing.check(session, params["round"], params["no"])


def _decide_round(session: Session, act: Act, by: str, at: datetime, _settings: Settings) -> None:
    people = {"asked_by": act.asked_by, "by": by}
    deciding.decide(session, act.params["round"], _decision(act.params), act_number=act.number, at=at, **people)


def _set_standing(session: Session, act: Act, by: str, at: datetime, _settings: Settings) -> None:
    unit, standing, reason = (act.params[name] for name in ("unit", "standing", "reason"))
    people = {"asked_by": act.asked_by, "by": by}
    deciding.set_standing(
        session, act.params["round"], unit, standing, reason=reason, act_number=act.number, at=at, **people
    )


def _publish_round(session: Session, act: Act, by: str, at: datetime, _settings: Settings) -> None:
    people = {"asked_by": act.asked_by, "by": by}
    publishing.publish(session, act.params["round"], act.params["no"], act_number=act.number, at=at, **people)


def _check_price(session: Session, _target: str, params: Params, at: datetime, settings: Settings) -> None:
    findings.check_price(session, params, at=at, terms=settings.terms)


def _price(session: Session, act: Act, by: str, at: datetime, settings: Settings) -> None:
    findings.price(session, act.params, asked_by=act.asked_by, by=by, at=at, terms=settings.terms)


def _check_erase(session: Session, _target: str, _params: Params, at: datetime, settings: Settings) -> None:
    files.check_erase(session, years=settings.evidence_years, zone=settings.timezone, at=at)


def _erase(session: Session, act: Act, by: str, at: datetime, settings: Settings) -> None:
    years, zone = settings.evidence_years, settings.timezone
    files.erase(session, years=years, zone=zone, asked_by=act.asked_by, by=by, at=at)


OPEN = "campaigns:open"
COUNT = "campaigns:count"
REOPEN = "campaigns:reopen"
RUN_DRAW = "draws:run"
EXTEND_DRAW = "draws:extend"
VOID_BATCH = "tickets:void_batch"
VOID_SHEETS = "ballots:void"
VOID_RATINGS = "ratings:set_aside"
DISMISS_FLAG = "flags:decide"
PURGE_EVIDENCE = "evidence:purge"
DECIDE_ASIDE = "ratings:decide"
PRICE_FINDING = "findings:price"
ERASE_FINDING_FILES = "findings:erase_files"
DECIDE_ROUND = "rounds:decide"
SET_STANDING = "rounds:set_standing"
PUBLISH_ROUND = "rounds:publish"
ACTS: dict[str, TwoPersonAct] = {
    OPEN: TwoPersonAct(_check_open, _open),
    COUNT: TwoPersonAct(_check_count, _count),
    REOPEN: TwoPersonAct(_check_reopen, _reopen),
    RUN_DRAW: TwoPersonAct(_check_draw, _draw),
    EXTEND_DRAW: TwoPersonAct(_check_extension, _extend),
    VOID_BATCH: TwoPersonAct(_check_void_batch, _void_batch),
    VOID_SHEETS: TwoPersonAct(_check_void, _void),
    VOID_RATINGS: TwoPersonAct(_check_void_ratings, _void_ratings),
    DISMISS_FLAG: TwoPersonAct(_check_dismissal, _dismiss),
    PURGE_EVIDENCE: TwoPersonAct(_check_purge, _purge),
    DECIDE_ASIDE: TwoPersonAct(_check_aside, _decide_aside),
    PRICE_FINDING: TwoPersonAct(_check_price, _price),
    ERASE_FINDING_FILES: TwoPersonAct(_check_erase, _erase),
    DECIDE_ROUND: TwoPersonAct(_check_decision, _decide_round),
    SET_STANDING: TwoPersonAct(_check_standing, _set_standing),
    PUBLISH_ROUND: TwoPersonAct(_check_publishing, _publish_round),
}


def ask(
    session: Session,
    kind: str,
    *,
    target: str,
    by: str,
    at: datetime,
    settings: Settings,
    params: Params | None = None,
) -> Act:
    """The first person asks; what is impossible now is refused at once and not a day later."""
    ACTS[kind].check(session, target, params or {}, at, settings)
    return service.ask(session, kind, target=target, params=params or {}, by=by, at=at)


def confirm(session: Session, number: int, *, by: str, at: datetime, settings: Settings) -> Act:
    """The second person confirms, and the act is done in the same transaction."""
    return service.confirm(session, number, by=by, at=at, demo=settings.demo, execute=executors(settings))


def executors(settings: Settings) -> dict[str, Executor]:
    """What to do by kind of act, with the time zone and the keys of ``settings``."""

    def bound(entry: TwoPersonAct) -> Executor:
        def execute(session: Session, act: Act, by: str, at: datetime) -> None:
            entry.do(session, act, by, at, settings)

        return execute

    return {kind: bound(entry) for kind, entry in ACTS.items()}
