"""The verifier published with a draw: it shares nothing with the product, agrees with it, and sees every change."""

from __future__ import annotations

import ast
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from sampling.selection import canonical_frame, frame_digest
from survey_models.core.archives import archive
from survey_models.core.canonical import digest
from survey_models.draws import bundles, service, verify_draw
from survey_models.draws.designs import Method, Plan, document
from survey_models.draws.methods import digest_of, draw_lots, order_key
from survey_models.frames import service as frames
from survey_models.frames.rules import StratumSize
from tests.architecture.tree import imports
from tests.survey_models.draws import made
from tests.survey_models.draws.conftest import Scratch
from tests.survey_models.draws.made import LATER, PLANS, Case

SOURCE = Path(verify_draw.__file__).read_text(encoding="utf-8")
STANDARD = {"__future__", "hashlib", "json", "re", "sys", "zipfile", "fractions", "pathlib", "typing"}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What is published is plain files: that a draw is the same on both databases shows where it is run."""
    return sqlite_url


def run(place: Path, *, program: Path) -> tuple[int, str]:
    """The verifier as a stranger runs it: another process, no packages, no environment."""
    command = [sys.executable, "-I", "-S", str(program), str(place)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd="/", env={"PYTHONUTF8": "1"})
    assert done.stderr == ""
    return done.returncode, done.stdout


def refused(files: dict[str, bytes]) -> bool:
    """Whether a bundle is called different or unreadable, in this process."""
    made_ = io.BytesIO(archive(files))
    try:
        with zipfile.ZipFile(made_) as folder:
            verify_draw.verify({name: folder.read(name) for name in folder.namelist()})
    except (verify_draw.Different, ValueError, KeyError, TypeError, IndexError, ZeroDivisionError, AttributeError):
        return True
    return False


def of_case(case: Case) -> dict[str, bytes]:
    """The bundle that the product would publish for a case, without a database."""
    strata: dict[str, list[int]] = {}
    for entry in case.entries:
        strata.setdefault(entry.stratum, []).append(entry.size)
    sizes = {name: StratumSize(len(own), sum(s > 0 for s in own), sum(own)) for name, own in strata.items()}
    design = document(case.plan, sizes, names=[entry.id for entry in case.entries])
    lots = draw_lots(design, case.entries, seed=case.seed, salt="d1")
    about = {
        "format": bundles.FORMAT,
        "design": design,
        "design_digest": digest(design),
        "frame_digest": frame_digest(case.entries),
        "salt": "d1",
        "seed": case.seed,
        "what": "rows",
        "planned_at": "2026-11-22T02:00:00Z",
        "run_at": "2026-11-22T03:00:00Z",
        "extensions": [],
        "result_digest": digest_of((lot.stratum, lot.lot, lot.entry) for lot in lots),
    }
    lines = []
    for lot in lots:
        key = order_key(design, stratum=lot.stratum, entry=lot.entry, seed=case.seed, salt="d1")
        lines.append(f"{lot.stratum}\t{lot.lot}\t{lot.entry}\t{int(lot.reserve)}\t{lot.probability or '-'}\t{key}\n")
    drawn = "".join(lines).encode()
    return {"draw.json": json.dumps(about).encode(), "drawn.tsv": drawn, "frame.tsv": canonical_frame(case.entries)}


def test_it_needs_nothing_but_python() -> None:
    ast.parse(SOURCE, feature_version=(3, 8))
    assert {name.split(".")[0] for name in imports(ast.parse(SOURCE))} == STANDARD
    later = ("strict=", "removeprefix", "removesuffix", "pairwise", "datetime.UTC", "match ", "key=str.encode |")
    assert [word for word in later if word in SOURCE] == []


@pytest.mark.parametrize("method", list(Method))
def test_a_stranger_finds_what_the_product_drew(session: Session, method: Method, tmp_path: Path) -> None:
    made.run(session, PLANS[method])
    if method is Method.STRATIFIED_SRS:
        for more in (2, 4):
            service.extend(session, "d1", stratum="A", more=more, asked_by="li.wei", by="wang.fang", at=LATER)
    files = made.published(session)
    assert set(files) == {"draw.json", "drawn.tsv", "frame.tsv", "verify_draw.py"}
    program = tmp_path / "verify_draw.py"
    program.write_bytes(files["verify_draw.py"])
    (tmp_path / "d1.zip").write_bytes(archive(files))
    code, said = run(tmp_path / "d1.zip", program=program)
    assert (code, "EQUAL" in said, "一致" in said) == (0, True, True), said
    public = tmp_path / "public"
    public.mkdir()
    for name, raw in made.published(session, with_frame=False).items():
        (public / name).write_bytes(raw)
    code, said = run(public, program=program)
    assert (code, "Without the frame" in said) == (0, True), said
    (public / "drawn.tsv").write_bytes(files["drawn.tsv"].replace(b"\t1\t", b"\t2\t", 1))
    code, said = run(public, program=program)
    assert (code, "DIFFERENT" in said or "UNREADABLE" in said) == (1, True), said
    (public / "draw.json").write_bytes(b"{")
    assert run(public, program=program)[0] == 1
    assert run(tmp_path / "nothing.zip", program=program)[0] == 1


def test_the_frame_of_counts_and_points(session: Session) -> None:
    cells = [frames.CountCell((area, area), ("town", "城镇"), 1000, made_up=True, source="test") for area in "PQ"]
    points = [frames.Candidate(f"{area}{number}", area, f"{area}{number}") for area in "PQ" for number in range(6)]
    frames.freeze_counts(session, made.TITLE, cells=cells, candidates=points, by="li.wei", at=made.AT)
    plan = Plan("d1", "luohe", "roll", "points", sizes={"P": 2, "Q": 2}, reserve={"P": 1})
    service.plan(session, plan, by="li.wei", at=made.AT)
    service.run(session, "d1", seed=made.SEED, asked_by="li.wei", by="wang.fang", at=LATER)
    files = made.published(session)
    assert files["frame.tsv"].count(b"\n") == 14
    assert not refused(files)
    assert refused(made.changed(files, ["what"], "rows"))


@settings(max_examples=80, deadline=None)
@given(case=made.flat_cases() | made.staged_cases())
def test_verifier_and_product_agree(case: Case) -> None:
    assert not refused(of_case(case))


@settings(max_examples=80, deadline=None)
@given(case=made.flat_cases() | made.staged_cases(), data=st.data())
def test_one_changed_byte_is_seen(case: Case, data: st.DataObject) -> None:
    files = of_case(case)
    name = data.draw(st.sampled_from([name for name in ("frame.tsv", "drawn.tsv") if files[name]]))
    raw = bytearray(files[name])
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    assert refused({**files, name: bytes(raw)}), (name, place)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every number and text inside a document."""
    if isinstance(value, dict):
        return [way for key, inner in value.items() for way in leaves(inner, (*path, key))]
    if isinstance(value, list):
        return [way for key, inner in enumerate(value) for way in leaves(inner, (*path, key))]
    return [path]


