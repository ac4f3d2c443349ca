"""The closed set of ledger events, ``noun:act``. Listed with their bodies in docs/events.md."""

from __future__ import annotations

from enum import StrEnum

SYSTEM_LOG = "system"


class Event(StrEnum):
    """Everything that is ever written to the ledger."""

    ACCOUNT_MADE = "accounts:made"
    ACCOUNT_RESET = "accounts:reset"
    SIGNED_IN = "accounts:signed_in"
    ACT_ASKED = "acts:asked"
    ACT_CONFIRMED = "acts:confirmed"
    UNITS_IMPORTED = "units:imported"
    FRAME_FROZEN = "frames:frozen"
    DRAW_PLANNED = "draws:planned"
    DRAW_RUN = "draws:run"
    DRAW_EXTENDED = "draws:extended"
    DRAW_EXPORTED = "draws:exported"
    TICKETS_ISSUED = "tickets:issued"
    TICKET_VOIDED = "tickets:voided"
    CAMPAIGN_MADE = "campaigns:made"
    CAMPAIGN_READY = "campaigns:ready"
    CAMPAIGN_OPENED = "campaigns:opened"
    CAMPAIGN_CLOSED = "campaigns:closed"
    ESTIMATION_SET = "campaigns:estimation_set"
    CAMPAIGN_REOPENED = "campaigns:reopened"
    COUNTING_BEGUN = "campaigns:counting_begun"
    CAMPAIGN_COUNTED = "campaigns:counted"
    BALLOT_CAST = "ballots:cast"
    UPLOAD_RECEIVED = "uploads:received"
    UPLOAD_REJECTED = "uploads:rejected"
    UPLOAD_CHECKED = "uploads:checked"
    UPLOAD_ENTERING = "uploads:entering"
    UPLOAD_ACCEPTED = "uploads:accepted"
    UPLOAD_WITHDRAWN = "uploads:withdrawn"
    WINDOW_MADE = "windows:made"
    PAIRING_MADE = "devices:pairing_made"
    DEVICE_PAIRED = "devices:paired"
    RESULT_COMPUTED = "results:computed"
    REPORT_EXPORTED = "reports:exported"
