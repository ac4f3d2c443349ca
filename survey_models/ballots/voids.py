"""Setting sheets aside (剔除), an act of two people with a reason. Nothing is deleted: results say both figures.

Before counting a ticket batch or a channel is named: nobody can see a sheet yet. After it a published cell (stratum,
point, channel) or a contractor's file. One sheet alone can be named by nobody.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from survey_models.ballots import void_queries as queries
from survey_models.ballots.tables import BallotVoid, Channel
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.cells import SMALLEST
from survey_models.campaigns.rules import Act, after
from survey_models.campaigns.tables import BOX_FILLED
from survey_models.campaigns.voids import Held, cell_of, matches
from survey_models.core.errors import Problem
from survey_models.core.ids import new_id
from survey_models.fieldwork import invalid
from survey_models.fieldwork.tables import Why
from survey_models.flags import service as flags
from survey_models.flags.tables import FlagState
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.tickets.rules import fit_reason
from survey_models.tickets.tables import OPEN_STRATUM

Scope = Mapping[str, Any]
_TICKETED = frozenset({Channel.PHONE, Channel.POINT, Channel.PAPER, Channel.OPEN})
_BEFORE = ({"batch"}, {"channel"})
_AFTER = ({"stratum", "point", "channel"}, {"upload"})


@dataclass(frozen=True)
class VoidRow:
    """A correction and how many sheets it set aside; one that an earlier correction names already counts there."""

    void: BallotVoid
    sheets: int


def check(session: Session, campaign_id: str, scope: Scope, *, reason: str, flag: str | None) -> int:
    """Refuse what cannot be set aside; gives the number of sheets that would be.

    Raises:
        Problem: ``reason_unfit``, ``void_scope_unfit``, ``act_not_allowed``, ``batch_unknown``, ``upload_unknown``,
            ``void_repeated``; ``void_too_small`` after counting, where figures with and without a handful of sheets
            would show what they say; ``flag_unknown``, ``flag_decided``.
    """
    fit_reason(reason)
    campaign = campaigns.get(session, campaign_id)
    named = set(scope)
    if named not in (*_BEFORE, *_AFTER):
        raise Problem("void_scope_unfit")
    after(campaign.state, Act.VOID_SEALED if named in _BEFORE else Act.VOID_COUNTED)
    _check_named(session, campaign_id, scope)
    if flag is not None:
        flags.undecided(session, flag, fits=lambda found: found.campaign_id == campaign_id)
    earlier = queries.voids_of(session, campaign_id)
    if any(void.scope == dict(scope) for void in earlier):
        raise Problem("void_repeated")
    sheets = _counted(_held(session, campaign_id), [*(void.scope for void in earlier), scope])[-1]
    if named in _AFTER and sheets < SMALLEST:
        raise Problem("void_too_small", smallest=SMALLEST)
    return sheets


def void(
    session: Session,
    campaign_id: str,
    scope: Scope,
    *,
    reason: str,
    flag: str | None,
    act_number: int,
    asked_by: str,
    by: str,
    at: datetime,
) -> BallotVoid:
    """Set sheets aside, and decide the flag that pointed at them. Raises as ``check``."""
    campaigns.get(session, campaign_id, lock=True)
    sheets = check(session, campaign_id, scope, reason=reason, flag=flag)
    row = BallotVoid(
        campaign_id=campaign_id,
        id=new_id(),
        scope=dict(scope),
        reason=fit_reason(reason),
        act_number=act_number,
        made_at=at,
    )
    session.add(row)
    if flag is not None:
        flags.decide(session, uuid.UUID(flag), FlagState.VOIDED, act_number)
    session.flush()
    note_invalid(session, campaign_id)
    body = {
        "void": str(row.id),
        "scope": row.scope,
        "sheets": sheets,
        "reason": row.reason,
        "flag": flag,
        "act": act_number,
        "asked_by": asked_by,
    }
    record(session, campaign_id, Event.BALLOTS_VOIDED, body, at=at, by=by)
    return row


def note_invalid(session: Session, campaign_id: str) -> None:
    """Write down for the board how many sheets of each cell are set aside now; the open QR (开放扫码) has no cell.

    Done with every correction, and once more at counting: sheets of a batch or channel may have come in meanwhile.
    """
    scopes = [void.scope for void in queries.voids_of(session, campaign_id)]
    if not scopes:
        return
    batches = queries.cells_of_batches(session, campaign_id)
    found: Counter[tuple[int, int]] = Counter()
    for group in _held(session, campaign_id):
        cell = group.cell[:2] if group.cell else batches.get(group.batch or 0)
        if cell is not None and any(matches(scope, group) for scope in scopes):
            found[cell] += group.sheets
    found.pop((OPEN_STRATUM, 0), None)
    invalid.state(session, campaign_id, found, Why.ASIDE)


def check_dismissal(session: Session, log: str, flag: str, *, reason: str) -> None:
    """Refuse to dismiss a flag: ``reason_unfit``, ``flag_unknown``, ``flag_decided``."""
    fit_reason(reason)
    campaign_id = None if log == SYSTEM_LOG else log
    flags.undecided(session, flag, fits=lambda found: found.campaign_id == campaign_id)


def dismiss(
    session: Session, log: str, flag: str, *, reason: str, act_number: int, asked_by: str, by: str, at: datetime
) -> None:
    """Say with a reason that a flag means nothing (排除疑点). ``log``: its campaign, or ``system`` for a window's."""
    check_dismissal(session, log, flag, reason=reason)
    flags.decide(session, uuid.UUID(flag), FlagState.DISMISSED, act_number)
    body = {
        "flag": flag,
        "state": FlagState.DISMISSED.value,
        "reason": fit_reason(reason),
        "act": act_number,
        "asked_by": asked_by,
    }
    record(session, log, Event.FLAG_DECIDED, body, at=at, by=by)


