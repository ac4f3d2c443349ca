"""Twelve ways to tamper with a counted poll; each form gives the checks by which it was found."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from survey_models.ballots.tables import Ballot
from survey_models.campaigns.tables import Stratum
from survey_models.core import clock
from survey_models.core.canonical import canonical_bytes
from survey_models.evidence import documents
from survey_models.evidence.kinds import Kind
from survey_models.ledger.events import Event
from survey_models.ledger.merkle import leaf_hash, root_of
from survey_models.ledger.notes import Checkpoint, read_checkpoint, signed_note, vkey_of
from survey_models.ledger.service import record
from survey_models.ledger.signing import Signer
from survey_models.ledger.tables import LedgerEntry, LedgerHead
from survey_models.ledger.tiles import leaf_data
from survey_models.results.tables import ResultRow
from survey_models.tickets.tables import Ticket, TicketBatch
from survey_models.uploads.tables import Blob
from tests.proofs.tampering import LOG, Files, Insider, Scene, count, failed

Form = Callable[[Scene], list[str]]
STRANGER = Signer(bytes(31) + b"\x07")


def in_database(change: Callable[[Session], None], *, kind: Kind = Kind.AUDITOR, rescored: bool = False) -> Form:
    """Change the counted database, perhaps compute the result anew, and write the bundle."""

    def form(scene: Scene) -> list[str]:
        with scene.insider() as insider:
            with insider.work() as session:
                change(session)
            if rescored:
                insider.score()
            return failed(insider.bundle(kind), scene.trust)

    return form


def by_insider(act: Callable[[Insider], None], *, kind: Kind = Kind.AUDITOR) -> Form:
    """The same for acts of several transactions."""

    def form(scene: Scene) -> list[str]:
        with scene.insider() as insider:
            act(insider)
            return failed(insider.bundle(kind), scene.trust)

    return form


def at_counting(act: Callable[[Insider], None]) -> Form:
    """The same before anything was counted: what a witness saw then is continued, and nothing else can tell."""

    def form(scene: Scene) -> list[str]:
        with scene.insider(counted=False) as insider:
            insider.grow()
            trust = insider.trusted()
            act(insider)
            return failed(insider.bundle(Kind.AUDITOR), trust)

    return form


def in_archive(change: Callable[[Files], None], *, kind: Kind = Kind.PUBLIC) -> Form:
    """Change files of a good bundle and write its manifest anew."""

    def form(scene: Scene) -> list[str]:
        with scene.insider() as insider:
            files = insider.bundle(kind)
        change(files)
        return failed(listed_anew(files), scene.trust)

    return form


def listed_anew(files: Files) -> Files:
    """The files with a manifest that fits them."""
    manifest = json.loads(files.pop(documents.MANIFEST))
    head = read_checkpoint(files[documents.CHECKPOINT].decode().partition("\n\n")[0] + "\n")
    manifest["log"] = {"origin": head.origin, "size": head.size, "root": head.root.hex()}
    manifest["files"] = {name: hashlib.sha256(raw).hexdigest() for name, raw in files.items()}
    return {documents.MANIFEST: documents.as_json(manifest), **files}


# ------------------------------------------------------------------------------------------------ the box


def box(session: Session) -> list[Ballot]:
    """The ballots that had a ticket."""
    query = select(Ballot).where(Ballot.campaign_id == LOG, Ballot.upload_id.is_(None)).order_by(Ballot.id)
    return list(session.scalars(query))


def edit_ballot(session: Session) -> None:
    """One representative's 不满意 becomes 满意."""
    row = next(ballot for ballot in box(session) if ballot.answers[1] == "3")
    row.answers = row.answers[0] + "1" + row.answers[2:]


def delete_ballot(session: Session) -> None:
    session.delete(box(session)[0])


def insert_ballot(session: Session) -> None:
    row = box(session)[0]
    columns = {column.key: getattr(row, column.key) for column in Ballot.__table__.columns}
    session.execute(insert(Ballot).values({**columns, "id": uuid.uuid4()}))


def swap_between_cells(session: Session) -> None:
    """A satisfied and a dissatisfied ballot of two strata change places: numbers stay as they were."""
    rows = box(session)
    one = next(row for row in rows if row.stratum_no == 1 and row.channel == "phone" and row.answers[1] == "1")
    other = next(row for row in rows if row.stratum_no == 3 and row.channel == "phone" and row.answers[1] == "3")
    one.answers, other.answers = other.answers, one.answers


def edit_line(files: Files) -> None:
    """In the archive itself: one answer of a ballot that had a ticket."""
    lines = [line.split(b",") for line in files[documents.BOX].split(b"\n")]
    cells = next(cells for cells in lines[1:] if not cells[-1])
    cells[5] = (b"1" if cells[5][:1] != b"1" else b"3") + cells[5][1:]
    files[documents.BOX] = b"\n".join(b",".join(cells) for cells in lines)


