"""A discretionary deduction (酌情扣分): one person asks with a reason, another approves, and only then it counts."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from survey_models.accounts.rules import Role
from survey_models.findings import rules, service
from survey_models.findings.rules import Given, Price, Terms
from survey_models.findings.service import Who
from survey_models.findings.tables import Finding


def params_of(finding_id: uuid.UUID, move: str, price: Price, note: str) -> dict[str, Any]:
    """What the act stores: the step it will take, and what it costs, as plain text."""
    points = "" if price.points is None else format(price.points, "f")
    return {
        "finding": str(finding_id),
        "move": move,
        "note": rules.fit_note(note),
        "round": price.round_id,
        "component": price.component,
        "rule": price.rule,
        "period": price.period,
        "matter": price.matter,
        "points": points,
        "article": price.article,
    }


def check_price(session: Session, params: Mapping[str, Any], *, at: datetime, terms: Terms) -> None:
    """Refuse what could not be done now. Raises what :func:`service.check` raises, and ``finding_needs``."""
    who = Who("", (Role.SETUP,))
    finding = service.get(session, uuid.UUID(params["finding"]), who=who)
    if not params["note"]:
        rules.check_given(service.REASONED, Given(), today=at.date())
    service.check(session, finding, params["move"], _given(params), who=who, at=at, terms=terms, second=True)


def price(
    session: Session, params: Mapping[str, Any], *, asked_by: str, by: str, at: datetime, terms: Terms
) -> Finding:
    """Take the step with its price; both people stand in the step and in the ledger."""
    who = Who(by, (Role.SETUP,))
    finding_id, given = uuid.UUID(params["finding"]), _given(params)
    return service.move(session, finding_id, params["move"], given, who=who, at=at, terms=terms, asked_by=asked_by)


def _given(params: Mapping[str, Any]) -> Given:
    return Given(
        note=params["note"],
        price=Price(
            round_id=params["round"],
            component=params["component"],
            rule=params["rule"],
            period=params["period"],
            matter=params["matter"],
            points=rules.points_of(params["points"]),
            article=params["article"],
        ),
    )
