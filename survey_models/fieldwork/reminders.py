"""Reminders (催办): the same sentence to everybody of a stratum, for who has answered is known to nobody."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from survey_models.campaigns import service as campaigns
from survey_models.campaigns.rules import Act, after
from survey_models.campaigns.tables import Campaign
from survey_models.core.errors import Problem
from survey_models.fieldwork.gateways import Gateway, Message, Sent, Way
from survey_models.ledger.events import Event
from survey_models.ledger.service import record
from survey_models.rosters import service as rosters
from survey_models.rosters.sealing import Sealer
from survey_models.rosters.tables import Roster, RosterEntry
from survey_models.rounds.tables import RoundCampaign
from survey_models.tickets.rules import holds_code

LONGEST = 300


@dataclass(frozen=True)
class Reminded:
    """What was handed to the gateway, or would be: the sentence, to whom, what the gateway took (None: nothing yet).

    ``to``: groups or telephone numbers; empty where telephones were only counted. ``number``: messages, at most.
    """

    text: str
    to: tuple[str, ...]
    number: int
    sent: Sent | None = None


def remind(
    session: Session,
    campaign_id: str,
    way: Way,
    *,
    gateway: Gateway,
    sealer: Sealer,
    stratum: int | None = None,
    text: str = "",
    by: str,
    at: datetime,
) -> Reminded:
    """Remind a whole stratum, or all of them, while the campaign is open; ``text`` empty: the usual sentence.

    WeChat: one message for the group of each stratum. SMS: one for each telephone on the rosters of the campaign, the
    same for all; that the roster was read stands in the ledger. Raises ``reminder_unfit``, ``reminder_nobody``.
    """
    said = _said(campaigns.get(session, campaign_id), text)
    if way is Way.SMS:
        messages = _by_sms(session, campaign_id, said, stratum, sealer=sealer, by=by, at=at)
    else:
        messages = _by_group(session, campaign_id, said, stratum)
    if not messages:
        raise Problem("reminder_nobody")
    sent = gateway.send(way, f"{campaign_id}-{at:%Y%m%dT%H%M%S%f}", messages)
    body = {
        "way": way.value,
        "stratum": stratum,
        "messages": sent.messages,
        "text": hashlib.sha256(said.encode()).hexdigest(),
    }
    record(session, campaign_id, Event.REMINDED, body, at=at, by=by)
    return Reminded(said, tuple(message.to for message in messages), sent.messages, sent)


def preview(session: Session, campaign_id: str, way: Way, *, stratum: int | None = None, text: str = "") -> Reminded:
    """What ``remind`` would do (试看): nothing is sent, and no roster is opened: its people are only counted.

    Raises as ``remind``.
    """
    said = _said(campaigns.get(session, campaign_id), text)
    groups = [] if way is Way.SMS else [message.to for message in _by_group(session, campaign_id, said, stratum)]
    number = _telephones(session, campaign_id, stratum) if way is Way.SMS else len(groups)
    if not number:
        raise Problem("reminder_nobody")
    return Reminded(said, tuple(groups), number)


def _said(campaign: Campaign, text: str) -> str:
    after(campaign.state, Act.CAST)
    return _fit(text) if text.strip() else usual(campaign)


def usual(campaign: Campaign) -> str:
    """The usual sentence, which holds for who has answered as well as for who has not."""
    contact = str(campaign.notice.get("contact") or "")
    asked = (
        f"{campaign.title}正在进行，请用您的评议卡完成评议；已经提交的请不必理会。评议是保密的，没有人知道谁已提交。"
    )
    return asked + (f"咨询：{contact}" if contact else "")


def _fit(text: str) -> str:
    said = " ".join(text.split())
    if len(said) > LONGEST or holds_code(said):
        raise Problem("reminder_unfit", limit=LONGEST)
    return said


def _by_group(session: Session, campaign_id: str, said: str, stratum: int | None) -> list[Message]:
    rows = campaigns.strata_of(session, campaign_id)
    return [Message(f"{row.area_name}·{row.kind_name}", said) for row in rows if stratum in (None, row.no)]


def _by_sms(
    session: Session, campaign_id: str, said: str, stratum: int | None, *, sealer: Sealer, by: str, at: datetime
) -> list[Message]:
    """Rosters know no strata: they are reminded whole."""
    if stratum is not None:
        raise Problem("reminder_nobody")
    phones = {
        person.phone
        for roster_id in session.scalars(_rosters(campaign_id)).all()
        for entry, person in rosters.people(session, roster_id, sealer=sealer, by=by, at=at)
        if entry.removed_on is None and person.phone
    }
    return [Message(phone, said) for phone in sorted(phones)]


def _rosters(campaign_id: str) -> Select[str]:
    same = (RoundCampaign.round_id == Roster.round_id) & (RoundCampaign.kind == Roster.kind)
    return select(Roster.id).join(RoundCampaign, same).where(RoundCampaign.campaign_id == campaign_id)


def _telephones(session: Session, campaign_id: str, stratum: int | None) -> int:
    """People on the rosters: nobody's telephone is looked at, so that some may have none."""
    if stratum is not None:
        return 0
    kept = RosterEntry.removed_on.is_(None), RosterEntry.sealed != b""
    staying = RosterEntry.roster_id.in_(_rosters(campaign_id)), *kept
    return int(session.scalar(select(func.count()).select_from(RosterEntry).where(*staying)) or 0)