def edit_tally(files: Files) -> None:
    """In the public archive: a dissatisfied answer becomes a satisfied one, in the stratum and in the total."""
    lines = [line.split(b",") for line in files[documents.TALLIES].split(b"\n")]
    for line in lines:
        if line[:2] in ([b"U-002", b"1"], [b"U-002", b"all"]):
            line[3], line[5] = str(int(line[3]) + 1).encode(), str(int(line[5]) - 1).encode()
    files[documents.TALLIES] = b"\n".join(b",".join(line) for line in lines)


# ------------------------------------------------------------------------------------------------ the ledger


def sign_anew(files: Files) -> None:
    """Another key signs the same head, and stands in the bundle."""
    head = read_checkpoint(files[documents.CHECKPOINT].decode().partition("\n\n")[0] + "\n")
    files[documents.CHECKPOINT] = signed_note(head, STRANGER).encode()
    files[documents.VKEY] = f"{vkey_of(head.origin, STRANGER.public)}\n".encode()


def take_over(insider: Insider) -> None:
    """The insider's key is replaced: every head is signed by another one."""
    insider.signer = STRANGER
    with insider.work() as session:
        for head in session.scalars(select(LedgerHead).where(LedgerHead.log == LOG)):
            checkpoint = read_checkpoint(head.note.partition("\n\n")[0] + "\n")
            head.note = signed_note(checkpoint, STRANGER)


def truncate(insider: Insider) -> None:
    """The last entries are gone, and the head is one that fits what is left, signed by the right key."""
    rewrite(insider, lambda bodies: bodies[:-2])


def cut_off(files: Files) -> None:
    """The last entry is missing; the head is as it was."""
    files[documents.ENTRIES] = b"".join(files[documents.ENTRIES].splitlines(keepends=True)[:-1])


