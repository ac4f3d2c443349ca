"""The office's own words in the notice of privacy (隐私告知): who is asked about it, and what the survey is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from survey_models.campaigns.rules import Act, after
from survey_models.campaigns.service import get
from survey_models.campaigns.tables import Campaign
from survey_models.core.canonical import digest
from survey_models.ledger.events import Event
from survey_models.ledger.service import record

LANGUAGES = ("zh", "hant", "en")
LONGEST_CONTACT = 120
LONGEST_TEXT = 400


@dataclass(frozen=True)
class OfficeNotice:
    """``contact``: an office and its telephone; ``texts``: one paragraph by language (``zh``, ``hant``, ``en``)."""

    contact: str
    texts: Mapping[str, str]

    def document(self) -> dict[str, Any]:
        """As it is stored; what is empty is left out."""
        texts = {language: text.strip() for language, text in self.texts.items() if text.strip()}
        return {
            **({"contact": self.contact.strip()} if self.contact.strip() else {}),
            **({"text": texts} if texts else {}),
        }


def set_notice(session: Session, campaign_id: str, notice: OfficeNotice, *, by: str, at: datetime) -> Campaign:
    """State or change it, until the campaign is closed. Raises ``campaign_unknown``, ``act_not_allowed``."""
    campaign = get(session, campaign_id, lock=True)
    after(campaign.state, Act.SET_NOTICE)
    campaign.notice = notice.document()
    record(session, campaign_id, Event.NOTICE_SET, {"notice": digest(campaign.notice)}, at=at, by=by)
    return campaign