def listed(session: Session, campaign_id: str) -> list[VoidRow]:
    """The corrections of a campaign in their order, with their numbers of sheets. Raises ``campaign_unknown``."""
    campaigns.get(session, campaign_id)
    found = queries.voids_of(session, campaign_id)
    numbers = _counted(_held(session, campaign_id), [void.scope for void in found])
    return [VoidRow(*pair) for pair in zip(found, numbers, strict=True)]


def _check_named(session: Session, campaign_id: str, scope: Scope) -> None:
    """What a scope names must be there; a cell without sheets is refused as too small."""
    if "batch" in scope and not queries.has_batch(session, campaign_id, scope["batch"]):
        raise Problem("batch_unknown", batch=scope["batch"])
    if set(scope) == {"channel"} and scope["channel"] not in _TICKETED:
        raise Problem("void_scope_unfit")
    if "upload" in scope and not queries.has_accepted_upload(session, campaign_id, scope["upload"]):
        raise Problem("upload_unknown")


def _held(session: Session, campaign_id: str) -> list[Held]:
    """Sheets in groups that a scope names whole: as they came in, and as the box and the accepted files hold them.

    What was set aside before counting is counted as it came in; a ballot of the box no longer says its batch.
    """
    campaign = campaigns.get(session, campaign_id)
    joined = campaigns.joined_strata_of(session, campaign_id)
    groups = [Held(None, batch, channel, None, n) for batch, channel, n in queries.intake_groups(session, campaign_id)]
    if campaign.state in BOX_FILLED:
        groups += [
            Held(cell_of(stratum, point, channel, joined), None, channel, upload, n)
            for stratum, point, channel, upload, n in queries.box_groups(session, campaign_id)
        ]
    return groups


def _counted(groups: Sequence[Held], scopes: Sequence[Scope]) -> list[int]:
    """Sheets by scope; each group is counted with the first scope that names it."""
    numbers = [0] * len(scopes)
    for group in groups:
        for at, scope in enumerate(scopes):
            if matches(scope, group):
                numbers[at] += group.sheets
                break
    return numbers
