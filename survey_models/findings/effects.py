"""What some moves bring about beside the new state (后续): a signature, a violation of its own, repeat flags."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from sqlalchemy.orm import Session

from survey_models.findings import queries, rules
from survey_models.findings.machines import Kind
from survey_models.findings.rules import Given, Limits, NewFinding
from survey_models.findings.tables import Finding

Effect = Callable[[Session, Finding, Given, date, Limits], Iterable[NewFinding]]
"""Changes the finding, and says which findings follow from it."""


def _signed(_session: Session, finding: Finding, _given: Given, _today: date, _limits: Limits) -> list[NewFinding]:
    finding.signature = "signed"
    return []


def _refused(_session: Session, finding: Finding, given: Given, _today: date, _limits: Limits) -> list[NewFinding]:
    """Refusing to sign blocks nothing and is a violation of its own (宣直〔2019〕48号, article 7)."""
    finding.signature = "refused"
    matter = f"{rules.REFUSAL}:{finding.id}"
    follows = NewFinding(
        Kind(finding.kind), finding.unit_code or "", given.note, plan=finding.plan, matter=matter, parent=finding.id
    )
    return [follows]


def _forwarded(session: Session, finding: Finding, given: Given, today: date, limits: Limits) -> list[NewFinding]:
    """The unit has it now; this complaint may be the third on its matter, or of its month."""
    finding.unit_code = given.unit_code or finding.unit_code
    finding.matter = given.matter.strip()[:120] or finding.matter or str(finding.id)
    session.flush()
    unit = finding.unit_code or ""
    matter_days = queries.complaint_days(session, unit, matter=finding.matter)
    flags = rules.repeats(queries.complaint_days(session, unit), matter_days, today=today, limits=limits)
    finding.flags = " ".join(flags)
    return []


def _blamed(_session: Session, finding: Finding, _given: Given, _today: date, _limits: Limits) -> list[NewFinding]:
    finding.flags = " ".join(dict.fromkeys([*finding.flags.split(), "accountability"]))
    return []


AFTER: dict[str, Effect] = {"sign": _signed, "refuse": _refused, "forward": _forwarded, "blame": _blamed}
