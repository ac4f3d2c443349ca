"""What a finding costs (扣分): a rule of the line of a round's scheme, checked before it is written down."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy.orm import Session

from survey_models.core.errors import Problem
from survey_models.findings.rules import Price
from survey_models.findings.tables import Finding
from survey_models.rounds import running
from survey_models.rounds import service as rounds
from survey_models.rounds.tables import Round
from survey_models.schemes import service as schemes
from survey_models.schemes.checking import adjustments
from survey_models.schemes.fitting import leaves
from survey_models.schemes.language import Scheme
from survey_models.schemes.sources import Cases, Range, Rule


def rule_of(scheme: Scheme, component: str, rule: str) -> Rule:
    """The rule that prices a case. Raises ``finding_rule_unknown`` with the rules of that line."""
    known: dict[str, Rule] = {}
    for part in leaves(scheme):
        if part.id == component and isinstance(part.source, Cases):
            known = {one.id: one for one in part.source.rules}
    for side in adjustments(scheme):
        if side.id == component:
            known = {one.id: one for one in (*side.penalties, *side.bonuses)}
    if rule not in known:
        raise Problem("finding_rule_unknown", rule=f"{component}/{rule}", rules=", ".join(known))
    return known[rule]


def check_points(rule: Rule, points: Decimal | None) -> None:
    """Points as the rule allows them. Raises ``finding_points_unfit``."""
    if isinstance(rule.points, Range):
        fits = points is not None and rule.points.low <= points <= rule.points.high
    elif isinstance(rule.points, tuple):
        fits = points in rule.points
    else:
        fits = points is None or points == (rule.points or 0)
    if not fits:
        raise Problem("finding_points_unfit", points="" if points is None else format(points, "f"))


def check_period(found: Round, scheme: Scheme, component: str, period: str) -> None:
    """A line that starts full in every quarter or month has to know whose case it is. Raises ``finding_period_unfit``.

    One without a period could not be reckoned: the whole round would wait for it.
    """
    sources = (part.source for part in leaves(scheme) if part.id == component)
    each = next((one.per for one in sources if isinstance(one, Cases)), None)
    if each is None:
        return
    within = rounds.period_of(found)
    known = within.months if each == "month" else within.quarters
    if period not in known:
        raise Problem("finding_period_unfit", period=period or "—", periods="、".join(known))


def check_unit(session: Session, round_id: str, scheme: Scheme, component: str, unit: str | None) -> None:
    """The unit is rated in the round, and has this line. Raises ``finding_unit_not_rated``: it would cost nobody."""
    member = next((one for one in running.members_of(session, round_id) if one.code == unit), None)
    line = component in {part.id for part in leaves(scheme)}
    if member is None or (line and component not in member.parts_in(scheme)):
        raise Problem("finding_unit_not_rated", unit=unit or "—", component=component)


def check(session: Session, price: Price, *, unit: str | None, second: bool) -> Rule:
    """The rule of a price in its round's scheme; ``second``: another person approved it.

    Raises ``round_unknown``, ``round_without_scheme``, ``round_of_year``, ``finding_rule_unknown``,
    ``finding_points_unfit``, ``finding_period_unfit``, ``finding_unit_not_rated``, and of one person alone
    ``finding_needs_second`` for a discretionary amount (酌情扣分), ``finding_round_published`` for a round whose
    result is public: two people correct it, or nobody.
    """
    found, scheme_id, version = rounds.with_scheme(session, price.round_id)
    if running.is_year(found):
        raise Problem("round_of_year", round=found.id)
    if not second and rounds.published(session, found.id) is not None:
        raise Problem("finding_round_published", round=found.title)
    scheme = schemes.document_of(schemes.get(session, scheme_id, version))
    rule = rule_of(scheme, price.component, price.rule)
    check_points(rule, price.points)
    check_period(found, scheme, price.component, price.period)
    check_unit(session, found.id, scheme, price.component, unit)
    if rule.second_person and not second:
        raise Problem("finding_needs_second", rule=rule.title.zh)
    return rule


def put_on(session: Session, finding: Finding, price: Price, *, second: bool) -> None:
    """Write a checked price on a finding. Raises what :func:`check` raises."""
    rule = check(session, price, unit=finding.unit_code, second=second)
    finding.round_id = price.round_id
    finding.component, finding.rule, finding.period = price.component, price.rule, price.period
    finding.matter = price.matter or finding.matter or str(finding.id)
    finding.points = "" if price.points is None else format(price.points, "f")
    finding.article = price.article or rule.at
    finding.lost = rule.lost or ""