def rewrite(insider: Insider, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Another history, signed with the right key: entries, digests and the newest head fit each other."""
    with insider.work() as session:
        query = select(LedgerEntry).where(LedgerEntry.log == LOG).order_by(LedgerEntry.seq)
        rows = list(session.scalars(query))
        bodies = change([row.body for row in rows])
        for row, body in zip(rows, bodies, strict=False):
            row.body, row.digest = body, hashlib.sha256(body).hexdigest()
        for row in rows[len(bodies) :]:
            session.delete(row)
        heads = select(LedgerHead).where(LedgerHead.log == LOG).order_by(LedgerHead.size.desc())
        newest = session.scalars(heads).first()
        assert newest is not None
        origin = newest.note.split("\n", 1)[0]
        session.execute(delete(LedgerHead).where(LedgerHead.log == LOG))
        root = root_of([leaf_hash(leaf_data(body)) for body in bodies])
        note = signed_note(Checkpoint(origin, len(bodies), root), insider.signer)
        values = {"log": LOG, "size": len(bodies), "root": root.hex(), "note": note, "at": clock.now()}
        session.execute(insert(LedgerHead).values(values))


def another_title(bodies: list[bytes]) -> list[bytes]:
    """What no other check depends on: only a witness can know."""
    return [_with(body, Event.CAMPAIGN_MADE, {"title": "另一项评议"}) for body in bodies]


def two_swapped(bodies: list[bytes]) -> list[bytes]:
    """The same entries in another order: two heads of one size."""
    return [bodies[1], bodies[0], *bodies[2:]]


def _with(body: bytes, event: Event, change: Mapping[str, Any]) -> bytes:
    read = json.loads(body)
    return canonical_bytes({**read, **change}) if read["event"] == event.value else body


# ------------------------------------------------------------------------------------------------ tickets


def unspend(session: Session) -> None:
    """A ticket that was used may be used again."""
    row = session.scalars(select(Ticket).where(Ticket.campaign_id == LOG, Ticket.state == "spent")).first()
    assert row is not None
    row.state = "live"


def mint(session: Session) -> None:
    """Ten more tickets in a batch, quietly."""
    last = 10_000
    rows = [
        {"campaign_id": LOG, "digest": uuid.uuid4().bytes * 2, "batch_no": 1, "serial": last + no, "state": "live"}
        for no in range(10)
    ]
    session.execute(insert(Ticket), rows)


def mint_in_the_open(insider: Insider) -> None:
    """The same as a batch of its own, with its entry in the ledger, after everything was said to be ready."""
    digests = sorted(uuid.uuid4().bytes * 2 for _ in range(10))
    root = hashlib.sha256(b"".join(digests)).hexdigest()
    with insider.work() as session:
        first = session.scalars(select(TicketBatch).where(TicketBatch.campaign_id == LOG, TicketBatch.no == 1)).one()
        columns = {column.key: getattr(first, column.key) for column in TicketBatch.__table__.columns}
        fresh = {"no": 99, "count": 10, "reserve": 0, "root": root}
        session.execute(insert(TicketBatch).values({**columns, **fresh}))
        rows = [
            {"campaign_id": LOG, "digest": digest, "batch_no": 99, "serial": 20_000 + no, "state": "live"}
            for no, digest in enumerate(digests)
        ]
        session.execute(insert(Ticket), rows)
        body = {"batch": 99, "stratum": first.stratum_no, "point": first.point_no, "count": 10, "reserve": 0}
        record(session, LOG, Event.TICKETS_ISSUED, {**body, "root": root}, at=clock.now(), by="setup")
    insider.grow()


# ------------------------------------------------------------------------------------- counting, files, weights


def count_something_else(insider: Insider) -> None:
    """The counting office fills the box with other answers than it opened; all that follows fits the box."""

    def change(opened: Any) -> None:
        place = next(at for at, sheet in enumerate(opened.sheets) if sheet.answers[1] == "3")
        sheet = opened.sheets[place]
        opened.sheets[place] = sheet._replace(answers=sheet.answers[0] + "1" + sheet.answers[2:])

    with insider.work() as session:
        count(session, change)
    insider.score()


def other_bytes(session: Session) -> None:
    """The stored file is replaced by one with another answer; its name, its hash, stays."""
    blob = session.scalars(select(Blob)).one()
    blob.content = blob.content.replace(b",1,2,2,3,", b",1,2,2,1,", 1)


def swap_populations(session: Session) -> None:
    """Two strata change weights: the people of one count for the other's."""
    one, other = session.scalars(select(Stratum).where(Stratum.campaign_id == LOG, Stratum.no.in_([1, 3])))
    one.population, other.population = other.population, one.population


def edit_score(session: Session) -> None:
    """A stored score is raised a little."""
    session.execute(update(ResultRow).where(ResultRow.unit_code == "U-002").values(score="99.000000000"))


def swap_in_document(files: Files) -> None:
    """In the archive: populations of two strata change places in campaign.json."""
    about = json.loads(files[documents.CAMPAIGN])
    one, other = about["strata"][0], about["strata"][2]
    one["population"], other["population"] = other["population"], one["population"]
    files[documents.CAMPAIGN] = documents.as_json(about)


def swap_scores(files: Files) -> None:
    """In the public archive: two units of one category change scores."""
    result = json.loads(files[documents.RESULT])
    one, other = [row for row in result["units"] if row["masked"] == ""][:2]
    one["score"], other["score"] = other["score"], one["score"]
    files[documents.RESULT] = documents.as_json(result)


KINDS: dict[str, tuple[Form, ...]] = {
    "ballot edited": (
        in_database(edit_ballot),
        in_database(edit_ballot, rescored=True),
        in_database(edit_ballot, rescored=True, kind=Kind.PUBLIC),
        in_archive(edit_line, kind=Kind.AUDITOR),
        in_archive(edit_tally),
    ),
    "ballot deleted": (in_database(delete_ballot), in_database(delete_ballot, rescored=True, kind=Kind.PUBLIC)),
    "ballot inserted": (in_database(insert_ballot), in_database(insert_ballot, rescored=True, kind=Kind.PUBLIC)),
    "ballots swapped": (in_database(swap_between_cells), in_database(swap_between_cells, rescored=True)),
    "signed by another key": (in_archive(sign_anew), by_insider(take_over, kind=Kind.PUBLIC)),
    "log truncated": (in_archive(cut_off), by_insider(truncate, kind=Kind.PUBLIC)),
    "log forked": (
        by_insider(lambda insider: rewrite(insider, another_title), kind=Kind.PUBLIC),
        by_insider(lambda insider: rewrite(insider, two_swapped), kind=Kind.PUBLIC),
    ),
    "ticket unspent": (in_database(unspend), in_database(unspend, kind=Kind.PUBLIC)),
    "tickets minted late": (
        in_database(mint),
        in_database(mint, kind=Kind.PUBLIC),
        by_insider(mint_in_the_open, kind=Kind.PUBLIC),
    ),
    "box is not the intake": (at_counting(count_something_else),),
    "upload replaced": (in_database(other_bytes),),
    "weights or scores swapped": (
        in_database(swap_populations, rescored=True),
        in_database(swap_populations, rescored=True, kind=Kind.PUBLIC),
        in_database(edit_score),
        in_archive(swap_in_document),
        in_archive(swap_scores),
    ),
}
