"""Counts of sheets per stratum for the body above (报省汇总): issued, returned, valid, void, in one signed file.

No answer stands in it: what people chose is in the public bundle, unit by unit. The strata are the published ones,
after small cells were joined; of a stratum that is still small the counts are left out, and of as many others that
the total does not tell it.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from survey_models.campaigns import service as campaigns
from survey_models.campaigns.answers import CellAnswers
from survey_models.campaigns.cells import SMALLEST
from survey_models.campaigns.tables import Campaign
from survey_models.core.canonical import canonical_bytes
from survey_models.core.errors import Problem
from survey_models.ledger import proofs, rotation
from survey_models.ledger import service as ledger
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.notes import vkey_of
from survey_models.ledger.signing import Signer
from survey_models.publications.counts_checks import COUNTED, FORMAT, SHEETS, signed_bytes
from survey_models.questionnaires.rules import BLANK, INVALID, Form
from survey_models.results import service as results
from survey_models.results.design import lines_of
from survey_models.rosters import service as rosters
from survey_models.rounds import outcomes, service
from survey_models.tickets import service as tickets

KIND = "counts"


def counts(session: Session, round_id: str, *, signer: Signer) -> bytes:
    """The signed file of a scored round; only reads. The same round and heads give the same bytes.

    Raises ``round_unknown``, ``round_result_missing``, ``result_missing``; ``bundle_ledger_waiting`` while the log of
    the house has no head yet.
    """
    row = outcomes.latest(session, round_id)
    found, one = service.get(session, round_id), signer.current()
    head, origin, head_key = _head(session, one)
    body = {
        "format": FORMAT,
        "round": round_id,
        "title": found.title,
        "period": found.period,
        "purpose": found.purpose,
        "result": {"no": row.no, "digest": row.result_digest},
        "smallest": SMALLEST,
        "campaigns": [_campaign(session, *one) for one in sorted(service.campaigns_of(session, round_id).items())],
        "rosters": _rosters(session, round_id),
        "log": {"checkpoint": head, "vkey": vkey_of(origin, head_key)},
    }
    signature = base64.b64encode(one.sign(signed_bytes(body))).decode()
    return canonical_bytes({"counts": body, "signature": signature, "vkey": vkey_of(origin, one.public)}) + b"\n"


def record_written(session: Session, round_id: str, content: bytes, *, by: str, at: datetime) -> None:
    """Write to the ledger that the counts left the house, and which."""
    body = {"round": round_id, "kind": KIND, "manifest": hashlib.sha256(content).hexdigest()}
    ledger.record(session, SYSTEM_LOG, Event.ROUND_BUNDLE_WRITTEN, body, at=at, by=by)


def _head(session: Session, signer: Signer) -> tuple[str, str, bytes]:
    """The newest signed head of the log of the house, its origin, and the key that signed it."""
    try:
        note = proofs.newest_head(session, SYSTEM_LOG).note
    except Problem:
        raise Problem("bundle_ledger_waiting") from None
    return note, note.split("\n", 1)[0], rotation.signed_with(session, note, public=signer.public)


def _campaign(session: Session, kind: str, campaign: Campaign) -> dict[str, Any]:
    result = results.latest(session, campaign.id)
    form, joined = campaigns.form_of(session, campaign), campaigns.joined_strata_of(session, campaign.id)
    whole, kept = campaigns.cells_with_aside(session, campaign.id), campaigns.cells_of(session, campaign.id)
    issued, withdrawn = _cards(session, campaign.id, joined)
    returned, counted, blank = _sheets(whole), _sheets(kept), _blank(form, kept)
    lines = lines_of(whole)
    rows: list[dict[str, Any]] = []
    for no, names in _published(session, campaign.id, joined).items():
        numbers = {
            "issued": issued[no],
            "withdrawn": withdrawn[no],
            "returned": returned[no],
            "lines": lines.get(no, 0),
            "valid": counted[no] - blank[no],
            "void": returned[no] - counted[no] + blank[no],
        }
        rows.append({"no": no, "names": names, **numbers})
    total = {name: sum(row[name] for row in rows) for name in SHEETS}
    gone = hidden([row["returned"] for row in rows], [row["valid"] for row in rows])
    few = any(0 < total[name] < SMALLEST for name in ("returned", "valid"))
    return {
        "kind": kind,
        "campaign": campaign.id,
        "title": campaign.title,
        "result": result.result_digest,
        "strata": [row if place not in gone else _without(row) for place, row in enumerate(rows)],
        "total": _without(total) if few else total,
    }


def hidden(*numbers: Sequence[int]) -> frozenset[int]:
    """Places of the strata whose counts are left out: small ones, and others beside them until none can be reckoned.

    ``numbers``: returned and valid sheets, each by stratum. What is left out is at least two strata, and together they
    hold ten sheets, since their sum follows from the total.
    """
    small = {place for several in numbers for place, one in enumerate(several) if 0 < one < SMALLEST}
    if not small:
        return frozenset()
    others = sorted(set(range(len(numbers[0]))) - small, key=lambda place: (numbers[0][place], place))
    others = [place for place in others if numbers[0][place]]
    while others and (len(small) < 2 or any(sum(one[place] for place in small) < SMALLEST for one in numbers)):
        small.add(others.pop(0))
    return frozenset(small)


def _without(row: Mapping[str, Any]) -> dict[str, Any]:
    """The same row without what came back; how many cards went out is no secret."""
    return {**row, **dict.fromkeys(COUNTED)}


def _published(session: Session, campaign_id: str, joined: Mapping[int, int]) -> dict[int, list[str]]:
    """The published strata, each with the names of those that were joined to it."""
    found: dict[int, list[str]] = {}
    for one in campaigns.strata_of(session, campaign_id):
        found.setdefault(joined.get(one.no, one.no), []).append(f"{one.area_name} {one.kind_name}".strip())
    return dict(sorted(found.items()))


def _cards(session: Session, campaign_id: str, joined: Mapping[int, int]) -> tuple[Counter[int], Counter[int]]:
    """By published stratum the cards that were issued (发出), and those of them that were withdrawn (作废)."""
    issued, withdrawn = Counter[int](), Counter[int]()
    for batch in tickets.batches_of(session, campaign_id):
        out = batch.count + batch.reserve - batch.reserve_left
        issued[joined.get(batch.stratum_no, batch.stratum_no)] += out
    withdrawn.update(issued)
    for stratum, given in tickets.asked_of(session, campaign_id).items():
        withdrawn[joined.get(stratum, stratum)] -= given
    return issued, withdrawn


def _sheets(cells: Iterable[CellAnswers]) -> Counter[int]:
    found = Counter[int]()
    for cell in cells:
        found[cell.stratum_no] += cell.sheets
    return found


def _blank(form: Form, cells: Iterable[CellAnswers]) -> Counter[int]:
    """Sheets on which nothing is judged (空白票): every place blank or invalid."""
    nothing = [ord(BLANK), ord(INVALID)]
    places = list(form.units) or list(range(len(form.items)))
    found = Counter[int]()
    for cell in cells:
        sheets = np.frombuffer(cell.answers.encode("ascii"), dtype=np.uint8).reshape(cell.sheets, len(form.items))
        found[cell.stratum_no] += int(np.isin(sheets[:, places], nothing).all(axis=1).sum())
    return found


def _rosters(session: Session, round_id: str) -> list[dict[str, Any]]:
    """Of each roster the printed counts; nobody's name."""
    return [
        {"kind": one.kind, "title": one.title, **vars(rosters.counts_of(session, one.id))}
        for one in rosters.of_round(session, round_id)
    ]
