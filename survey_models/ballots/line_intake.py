"""What the intake does with lines of contractors' files (上传的行): in clear, into the box, counted with their file."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection, select

from survey_models.ballots.engines import statements_for
from survey_models.ballots.intake import UploadRow
from survey_models.ballots.statements import LineRow
from survey_models.ballots.tables import Ballot
from survey_models.campaigns.rules import Act, after
from survey_models.core.errors import Problem
from survey_models.gate.quotas import Claim, claimed, has_quotas
from survey_models.uploads.tables import Upload, UploadState


def store_rows(connection: Connection, rows: Sequence[UploadRow]) -> int:
    """Store lines of one contractor's file that is being entered; lines already there stay as they are.

    A file that was confirmed in time enters even after ``accept_until``; counting waits for it.
    """
    first = rows[0]
    campaign = statements_for(connection).campaign(connection, first.campaign_id)
    if campaign is None:
        raise Problem("campaign_unknown")
    after(campaign.state, Act.ACCEPT_FILES)
    state = connection.execute(select(Upload.state).where(Upload.id == first.upload_id)).scalar_one()
    if state != UploadState.ENTERING:
        raise Problem("upload_state_wrong", state=state)
    add = partial(statements_for(connection).add_lines, connection, first.campaign_id, first.upload_id)
    if not has_quotas(connection, first.campaign_id):
        return add(_lines(rows))
    counting = _counting(connection, rows)
    inside = [row for row in rows if counting.get(row.id, True)]
    outside = [row for row in rows if not counting.get(row.id, True)]
    return sum(add(_lines(some), aside=some is outside) for some in (inside, outside) if some)


def _counting(connection: Connection, rows: Sequence[UploadRow]) -> dict[uuid.UUID, bool]:
    """Whether each line that is not in yet has room in its quota (配额).

    Lines that are in have claimed theirs: a slice that comes a second time claims nothing.
    """
    first = rows[0]
    table = Ballot.__table__.c
    query = select(table.id).where(table.campaign_id == first.campaign_id, table.id.in_([row.id for row in rows]))
    known = set(connection.scalars(query))
    fresh = [row for row in rows if row.id not in known]
    claims = [Claim(row.stratum_no, row.point_no, row.answers) for row in fresh]
    counts = claimed(connection, first.campaign_id, first.upload_id, claims)
    return {row.id: counted for row, counted in zip(fresh, counts, strict=True)}


def _lines(rows: Sequence[UploadRow]) -> list[LineRow]:
    return [
        LineRow(
            row.id,
            row.stratum_no,
            row.point_no,
            row.questionnaire_version,
            row.answers,
            "null" if row.more is None else json.dumps(row.more, ensure_ascii=False),
            row.line,
        )
        for row in rows
    ]
