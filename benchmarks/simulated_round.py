"""Made-up field work of a planned round: that of the demo, and months of window ratings beside it."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from api.demo.field_work import Hands
from survey_models.core.ids import new_id
from survey_models.ratings.tables import Rating
from survey_models.units.tables import Window

BY, OTHER, ZONE = "bench", "bench-2", "Asia/Shanghai"
HANDS = Hands(BY, OTHER, ZONE)
RETURNED = 0.93
RATINGS = 60


def rated(session: Session, windows: int, month: date, owners: Sequence[str] = ()) -> int:
    """Windows, made where there are none yet, with a month of ratings each; how many. ``owners``: units in turn."""
    chance, rows = random.Random(5), []
    for no in range(1, windows + 1):
        name = f"bench-{no:03}"
        if session.get(Window, name) is None:
            owner = owners[no % len(owners)] if owners else None
            words = {"number": f"{no}", "name": f"窗口{no}", "hall": "大厅", "business": "综合"}
            session.add(Window(id=name, unit_code=owner, made_up=True, **words))
        device = new_id()
        for tap in range(RATINGS):
            day = month + timedelta(days=tap % 28)
            at = datetime.fromisoformat(f"{day.isoformat()}T02:{tap % 60:02}:00+00:00")
            rows.append(
                {
                    "window_id": name,
                    "id": uuid.uuid4(),
                    "device_id": device,
                    "code": chance.choices("54321", weights=[60, 25, 9, 4, 2])[0],
                    "reasons": [],
                    "device_time": at,
                    "received_at": at,
                    "day": day,
                    "channel": "terminal",
                    "given_on": day,
                    "mark": None,
                }
            )
    session.flush()
    session.execute(insert(Rating), rows)
    return len(rows)
