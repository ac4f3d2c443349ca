"""Files before they are stored (送交): read, freed of what nobody asked for, their columns matched."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from survey_models.accounts import assignments
from survey_models.accounts import service as accounts
from survey_models.accounts.rules import Role
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.tables import Campaign
from survey_models.spreadsheets.read import Sheet, read
from survey_models.spreadsheets.write import csv_bytes
from survey_models.uploads import blobs, columns, queries, rules
from survey_models.uploads.columns import How, Match
from survey_models.uploads.kinds import ballots as kind
from survey_models.uploads.tables import UploadMapping


@dataclass(frozen=True)
class Arrival:
    """A file that may be stored: readable, and without anything of a ticket code's shape.

    ``columns``: what its columns stand for, where somebody had to be asked or cells were left out; None otherwise.
    """

    filename: str
    content: bytes
    sha256: str
    sheet: Sheet
    columns: columns.Given | None = None


def examine(filename: str, content: bytes) -> Arrival:
    """Look at a file before it is stored; needs no database.

    Raises:
        Problem: ``upload_empty``, ``upload_not_readable``, ``upload_wrong_encoding``, ``upload_holds_codes``.
    """
    sheet = read(content, filename)
    rules.refuse_codes(sheet)
    return Arrival(blobs.plain_name(filename), content, hashlib.sha256(content).hexdigest(), sheet)


def columns_of(
    session: Session, campaign_id: str, arrival: Arrival, *, by: str, said: Mapping[str, str] | None = None
) -> list[Match]:
    """What each column of a file is taken for: by its heading, by what the person says or said before, or guessed.

    ``said``: heading or letters of a column → heading of the template, or nothing for a column to pass over.

    Raises ``campaign_unknown``, ``upload_mapping_unfit``.
    """
    layout = layout_of(session, campaigns.get(session, campaign_id))
    header = arrival.sheet.header
    known = queries.mapping(session, by, campaign_id, columns.digest_of(header))
    given = list(known.columns) if known else [None] * len(header)
    if said:
        given = columns.with_said(header, given, said)
        columns.check_given(header, given, layout.headings)
    return columns.match(arrival.sheet, layout.headings, given)


def remember(session: Session, campaign_id: str, header: Sequence[str], given: columns.Given, *, by: str) -> None:
    """Keep what a person says of the columns of files with these headings; for its next files, too.

    Raises:
        Problem: ``campaign_unknown``, ``upload_mapping_unfit``.
    """
    layout = layout_of(session, campaigns.get(session, campaign_id))
    columns.check_given(header, given, layout.headings)
    digest = columns.digest_of(header)
    session.merge(UploadMapping(account=by, campaign_id=campaign_id, headings=digest, columns=list(given)))
    session.flush()


def prepared(
    session: Session, campaign_id: str, arrival: Arrival, *, by: str, said: Mapping[str, str] | None = None
) -> Arrival:
    """The file as it is stored: cells of columns that are passed over are left out. Only reads.

    Raises ``campaign_unknown``, ``upload_mapping_unfit``.
    """
    matches = columns_of(session, campaign_id, arrival, by=by, said=said)
    bare = columns.without(arrival.sheet, columns.dropped(matches))
    if bare is None and not any(one.how in {How.SAID, How.DROPPED} and one.heading for one in matches):
        return arrival
    given = columns.confirmed(matches)
    if bare is None:
        return replace(arrival, columns=given)
    content = csv_bytes(columns.grid(bare))
    return Arrival(f"{arrival.filename}.csv", content, hashlib.sha256(content).hexdigest(), bare, given)


def layout_for(session: Session, campaign: Campaign, *, by: str) -> kind.Layout:
    """The part of it that somebody sends in: a contractor (承办单位) the strata assigned to it, the office all of them.

    Rows of other strata are faults then, as rows of strata that there are not.
    """
    layout = layout_of(session, campaign)
    account = accounts.known(session, by)
    if account is None or Role.CONTRACTOR not in account.roles:
        return layout
    own = assignments.strata_of(session, account.id, campaign.id)
    if own is None:
        return layout
    cells = [cell for cell in layout.cells if cell.no in own]
    areas = {cell.area_code for cell in cells}
    return replace(layout, cells=cells, points=[point for point in layout.points if point.area_code in areas])


def layout_of(session: Session, campaign: Campaign) -> kind.Layout:
    """What a file of collected questionnaires looks like in this campaign."""
    cells = [
        kind.Cell(row.no, row.area_code, row.area_name, row.kind_code, row.kind_name)
        for row in queries.strata(session, campaign.id)
    ]
    points = [kind.TestPoint(row.no, row.area_code, row.name) for row in queries.points(session, campaign.id)]
    return kind.Layout(campaigns.form_of(session, campaign), cells, points)
