"""Quotas of telephone and intercept samples (电话调查、拦截访问的配额): counters that never pass their target.

A quota is a cell: a stratum, perhaps a point, perhaps answers of background items. Lines of a contractor's file claim
their cell when they enter, by one conditional statement each time; what finds the cell full is kept and not counted.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from survey_models.campaigns import service as campaigns
from survey_models.campaigns.tables import State
from survey_models.core.errors import Problem
from survey_models.core.upsert import add_to
from survey_models.gate import holds, queries
from survey_models.gate.tables import GateQuota, GateQuotaUse
from survey_models.ledger.events import Event
from survey_models.ledger.service import record
from survey_models.questionnaires.rules import BACKGROUND, Form
from survey_models.uploads.tables import Upload

_SETTABLE = frozenset({State.READY, State.OPEN})


@dataclass(frozen=True)
class QuotaWish:
    """A cell and its target. ``answers``: background item → option code; ``point_no`` 0: any point."""

    stratum_no: int
    target: int
    point_no: int = 0
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Claim:
    """What a line needs to find its quota."""

    stratum_no: int
    point_no: int
    answers: str = field(repr=False)


def put(session: Session, campaign_id: str, wish: QuotaWish, *, by: str, at: datetime) -> GateQuota:
    """Set the target of a cell, once more or for the first time; never below what is counted.

    Raises ``campaign_unknown``, ``act_not_allowed`` unless the questionnaire is fixed and files are not yet over,
    ``stratum_unknown``, ``tablet_point_unknown``, ``request_malformed``, ``option_outside_scale`` and
    ``quota_below_count``.
    """
    campaign = campaigns.get(session, campaign_id, lock=True)
    if State(campaign.state) not in _SETTABLE:
        raise Problem("act_not_allowed", state=campaign.state, act="set_quota")
    if wish.stratum_no not in queries.names_of_strata(session, campaign_id):
        raise Problem("stratum_unknown", strata=wish.stratum_no)
    if wish.point_no and wish.point_no not in queries.names_of_points(session, campaign_id):
        raise Problem("tablet_point_unknown")
    places = _places(session, campaign_id, wish.answers)
    there = queries.quotas(session, campaign_id)
    cell = (wish.stratum_no, wish.point_no, places)
    found = next((one for one in there if (one.stratum_no, one.point_no, one.places) == cell), None)
    if found is None:
        no = 1 + max((one.no for one in there), default=0)
        found = GateQuota(
            campaign_id=campaign_id,
            no=no,
            stratum_no=wish.stratum_no,
            point_no=wish.point_no,
            places=places,
            target=wish.target,
            counted=0,
            held=0,
            over=0,
        )
        session.add(found)
        session.flush()
    elif not _retarget(session, found, wish.target):
        raise Problem("quota_below_count", target=wish.target)
    body = {
        "quota": found.no,
        "stratum": found.stratum_no,
        "point": found.point_no,
        "answers": dict(sorted(wish.answers.items())),
        "target": wish.target,
    }
    record(session, campaign_id, Event.GATE_QUOTA_SET, body, at=at, by=by)
    session.refresh(found)
    return found


def _retarget(session: Session, quota: GateQuota, target: int) -> bool:
    done = session.execute(
        update(GateQuota)
        .where(GateQuota.campaign_id == quota.campaign_id, GateQuota.no == quota.no)
        .where(GateQuota.counted + GateQuota.held <= target)
        .values(target=target)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def _places(session: Session, campaign_id: str, answers: Mapping[str, str]) -> list[list[int | str]]:
    form = campaigns.form_of(session, campaigns.get(session, campaign_id))
    found: list[list[int | str]] = []
    for key, code in sorted(answers.items()):
        place = form.place.get(key)
        if place is None or form.items[place].kind != BACKGROUND:
            raise Problem("request_malformed", where=f"answers.{key[:40]}")
        if code not in {option.code for option in form.scales[form.items[place].scale]}:
            raise Problem("option_outside_scale", item=form.items[place].label)
        found.append([place, code])
    return found


class Room(StrEnum):
    """How much room a quota has: ``nearly``: a tenth of the target or less is left."""

    OPEN = "open"
    NEARLY = "nearly"
    FULL = "full"


@dataclass(frozen=True)
class QuotaStanding:
    """A quota in words, and whether somebody may still be asked; ``mine``: places that the reader holds.

    ``answers``: pairs of label in Chinese and English, question and option in one.
    """

    quota: GateQuota
    stratum: str
    point: str
    answers: tuple[tuple[str, str], ...]
    mine: int

    @property
    def left(self) -> int:
        """Places that nobody has yet."""
        return self.quota.target - self.quota.counted - self.quota.held

    @property
    def room(self) -> Room:
        """Open, nearly full or full."""
        if self.left <= 0:
            return Room.FULL
        return Room.NEARLY if self.left * 10 <= self.quota.target else Room.OPEN


def standing(session: Session, campaign_id: str, *, contractor: str = "") -> list[QuotaStanding]:
    """The quotas of a campaign in words, in their order. Raises ``campaign_unknown``."""
    found = listed(session, campaign_id)
    if not found:
        return []
    form = campaigns.form_of(session, campaigns.get(session, campaign_id))
    strata, points = queries.names_of_strata(session, campaign_id), queries.names_of_points(session, campaign_id)
    mine = holds.of_contractor(session, campaign_id, contractor)
    return [
        QuotaStanding(
            one, strata.get(one.stratum_no, ""), points.get(one.point_no, ""), _said(form, one), mine.get(one.no, 0)
        )
        for one in found
    ]


def _said(form: Form, quota: GateQuota) -> tuple[tuple[str, str], ...]:
    said = []
    for place, code in quota.places:
        item = form.items[int(place)]
        option = next(one for one in form.scales[item.scale] if one.code == code)
        said.append((f"{item.label} {option.label}", f"{item.label_en} {option.label_en}"))
    return tuple(said)


def has_quotas(connection: Connection, campaign_id: str) -> bool:
    """Whether anybody set a quota: most campaigns have none."""
    return connection.scalar(select(GateQuota.no).where(GateQuota.campaign_id == campaign_id).limit(1)) is not None


def claimed(connection: Connection, campaign_id: str, upload_id: uuid.UUID, claims: Sequence[Claim]) -> list[bool]:
    """For each new line whether it counts. Called by the ballot writer, in its transaction.

    The narrowest quota that fits is claimed; a line that fits none counts. Never more lines count than the target.
    Places that the sender holds (占位) are used first.
    """
    sender = connection.scalar(select(Upload.sent_by).where(Upload.id == upload_id))
    query = select(GateQuota.no, GateQuota.stratum_no, GateQuota.point_no, GateQuota.places).where(
        GateQuota.campaign_id == campaign_id
    )
    cells = sorted(connection.execute(query).all(), key=lambda row: (-len(row.places), row.point_no == 0, row.no))
    fitting: dict[int, list[int]] = {}
    for at, claim in enumerate(claims):
        no = next((row.no for row in cells if _fits(claim, row.stratum_no, row.point_no, row.places)), None)
        if no is not None:
            fitting.setdefault(no, []).append(at)
    counts = [True] * len(claims)
    for no, places in sorted(fitting.items()):
        redeemed = holds.redeem(connection, campaign_id, no, sender, len(places))
        granted = redeemed + grant(connection, campaign_id, no, len(places) - redeemed)
        for at in places[granted:]:
            counts[at] = False
        over = len(places) - granted
        use = {"campaign_id": campaign_id, "no": no, "upload_id": upload_id, "counted": granted, "over": over}
        _note(connection, use)
    return counts


def _fits(claim: Claim, stratum_no: int, point_no: int, places: Sequence[Sequence[int | str]]) -> bool:
    return (
        claim.stratum_no == stratum_no
        and point_no in {0, claim.point_no}
        and all(claim.answers[int(place)] == code for place, code in places)
    )


def grant(connection: Connection, campaign_id: str, no: int, wanted: int) -> int:
    """Take up to ``wanted`` places of a quota; how many there were. Each step is one conditional statement.

    Steps are halved: what is left of the room is found in about twenty of them, and none passes the target whoever
    else counts at the same moment.
    """
    taken, step = 0, 1 << max(0, wanted.bit_length() - 1)
    while step:
        if taken + step <= wanted:
            done = connection.execute(
                update(GateQuota)
                .where(
                    GateQuota.campaign_id == campaign_id,
                    GateQuota.no == no,
                    GateQuota.counted + GateQuota.held + step <= GateQuota.target,
                )
                .values(counted=GateQuota.counted + step)
            )
            taken += step if done.rowcount else 0
        step >>= 1
    return taken


def _note(connection: Connection, use: Mapping[str, Any]) -> None:
    """Write down what the lines of a file took of a quota, and how many found it full."""
    if use["over"]:
        connection.execute(
            update(GateQuota)
            .where(GateQuota.campaign_id == use["campaign_id"], GateQuota.no == use["no"])
            .values(over=GateQuota.over + use["over"])
        )
    add_to(connection, GateQuotaUse, [use], key=("campaign_id", "no", "upload_id"), counters=("counted", "over"))


def release(session: Session, campaign_id: str, upload_id: uuid.UUID) -> None:
    """A file was withdrawn: its lines give their places back. What was over stays over until it is sent again."""
    for use in queries.quota_uses(session, campaign_id, upload_id):
        session.execute(
            update(GateQuota)
            .where(GateQuota.campaign_id == campaign_id, GateQuota.no == use.no)
            .values(counted=GateQuota.counted - use.counted, over=GateQuota.over - use.over)
        )
        session.delete(use)
    session.flush()


def listed(session: Session, campaign_id: str) -> Sequence[GateQuota]:
    """The quotas of a campaign. Raises ``campaign_unknown``."""
    campaigns.get(session, campaign_id)
    return queries.quotas(session, campaign_id)
