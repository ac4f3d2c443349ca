"""A visit by the open QR (开放扫码): its one-visit ticket and the device cookie. Personal codes know neither."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fastapi import Request, Response

from api.db import reading
from api.settings import Settings
from survey_models.ballots.open_door import variant_of
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.rules import Act, after
from survey_models.campaigns.tables import Campaign
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.questionnaires.rules import Form
from survey_models.tickets import open_qr

HALF_A_YEAR = 15_552_000


@dataclass(frozen=True)
class Visit:
    """A visit that has begun: ``ticket`` goes into the form, ``cookie`` to the browser."""

    campaign: Campaign
    form: Form
    ticket: str = field(repr=False)
    cookie: str = field(repr=False)
    expires_at: datetime
    seconds: int


def cookie_name(settings: Settings) -> str:
    """Over https only this host may set it, and nothing else may read it."""
    return "__Host-pingyi-device" if settings.https else "pingyi-device"


def cookie_in(request: Request) -> str:
    """The device cookie that came along; empty where there is none."""
    return request.cookies.get(cookie_name(request.app.state.settings), "")


def open_campaign_of(state: Any, campaign_id: str) -> tuple[Campaign, Form]:
    """A campaign with an open QR and its form. Raises ``campaign_unknown``, ``open_channel_off``."""
    with reading(state.engine) as session:
        campaign = campaigns.get(session, campaign_id)
        form = campaigns.form_of(session, campaign)
    if not campaign.open_channel:
        raise Problem("open_channel_off")
    variant_of(form)
    return campaign, form


def arrive(state: Any, campaign_id: str, cookie: str) -> Visit:
    """A fresh ticket for somebody who asked for one.

    Raises ``campaign_unknown``, ``open_channel_off``, ``campaign_not_open``, ``campaign_closed``; and
    ``open_device_used`` at once, before anybody fills in a sheet for nothing.
    """
    campaign, form = open_campaign_of(state, campaign_id)
    after(campaign.state, Act.CAST)
    device = open_qr.device_digest(cookie, campaign_id, pepper=state.pepper)
    if device is not None:
        with reading(state.engine) as session:
            if open_qr.has_answered(session, campaign_id, device):
                raise Problem("open_device_used")
    at = clock.now()
    return Visit(
        campaign=campaign,
        form=form,
        ticket=open_qr.new_ticket(campaign_id, pepper=state.pepper, at=at),
        cookie=cookie if device is not None else open_qr.new_cookie(state.pepper),
        expires_at=at + open_qr.GOOD_FOR,
        seconds=open_qr.shortest_fill(len(form.asked)),
    )


def keep_cookie(response: Response, settings: Settings, cookie: str) -> None:
    """Give the browser its device cookie; scripts cannot read it and other sites' requests do not carry it."""
    response.set_cookie(
        cookie_name(settings),
        cookie,
        max_age=HALF_A_YEAR,
        path="/",
        secure=settings.https,
        httponly=True,
        samesite="lax",
    )