@settings(max_examples=80, deadline=None)
@given(case=made.flat_cases() | made.staged_cases(), data=st.data())
def test_a_changed_parameter_is_seen(case: Case, data: st.DataObject) -> None:
    files = of_case(case)
    about = json.loads(files["draw.json"])
    ways = [*leaves(about["design"], ("design",)), ("design_digest",), ("frame_digest",), ("result_digest",)]
    if files["drawn.tsv"]:  # of no lots at all, no key tells the seed
        ways += [("seed",), ("salt",)]
    way = data.draw(st.sampled_from(ways))
    value: Any = about
    for step in way:
        value = value[step]
    other = value + 1 if isinstance(value, int) else value[:-1] + chr(ord(value[-1]) ^ 1)
    assert refused(made.changed(files, way, other)), way


def test_a_design_that_was_changed_with_its_digest_gives_other_lots(scratch: Scratch) -> None:
    """Whoever mends the digest as well is caught by the lots; or, with the lots, by the published digest alone."""
    with scratch() as session:
        made.run(session, PLANS[Method.STRATIFIED_SRS])
        files = made.published(session)
    about = json.loads(files["draw.json"])
    design = {**about["design"], "sizes": {"A": 7, "乙": 5}}
    files = made.changed(files, ["design"], design)
    files = made.changed(files, ["design_digest"], digest(design))
    assert refused(files)
    assert refused({name: raw for name, raw in files.items() if name != "frame.tsv"})


def test_the_same_draw_gives_the_same_archive(scratch: Scratch) -> None:
    with scratch() as session:
        made.run(session, PLANS[Method.STAGES])
        first, second = (archive(made.published(session)) for _ in range(2))
    assert first == second
    assert b"wang.fang" not in first
