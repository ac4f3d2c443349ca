"""Checking a signed file of counts (报省汇总的核对) without database and network. Pure."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from survey_models.core.canonical import canonical_bytes
from survey_models.core.errors import Problem
from survey_models.evidence.cases import Case, Trust
from survey_models.evidence.findings import Check, Differs, Finding, Missing, Told, answered, demand
from survey_models.ledger.notes import open_note, read_vkey
from survey_models.ledger.signing import signed_by

FORMAT = "pingyi-round-counts-1"
COUNTED = ("returned", "lines", "valid", "void")
SHEETS = ("issued", "withdrawn", *COUNTED)
Counts = dict[str, Any]


def signed_bytes(body: Mapping[str, Any]) -> bytes:
    """What the signature is over: the name of the format, so that it is none of another message, then the counts."""
    return f"{FORMAT}\n".encode() + canonical_bytes(body)


def is_counts(raw: bytes) -> bool:
    """Whether these bytes are a file of counts."""
    try:
        return bool(json.loads(raw)["counts"]["format"] == FORMAT)
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def verify(raw: bytes, trust: Trust) -> list[Finding]:
    """The answers to all checks, in their order. Raises ``bundle_unreadable`` for another file."""
    if not is_counts(raw):
        raise Problem("bundle_unreadable")
    found: Counts = json.loads(raw)
    nothing = Case({}, trust)
    return [answered(Check(key, zh, en, partial(_run, run, found, raw, trust)), nothing) for key, zh, en, run in CHECKS]


def spelling(found: Counts, raw: bytes, _trust: Trust) -> Told:
    """The file is in its one spelling."""
    demand(canonical_bytes(found) + b"\n" == raw, "不是规范写法", "not the canonical spelling")
    return f"{len(raw)} 字节", f"{len(raw)} bytes"


def signature(found: Counts, _raw: bytes, trust: Trust) -> Told:
    """The counts are signed, by the key that was posted."""
    own = found["vkey"]
    _, _, public = read_vkey(trust.vkey or own)
    good = signed_by(public, signed_bytes(found["counts"]), base64.b64decode(found["signature"], validate=True))
    demand(good, f"不是 {trust.vkey or own} 签的", f"not signed by {trust.vkey or own}")
    if trust.vkey is None:
        raise Missing(
            f"签名属于文件内公钥 {own}；请与张贴的公钥比对，或用 --vkey",
            f"signed by the file's own key {own}: compare it with the posted one, or give --vkey",
        )
    return "由所信的公钥签名", "signed by the trusted key"


def head(found: Counts, _raw: bytes, _trust: Trust) -> Told:
    """The head of the ledger is signed by the key that the signed counts name."""
    log = found["counts"]["log"]
    try:
        checkpoint = open_note(log["checkpoint"], log["vkey"])
    except ValueError:
        raise Differs("首部不是所写公钥签的", "the head is not signed by the key it names") from None
    same = read_vkey(found["vkey"])[0] == checkpoint.origin
    demand(same, "首部是另一个台账的", "the head is of another log")
    return f"{checkpoint.origin}，{checkpoint.size} 条", f"{checkpoint.origin}, {checkpoint.size} entries"


def sums(found: Counts, _raw: bytes, _trust: Trust) -> Told:
    """Every count fits the others, and the strata add up to the total."""
    campaigns = found["counts"]["campaigns"]
    for campaign in campaigns:
        for row in (*campaign["strata"], campaign["total"]):
            where = f"{campaign['kind']} {row.get('no', '')}".strip()
            demand(_fits(row), f"{where} 的份数互相不符", f"the counts of {where} do not fit together")
        for name in SHEETS:
            shown = [row[name] for row in campaign["strata"]]
            if None not in (*shown, campaign["total"][name]):
                same = sum(shown) == campaign["total"][name]
                demand(same, f"{campaign['kind']} 各层之和不等于合计", f"strata of {campaign['kind']} miss the total")
    return f"{len(campaigns)} 项评议活动", f"{len(campaigns)} campaigns"


def small(found: Counts, _raw: bytes, _trust: Trust) -> Told:
    """No stratum with few sheets is shown, and none follows from the others."""
    least, gone = found["counts"]["smallest"], 0
    for campaign in found["counts"]["campaigns"]:
        for row in campaign["strata"]:
            shown = [row[name] for name in ("returned", "valid") if row[name] is not None]
            few = any(0 < one < least for one in shown)
            demand(not few, f"{campaign['kind']} 第 {row['no']} 层份数过少", f"{campaign['kind']} {row['no']} is small")
        for rest in _left_out(campaign):
            kind = campaign["kind"]
            demand(
                rest == 0 or rest >= least,
                f"{kind} 未列的份数可以推出",
                f"{kind}: what is left out follows from the total",
            )
        gone += sum(row["returned"] is None for row in campaign["strata"])
    return f"{gone} 层份数未列", f"{gone} strata left out"


def _fits(row: Mapping[str, Any]) -> bool:
    numbers = [row[name] for name in SHEETS if row[name] is not None]
    if any(isinstance(one, bool) or not isinstance(one, int) or one < 0 for one in numbers):
        return False
    if row["returned"] is None:
        return all(row[name] is None for name in COUNTED) and row["withdrawn"] <= row["issued"]
    # A line of a contractor's file has no card; every other sheet came with one that was issued.
    carded = row["returned"] - row["lines"]
    return bool(row["valid"] + row["void"] == row["returned"] and 0 <= carded <= row["issued"])


def _left_out(campaign: Mapping[str, Any]) -> Iterator[int]:
    """What the strata that are not shown hold together, returned and valid, where the total tells it."""
    gone = [row for row in campaign["strata"] if row["returned"] is None]
    if gone and campaign["total"]["returned"] is not None:
        for name in ("returned", "valid"):
            yield campaign["total"][name] - sum(row[name] or 0 for row in campaign["strata"])


def _run(run: Callable[[Counts, bytes, Trust], Told], found: Counts, raw: bytes, trust: Trust, _case: Case) -> Told:
    return run(found, raw, trust)


CHECKS = (
    ("spelling", "写法规范", "the file is in its one spelling", spelling),
    ("signature", "份数由台账公钥签名", "the counts are signed by the ledger's key", signature),
    ("ledger", "台账首部", "head of the ledger", head),
    ("sums", "份数互相吻合", "the counts add up", sums),
    ("small", "份数过少的层没有单独列出", "small strata are not shown", small),
)
