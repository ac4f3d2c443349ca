"""Wire shapes of acts that need two people."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from survey_models.acts.rules import lapses_at, state_of
from survey_models.acts.tables import Act, ActState


class ActView(BaseModel):
    """One act. ``target`` is the campaign; an act still ``asked`` lapses at ``expires_at``."""

    number: int
    kind: str
    target: str
    params: dict[str, Any]
    state: ActState
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None

    @classmethod
    def of(cls, act: Act, *, at: datetime) -> "ActView":
        """The act as it stands at ``at``."""
        return cls(
            number=act.number,
            kind=act.kind,
            target=act.target,
            params=act.params,
            state=state_of(act, at),
            asked_by=act.asked_by,
            asked_at=act.asked_at,
            expires_at=lapses_at(act),
            confirmed_by=act.confirmed_by,
            confirmed_at=act.confirmed_at,
        )
