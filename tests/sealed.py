"""Keys for campaigns of tests, and their counting: with a key in the office, or on the server."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from api.keys import make_sealing_key
from survey_models.ballots import service as ballots
from survey_models.ballots.sealing import public_of
from survey_models.ballots.tables import KeptBy
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.tables import State

PRIVATE = bytes(range(32))
PUBLIC = public_of(PRIVATE)
ZONE = "Asia/Shanghai"


def seal_in_office(session: Session, campaign_id: str, *, at: datetime) -> None:
    """The campaign is sealed to a key that no server has."""
    ballots.register_key(session, campaign_id, PUBLIC, kept=KeptBy.OFFICE, by="test", at=at)


def seal_on_server(session: Session, campaign_id: str, folder: Path, *, at: datetime) -> None:
    """The campaign is sealed to a key in the data folder ``folder``."""
    public = make_sealing_key(folder, campaign_id)
    ballots.register_key(session, campaign_id, public, kept=KeptBy.SERVER, by="test", at=at)


def no_key(campaign_id: str) -> bytes:
    """What a server without keys answers."""
    raise AssertionError(f"nobody should ask this server for the key of {campaign_id}")


def count(session: Session, campaign_id: str, *, at: datetime, private: bytes = PRIVATE) -> None:
    """Count a closed campaign as two people and, where its key is in the office, the office do."""
    campaign = campaigns.begin_counting(session, campaign_id, by="test", at=at, zone=ZONE)
    ballots.count(session, campaign_id, server_key=no_key, by="test", at=at)
    if campaign.state == State.COUNTING:
        ballots.fill_box(session, ballots.open_sheets(session, campaign_id, private), by=None, at=at)
