"""What people and jobs do with flags (疑点): look, list, decide. A flag deletes nothing and changes no number.

The slow part, looking, only reads; ``record`` writes what was found, each finding once, and the ledger says that the
rules were run, by which frozen rule set, and what came of it.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from survey_models.campaigns import service as campaigns
from survey_models.campaigns.tables import Campaign, State
from survey_models.core.canonical import digest
from survey_models.core.clock import local_day, local_minute
from survey_models.core.errors import Problem
from survey_models.core.ids import new_id
from survey_models.core.upsert import insert_new
from survey_models.flags import queries
from survey_models.flags.campaign_runs import counted_sightings, sealed_sightings
from survey_models.flags.rules import after_decision, rule_set
from survey_models.flags.sightings import Sighting
from survey_models.flags.tables import Flag, FlagState
from survey_models.flags.upload_runs import upload_sightings
from survey_models.flags.window_runs import window_sightings
from survey_models.jobs import service as jobs
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.units import service as units
from survey_models.uploads.kinds.ballots import Entry, Layout

DAILY = "flags:daily"
# Half past one at night: the day before is over, and nobody counts.
_DAILY_MINUTE = 90
_ANSWERED = frozenset({State.COUNTED, State.PUBLISHED})


def look_at_campaign(session: Session, campaign_id: str, *, at: datetime, zone: str) -> list[Sighting]:
    """Run the rules over one campaign; only reads. Answers are looked at once it is counted and never before."""
    campaign = campaigns.get(session, campaign_id)
    found = sealed_sightings(session, campaign, rule_set(), today=local_day(at, zone), zone=zone)
    if campaign.state in _ANSWERED:
        found += counted_sightings(session, campaign, rule_set())
    return found


def look_at_windows(
    session: Session, *, at: datetime, zone: str, keep: Callable[[], None] = lambda: None
) -> list[Sighting]:
    """Run the rules over the ratings of every window; only reads. ``keep`` is called now and then."""
    return window_sightings(session, rule_set(), today=local_day(at, zone), zone=zone, keep=keep)


def look_at_upload(campaign_id: str, upload_id: uuid.UUID, entries: Sequence[Entry], layout: Layout) -> list[Sighting]:
    """Run the rules over the rows of a checked file; needs no database."""
    return upload_sightings(campaign_id, upload_id, entries, layout, rule_set())


def record_campaign(session: Session, campaign_id: str, found: Sequence[Sighting], *, at: datetime) -> list[Flag]:
    """Keep what a run over a campaign found; findings that are flags already stay as they are."""
    campaign = campaigns.get(session, campaign_id)
    new = _keep(session, found, at=at)
    record(session, campaign_id, Event.FLAGS_LOOKED, {"state": campaign.state, **_body(found, new)}, at=at)
    return new


def record_windows(session: Session, found: Sequence[Sighting], *, at: datetime) -> list[Flag]:
    """Keep what a run over the windows found."""
    new = _keep(session, found, at=at)
    record(session, SYSTEM_LOG, Event.FLAGS_WINDOWS_LOOKED, _body(found, new), at=at)
    return new


def _body(found: Sequence[Sighting], new: Sequence[Flag]) -> dict[str, Any]:
    """Rule set, number of findings, and for each new flag its id, rule and the digest of what it says."""
    flags = [[str(flag.id), flag.rule, digest([flag.scope, flag.evidence])] for flag in new]
    return {"rule_set": rule_set().hash, "found": len(found), "flags": flags}


def _keep(session: Session, found: Sequence[Sighting], *, at: datetime) -> list[Flag]:
    rules = rule_set()
    marked = {sighting.mark(rules): sighting for sighting in found}
    known = queries.marks_known(session, list(marked))
    rows = [
        {
            "id": new_id(),
            "campaign_id": sighting.campaign_id,
            "window_id": sighting.window_id,
            "upload_id": sighting.upload_id,
            "rule": sighting.rule.value,
            "rule_set": rules.hash,
            "scope": sighting.scope,
            "evidence": sighting.evidence,
            "mark": mark,
            "made_at": at,
            "state": FlagState.OPEN.value,
            "act_number": None,
        }
        for mark, sighting in marked.items()
        if mark not in known
    ]
    if not rows:
        return []
    # Another worker may have found the same at this moment.
    inserted = insert_new(session.connection(), Flag, rows, key="id")
    return [session.get_one(Flag, row["id"]) for row in rows if row["id"] in inserted]


def run_campaign(session: Session, campaign_id: str, *, at: datetime, zone: str) -> list[Flag]:
    """Look at a campaign and keep what was found, in one transaction."""
    return record_campaign(session, campaign_id, look_at_campaign(session, campaign_id, at=at, zone=zone), at=at)


def run_windows(session: Session, *, at: datetime, zone: str) -> list[Flag]:
    """Look at the windows and keep what was found, in one transaction."""
    return record_windows(session, look_at_windows(session, at=at, zone=zone), at=at)


def running(session: Session) -> Sequence[Campaign]:
    """The campaigns that a daily run looks at."""
    return queries.running(session)


def get(session: Session, flag_id: uuid.UUID) -> Flag:
    """One flag. Raises ``flag_unknown``."""
    found = session.get(Flag, flag_id)
    if found is None:
        raise Problem("flag_unknown")
    return found


def undecided(session: Session, flag: str, *, fits: Callable[[Flag], bool]) -> Flag:
    """The open flag whose id is written ``flag``, of whatever ``fits``. Raises ``flag_unknown``, ``flag_decided``."""
    try:
        found = get(session, uuid.UUID(flag))
    except ValueError:
        raise Problem("flag_unknown") from None
    if not fits(found):
        raise Problem("flag_unknown")
    after_decision(found.state, FlagState.DISMISSED)
    return found


def decide(session: Session, flag_id: uuid.UUID, state: str, act_number: int) -> Flag:
    """Dismiss or void an open flag by an act of two people. Raises ``flag_unknown``, ``flag_decided``.

    Only the flag changes here; what is voided, and the ledger's entry of the act, are of the act itself.
    """
    flag = session.get(Flag, flag_id, with_for_update=True)
    if flag is None:
        raise Problem("flag_unknown")
    flag.state = after_decision(flag.state, state).value
    flag.act_number = act_number
    session.flush()
    return flag


def listed(session: Session, *, state: str | None = None) -> Sequence[Flag]:
    """The newest flags of all campaigns and windows, at most 400."""
    return queries.flags(session, state=state)


def of_campaign(session: Session, campaign_id: str, *, state: str | None = None) -> Sequence[Flag]:
    """The flags of a campaign and of its files, newest first. Raises ``campaign_unknown``."""
    return queries.flags(session, campaign_id=campaigns.get(session, campaign_id).id, state=state)


def of_window(session: Session, window_id: str, *, state: str | None = None) -> Sequence[Flag]:
    """The flags of a window, newest first. Raises ``window_unknown``."""
    return queries.flags(session, window_id=units.get_window(session, window_id).id, state=state)


def of_upload(session: Session, upload_id: uuid.UUID) -> Sequence[Flag]:
    """The flags of a contractor's file."""
    return queries.flags(session, upload_id=upload_id)


def numbers_by_rule(found: Sequence[Sighting]) -> list[dict[str, Any]]:
    """What a contractor is shown: each rule in words and how often it struck."""
    rules, counted = rule_set(), Counter(sighting.rule for sighting in found)
    return [
        {"rule": rule.value, "zh": rules.rule(rule).zh, "en": rules.rule(rule).en, "count": number}
        for rule, number in sorted(counted.items())
    ]


def schedule(session: Session, *, at: datetime, zone: str) -> bool:
    """See to it that the next daily run waits in the queue, at half past one at night. Whether one was put in."""
    if jobs.waiting(session, lock_key=DAILY):
        return False
    minutes = (_DAILY_MINUTE - local_minute(at, zone)) % (24 * 60)
    run_at = at + timedelta(minutes=minutes or 24 * 60)
    jobs.enqueue(session, DAILY, {}, lock_key=DAILY, at=at, run_at=run_at)
    return True
