"""Checks of tickets, sealed sheets, box and files (评议码、密封票、票箱、上传文件的核对): pure."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from survey_models.ballots.mixing import BoxRow, Opened, box_root, intake_root, open_all, texts_root
from survey_models.ballots.open_intake import OPEN_BATCHES
from survey_models.ballots.sealing import Opener, sheet_digest
from survey_models.campaigns.cells import published
from survey_models.core.canonical import digest
from survey_models.evidence import documents
from survey_models.evidence.cases import Case
from survey_models.evidence.findings import Check, Missing, Told, demand
from survey_models.spreadsheets.read import read
from survey_models.uploads.kinds import ballots as kind
from survey_models.uploads.kinds.ballots_check import check

_TOTALS = ("live", "spent", "void", "sealed_reserve")


def issued(case: Case) -> Told:
    """Each batch was issued once, in the number and under the root that were logged, and not beyond what was ready."""
    logged = case.events("tickets:issued")
    by_no = {body["batch"]: body for body in logged}
    demand(len(by_no) == len(logged), "有一批签发了两次", "a batch was issued twice")
    batches = {batch["no"]: batch for batch in case.ground.tickets["batches"]}
    demand(set(batches) == set(by_no), "批号与台账不同", "the batches are not those of the log")
    for no, batch in batches.items():
        body = by_no[no]
        same = all(batch[name] == body[name] for name in ("stratum", "point", "count", "reserve", "root"))
        demand(same, f"第 {no} 批与台账不同", f"batch {no} is not as it was logged")
        there = sum(batch[name] for name in _TOTALS)
        whole = batch["count"] + batch["reserve"]
        demand(
            there == whole, f"第 {no} 批记 {whole} 张，实有 {there} 张", f"batch {no}: {whole} logged, {there} there"
        )
    _demand_within_ready(case, list(batches.values()))
    return f"{len(batches)} 批", f"{len(batches)} batches"


def _demand_within_ready(case: Case, batches: Sequence[dict[str, Any]]) -> None:
    """A second batch of a cell needs the first ones voided, and is no larger than what was withdrawn."""
    voided = {body["batch"]: body["withdrawn"] + body["reserve"] for body in case.events("tickets:batch_voided")}
    withdrawn = sum(body["withdrawn"] for body in case.events("tickets:batch_voided"))
    ready = case.only("campaigns:ready")["issued"]
    whole = sum(batch["count"] for batch in batches)
    cells = defaultdict(list)
    for batch in batches:
        cells[batch["stratum"], batch["point"], batch["variant"]].append(batch)
    first = sum(members[0]["count"] for members in cells.values())
    fits = whole == ready if not voided else first - withdrawn <= ready <= whole
    demand(fits, f"就绪时记 {ready} 张，各批共 {whole} 张", f"{ready} were issued when ready, the batches hold {whole}")
    for members in cells.values():
        anew = sum(batch["count"] + batch["reserve"] for batch in members[1:])
        gone = sum(voided.get(batch["no"], 0) for batch in members[:-1])
        numbers = "、".join(str(batch["no"]) for batch in members)
        demand(anew <= gone, f"第 {numbers} 批：补发多于作废", f"batches {numbers}: more issued anew than withdrawn")


def roots(case: Case) -> Told:
    """The tickets of each batch give its logged root; none is of another batch."""
    _needs_auditor(case)
    by_batch = defaultdict(list)
    states: Counter[tuple[int, str]] = Counter()
    for row in case.tickets:
        by_batch[row.batch].append(row.digest)
        states[row.batch, row.state] += 1
    batches = {batch["no"]: batch for batch in case.ground.tickets["batches"]}
    demand(set(by_batch) <= set(batches), "有评议码不属于任何一批", "a ticket is of no batch")
    for no, batch in batches.items():
        found = hashlib.sha256(b"".join(sorted(by_batch[no]))).hexdigest()
        demand(found == batch["root"], f"第 {no} 批的根不符", f"the root of batch {no} differs")
        named = ("live", "spent", "void", "reserve")
        same = all(states[no, state] == batch[name] for state, name in zip(named, _TOTALS, strict=True))
        demand(same, f"第 {no} 批各状态的数目不符", f"batch {no}: states differ from tickets.json")
    return f"{len(case.tickets)} 张评议码", f"{len(case.tickets)} tickets"


def spent(case: Case) -> Told:
    """As many sheets were cast as tickets spent, and all of them were mixed."""
    cast = case.events("ballots:cast")
    ids = {body["ballot"] for body in cast}
    demand(len(ids) == len(cast), "有一张票记了两次", "a ballot stands in the log twice")
    tickets = case.ground.tickets
    used = sum(batch["spent"] for batch in tickets["batches"]) + tickets["open"]["spent"]
    demand(
        used == len(cast), f"用掉 {used} 张码，收票 {len(cast)} 张", f"{used} tickets spent, {len(cast)} ballots cast"
    )
    mixes = case.events("ballots:mixed")
    mixed = sum(body["sheets"] for body in mixes)
    demand(mixed == len(cast), f"收票 {len(cast)} 张，混洗 {mixed} 张", f"{len(cast)} ballots cast, {mixed} mixed")
    if mixes:
        entries = [hashlib.sha256(raw).hexdigest() for raw, body in _raw(case) if body["event"] == "ballots:cast"]
        same = intake_root(entries) == mixes[-1]["intake_root"]
        demand(same, "收票的根与混洗记录不符", "the mix names another root of the intake")
    return f"用码、收票、混洗都是 {len(cast)} 张", f"{len(cast)} spent, cast and mixed"


def _raw(case: Case) -> Iterable[tuple[bytes, dict[str, Any]]]:
    return zip(case.entries, case.bodies, strict=True)


def sealed(case: Case) -> Told:
    """The sealed sheets are those of the log, and each batch brought as many as it has spent tickets."""
    _needs_auditor(case)
    _needs_evidence(case, there=bool(case.sealed))
    logged = {(body["ballot"], body["sheet"]) for body in case.events("ballots:cast")}
    there = {(str(one.id), sheet_digest(one.sealed)) for one in case.sealed}
    demand(len(there) == len(case.sealed), "有密封票重复", "a sealed sheet stands twice")
    differing = len(logged ^ there)
    demand(not differing, f"{differing} 张密封票与台账不符", f"{differing} sealed sheets differ from the log")
    brought = Counter(one.batch_no for one in case.sealed)
    for batch in case.ground.tickets["batches"]:
        no, found, used = batch["no"], brought.pop(batch["no"], 0), batch["spent"]
        demand(found == used, f"第 {no} 批用码 {used}，密封票 {found}", f"batch {no}: {used} spent, {found} sheets")
    demand(set(brought) <= set(OPEN_BATCHES.values()), "有密封票不属于任何一批", "a sealed sheet is of no batch")
    return f"{len(there)} 张密封票", f"{len(there)} sealed sheets"


def box(case: Case) -> Told:
    """The box is the one whose root and cells were logged when it was filled."""
    _needs_auditor(case)
    rows = _mixed(case)
    mixes = case.events("ballots:mixed")
    if not mixes:
        demand(not rows, "没有混洗记录而票箱有票", "ballots in the box and no mix in the log")
        return "没有凭码的票", "no ballot with a ticket"
    body = mixes[-1]
    cells = [[*cell, number] for cell, number in sorted(Counter(row.cell for row in rows).items())]
    demand(cells == body["cells"], "各公布单元的票数与混洗记录不符", "ballots by cell differ from the mix")
    aside = sum(row.set_aside for row in rows)
    demand(aside == body["set_aside"], "剔除的票数不符", "another number is set aside")
    root = box_root(case.ground.id, rows)
    demand(root == body["box_root"], "票箱的根与混洗记录不符", "the box has another root than logged")
    return f"{len(rows)} 张，根 {root}", f"{len(rows)} ballots, root {root}"


def texts(case: Case) -> Told:
    """The texts are those whose root was logged when they left their sheets."""
    _needs_auditor(case)
    mixes = case.events("ballots:mixed")
    logged = mixes[-1].get("texts", 0) if mixes else 0
    if not logged:
        demand(not case.texts, "台账里没有意见原文", "no texts were logged")
        return "没有意见原文", "no texts"
    _needs_evidence(case, there=bool(case.texts))
    demand(len(case.texts) == logged, f"意见 {len(case.texts)} 条，台账 {logged} 条", f"{logged} texts were logged")
    root = texts_root(case.ground.id, sorted(case.texts, key=lambda text: text.id))
    demand(root == mixes[-1]["texts_root"], "意见原文的根与混洗记录不符", "the texts have another root than logged")
    return f"{logged} 条，根 {root}", f"{logged} texts, root {root}"


def opened(case: Case) -> Told:
    """The sealed sheets, opened, are the ballots of the box, cell by cell, and the texts beside it."""
    _needs_auditor(case)
    _needs_evidence(case, there=bool(case.sealed))
    if case.trust.private is None:
        raise Missing("没有开封的私钥（--key）", "no key to open the sheets (--key)")
    opener, ground = Opener(case.trust.private), case.ground
    public = case.only("campaigns:ready")["sealing"]["public"]
    demand(opener.public.hex() == public, "私钥不是本评议的", "the key is not that of the campaign")
    done = open_all(ground.id, case.sealed, opener, {ground.form.version: ground.form})
    demand(not done.broken, f"{len(done.broken)} 张打不开", f"{len(done.broken)} sheets do not open")
    found = Counter(_mark(_placed(case, one)) for one in done.sheets)
    there = Counter(_mark(row) for row in _mixed(case))
    differing = sum(((found - there) + (there - found)).values())
    demand(found == there, f"开封所得与票箱有 {differing} 处不同", f"opened sheets and box differ in {differing}")
    wrote = Counter((*text, _is_aside(case, one)) for one in done.sheets for text in one.texts)
    same = wrote == Counter((text.item, text.words, text.set_aside) for text in case.texts)
    demand(same, "开封所得的意见与原文不同", "opened sheets and texts differ")
    return f"{len(done.sheets)} 张开封后与票箱相同", f"{len(done.sheets)} opened sheets are the box"


def _placed(case: Case, one: Opened) -> BoxRow:
    """The ballot that a sheet should have become; its id aside."""
    before = case.ground.batch_cells[one.batch_no]._replace(channel=one.channel)
    cell = published(before, *case.ground.moves)
    return BoxRow(uuid.UUID(int=0), cell, one.version, one.answers, one.more, _is_aside(case, one))


def _is_aside(case: Case, one: Opened) -> bool:
    return any(scope in ({"batch": one.batch_no}, {"channel": one.channel}) for scope in case.voids)


def _mark(row: BoxRow) -> str:
    return digest([list(row.cell), row.version, row.answers, row.more, row.set_aside])


def uploads(case: Case) -> Told:
    """The files are byte by byte those that were logged, and their rows are in the box as they say."""
    _needs_auditor(case)
    logged = {uuid.UUID(body["upload"]): body for body in case.events("uploads:accepted")}
    for body in case.events("uploads:withdrawn"):
        logged.pop(uuid.UUID(body["upload"]), None)
    demand(set(logged) == set(case.uploads), "文件与台账不符", "the files are not those of the log")
    lines = defaultdict(set)
    for row, upload, line in case.box:
        if upload is not None:
            lines[upload].add((line, *row.cell, row.answers))
    demand(set(lines) <= set(logged), "票箱里有不明文件的票", "the box holds rows of no accepted file")
    for upload, body in logged.items():
        raw = case.files[f"uploads/{body['sha256']}"]
        _needs_evidence(case, there=bool(raw))
        demand(hashlib.sha256(raw).hexdigest() == body["sha256"], f"文件 {upload} 被换过", f"{upload}: other bytes")
        stated = case.uploads[upload]
        checked = check(read(raw, stated["filename"]), _layout(case), stated.get("columns"))
        said = {(one.line, one.stratum_no, one.point_no, "upload", one.answers) for one in checked.entries}
        same = not checked.faults and said == lines[upload] and len(said) == body["rows"]
        demand(same, f"文件 {upload} 的行与票箱不符", f"{upload}: its rows are not those of the box")
    return f"{len(logged)} 个文件", f"{len(logged)} files"


def _layout(case: Case) -> kind.Layout:
    names = ("no", "area_code", "area_name", "kind_code", "kind_name")
    cells = [kind.Cell(*(row[name] for name in names)) for row in case.ground.campaign["strata"]]
    points = [kind.TestPoint(row["no"], row["area_code"], row["name"]) for row in case.ground.campaign["points"]]
    return kind.Layout(case.ground.form, cells, points)


def _mixed(case: Case) -> list[BoxRow]:
    return sorted((row for row, upload, _ in case.box if upload is None), key=lambda row: row.id)


def _needs_evidence(case: Case, *, there: bool) -> None:
    """Sealed sheets and files may be erased when their time is over, by two people; the log says so."""
    if not there and case.events("evidence:purged"):
        raise Missing("封存证据保存期满，已由两人销毁", "the sealed evidence was erased by two people after its time")


def _needs_auditor(case: Case) -> None:
    if not case.is_auditors:
        raise Missing(f"公布包里没有 {documents.BOX} 等", "only in an auditor's bundle")


CHECKS = (
    Check("issued", "评议码按台账签发", "tickets were issued as logged", issued),
    Check("roots", "评议码与各批的根一致", "tickets give the roots of their batches", roots),
    Check("spent", "用码、收票、混洗的数目一致", "tickets spent, ballots cast and mixed agree", spent),
    Check("sealed", "密封票与台账一致", "sealed sheets are those of the log", sealed),
    Check("box", "票箱与混洗记录一致", "the box is the one that was logged", box),
    Check("texts", "意见原文与混洗记录一致", "texts are those that were logged", texts),
    Check("opened", "开封后与票箱一致", "opened sheets are the box", opened),
    Check("uploads", "上传文件与台账、票箱一致", "files are those of the log and give their rows", uploads),
)
