"""A new key of the ledger is believed through its announcement alone, and the old one no longer than it spoke."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine

from api.db import make_engine, reading, unit_of_work
from survey_models.core.canonical import canonical_bytes
from survey_models.core.errors import Problem
from survey_models.ledger import rotation
from survey_models.ledger.changes import Announced, Keys, Placed, keys_from, read_change
from survey_models.ledger.merkle import root_of
from survey_models.ledger.notes import Checkpoint, open_note, signed_note, vkey_of
from survey_models.ledger.promises import promise_batch, verify_promise
from survey_models.ledger.sequencer import integrate
from survey_models.ledger.signing import Signer
from tests.survey_models.ledger.logs import AT, HOST, SIGNER, TODAY, ballot_bodies, grow_all, heads, put

SECOND, THIRD, STRANGER = (Signer(bytes([number]) * 32) for number in (2, 3, 9))
POLL, SYSTEM = f"{HOST}/ledger/poll", f"{HOST}/ledger/system"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = make_engine(database_url, allow_unsafe=True)
    yield made
    made.dispose()


def changed(engine: Engine, old: Signer, new: Signer) -> Announced:
    with unit_of_work(engine) as session:
        rotation.change(session, old=old, new=new, host=HOST, by="setup", at=AT, today=TODAY)
    with reading(engine) as session:
        return rotation.announced(session)


def grow(engine: Engine, log: str, signer: Signer) -> int:
    with unit_of_work(engine) as session:
        return integrate(session, log, signer=signer, host=HOST, at=AT, today=TODAY)


def test_trees_grow_on_under_the_new_key_and_old_words_still_hold(engine: Engine) -> None:
    put(engine, ballot_bodies(5))
    put(engine, [b'{"log":"system"}'], log="system")
    grow_all(engine)
    promise = promise_batch("poll", [bytes(32).hex()], SIGNER)[0]
    with reading(engine) as session:
        assert rotation.announced(session) == Announced()
    once = changed(engine, SIGNER, SECOND)
    put(engine, ballot_bodies(2, start=5))
    with pytest.raises(Problem) as refused:
        grow(engine, "poll", SIGNER)
    assert refused.value.code == "ledger_key_differs"
    assert grow(engine, "poll", SECOND) == 2
    twice = changed(engine, SECOND, THIRD)
    put(engine, ballot_bodies(1, log="fresh"), log="fresh")
    assert grow(engine, "fresh", THIRD) == 1
    first, second = (head.note for head in heads(engine))
    announcing = [head.note for head in heads(engine, log="system")]
    for signer in (SIGNER, SECOND):
        assert open_note(announcing[1], vkey_of(SYSTEM, signer.public)).size == 2, "both signed the changeover"
    for trusted in (SIGNER, SECOND, THIRD):
        keys = keys_from(trusted.public, twice)
        assert (keys.opened(first)[1], keys.opened(second)[1]) == (SIGNER.public, SECOND.public)
        assert keys.opened(heads(engine, log="fresh")[0].note)[1] == THIRD.public
        assert any(verify_promise(promise, log="poll", public=public) for public in keys.publics)
    assert [len(one.changes) for one in (once, twice)] == [1, 2]
    with reading(engine) as session:
        assert rotation.signed_with(session, first, public=THIRD.public) == SIGNER.public
        body = json.loads(twice.changes[1].entry)
        assert rotation.current_key(session) == THIRD.public
    assert {"blind", "by", "no", "old", "new", "logs"} <= set(body)


def test_who_is_not_the_ledger_announces_nothing(engine: Engine) -> None:
    put(engine, [b'{"log":"system"}'], log="system")
    grow_all(engine, log="system")
    put(engine, [b'{"log":"system","no":2}'], log="system")
    for old in (STRANGER, SECOND):
        with unit_of_work(engine) as session, pytest.raises(Problem) as refused:
            rotation.change(session, old=old, new=SECOND, host=HOST, by="setup", at=AT, today=TODAY)
        assert refused.value.code == "ledger_key_differs"


@pytest.fixture(scope="module")
def announced(tmp_path_factory: pytest.TempPathFactory) -> Announced:
    """Two changes, on SQLite: the forms below are forged from it."""
    from api.migrate import upgrade  # noqa: PLC0415 - beside its only use

    url = f"sqlite:///{tmp_path_factory.mktemp('changes') / 'p.sqlite3'}"
    upgrade(url)
    engine = make_engine(url)
    put(engine, ballot_bodies(5))
    put(engine, [b'{"log":"system"}'], log="system")
    grow_all(engine)
    changed(engine, SIGNER, SECOND)
    made = changed(engine, SECOND, THIRD)
    engine.dispose()
    return made


def altered(announced: Announced, place: int, **fields: Any) -> Announced:
    """One entry changed, and the whole put into a tree of its own that the newest key signs: all but the signatures."""
    bodies = [one.entry for one in announced.changes]
    bodies[place] = canonical_bytes({**json.loads(bodies[place]), **fields})
    return in_a_tree(bodies)


def in_a_tree(bodies: list[bytes], signer: Signer = THIRD) -> Announced:
    from survey_models.ledger.merkle import inclusion_proof, leaf_hash, node_in  # noqa: PLC0415 - beside its only use

    leaves = [leaf_hash(body) for body in bodies]
    note = signed_note(Checkpoint(SYSTEM, len(leaves), root_of(leaves)), signer)
    node = node_in(leaves)
    return Announced([Placed(body, at, inclusion_proof(at, len(leaves), node)) for at, body in enumerate(bodies)], note)


def test_a_forged_announcement_leads_nowhere(announced: Announced) -> None:
    bodies = [one.entry for one in announced.changes]
    assert keys_from(SIGNER.public, in_a_tree(bodies)).publics[-1] == THIRD.public, "the tree of this test is fit"
    first, second = announced.changes
    forged = {
        "sizes": altered(announced, 0, logs=[[POLL, 999]]),
        "old": altered(announced, 0, old=STRANGER.public.hex()),
        "new": altered(announced, 1, new=STRANGER.public.hex()),
        "number": altered(announced, 1, no=3),
        "one signature": altered(announced, 0, signed_old=json.loads(bodies[0])["signed_new"]),
        "event": altered(announced, 0, event="accounts:made"),
        "a change left out": in_a_tree(bodies[1:]),
        "exchanged": in_a_tree(bodies[::-1]),
        "place": replace(announced, changes=[replace(first, seq=first.seq + 1), second]),
        "path": replace(announced, changes=[replace(first, proof=first.proof[:-1]), second]),
        "not in the log": replace(announced, checkpoint=in_a_tree([b"{}"]).checkpoint),
        "signed by another": in_a_tree(bodies, STRANGER),
        "no checkpoint": replace(announced, checkpoint=""),
        "no entry": replace(announced, changes=[replace(first, entry=b"[]"), second]),
    }
    believed = [name for name, one in forged.items() if leads(one)]
    assert believed == []
    with pytest.raises(ValueError, match="none of those"):
        keys_from(STRANGER.public, announced)


def test_the_old_key_speaks_for_no_later_head(announced: Announced) -> None:
    keys = keys_from(THIRD.public, announced)
    assert read_change(announced.changes[0].entry).logs[POLL] == 5
    for signer, size, holds in ((SIGNER, 5, True), (SIGNER, 6, False), (SECOND, 6, False), (THIRD, 600, True)):
        note = signed_note(Checkpoint(POLL, size, bytes(32)), signer)
        assert opens(keys, note) == holds, (size, holds)
    assert not opens(keys, signed_note(Checkpoint(f"{HOST}/ledger/begun-later", 1, bytes(32)), SIGNER))
    assert not opens(keys, signed_note(Checkpoint(POLL, 1, bytes(32)), STRANGER))


def leads(one: Announced) -> bool:
    try:
        return bool(keys_from(SIGNER.public, one))
    except ValueError:
        return False


def opens(keys: Keys, note: str) -> bool:
    try:
        return bool(keys.opened(note))
    except ValueError:
        return False


def test_announcements_are_read_as_they_are_written(announced: Announced) -> None:
    again = Announced.of(json.loads(json.dumps(announced.as_dict())))
    assert keys_from(SIGNER.public, again) == keys_from(SIGNER.public, announced)
