"""Checks of files and ledger (文件与台账的核对): pure."""

from __future__ import annotations

import contextlib
import hashlib

from survey_models.core.canonical import canonical_bytes
from survey_models.evidence import documents
from survey_models.evidence.cases import Case
from survey_models.evidence.findings import Check, Differs, Missing, Told, demand
from survey_models.ledger.changes import keys_from
from survey_models.ledger.merkle import extends, leaf_hash, root_of
from survey_models.ledger.notes import Checkpoint, open_note, read_checkpoint, read_vkey
from survey_models.ledger.tiles import leaf_data


def files(case: Case) -> Told:
    """Every file is listed with its hash, and no other is there."""
    manifest = case.manifest
    demand(manifest["format"] == documents.FORMAT, "格式不认识", "unknown format")
    wanted = documents.OF_AUDITOR if case.is_auditors else documents.OF_PUBLIC
    there = set(case.files) - {documents.MANIFEST}
    odd = sorted((set(manifest["files"]) ^ there) | (set(wanted) - there))
    demand(not odd, f"多出或缺少 {'、'.join(odd)}", f"too many or missing: {', '.join(odd)}")
    for name, digest in sorted(manifest["files"].items()):
        demand(hashlib.sha256(case.files[name]).hexdigest() == digest, f"{name} 被改过", f"{name} was changed")
    whole = hashlib.sha256(case.files[documents.MANIFEST]).hexdigest()
    return f"{len(there)} 个文件，清单摘要 {whole}", f"{len(there)} files; digest of the manifest {whole}"


def entries(case: Case) -> Told:
    """The entries are those of this campaign, each in its one spelling."""
    for number, (raw, body) in enumerate(zip(case.entries, case.bodies, strict=True)):
        fit = body["log"] == case.manifest["campaign"] == case.ground.id and canonical_bytes(body) == raw
        demand(fit, f"第 {number} 条不是本评议台账的写法", f"entry {number} is none of this log")
    return f"{len(case.entries)} 条", f"{len(case.entries)} entries"


def root(case: Case) -> Told:
    """The root over the entries is that of the checkpoint."""
    head = _unsigned(case)
    found = root_of(_leaves(case, len(case.entries)))
    size = len(case.entries)
    demand(size == head.size, f"首部说 {head.size} 条，实有 {size} 条", f"the head says {head.size}, there are {size}")
    demand(found == head.root, "由条目算出的根与首部不同", "the root over the entries is not that of the head")
    named = head.origin.endswith(f"/ledger/{case.ground.id}")
    demand(named, "首部是另一个台账的", "the head is of another log")
    listed = case.manifest["log"]
    same = listed == {"origin": head.origin, "size": head.size, "root": head.root.hex()}
    demand(same, "清单写的首部不同", "the manifest names another head")
    return f"{head.size} 条，根 {head.root.hex()}", f"{head.size} entries, root {head.root.hex()}"


def signature(case: Case) -> Told:
    """The checkpoint is signed, and the bundle's key is the one that was posted or that the witness knows."""
    if not _signed(case.note, case.own_vkey):
        raise Differs("首部没有本包公钥的签名", "the head is not signed by the bundle's key")
    known = {key for key in (case.trust.vkey, (case.seen or {}).get("vkey")) if key}
    if not known:
        raise Missing(
            f"签名属于包内公钥 {case.own_vkey}；请与张贴的公钥比对，或用 --vkey",
            f"signed by the bundle's own key {case.own_vkey}: compare it with the posted one, or give --vkey",
        )
    changed = False
    for key in known:
        own = _signed(case.note, key)
        demand(
            own or _follows(case, key),
            f"首部不是 {key} 签的，也没有换钥公告引到签名的公钥",
            f"the head is not signed by {key}, and no announced change leads to the key that signed it",
        )
        changed = changed or not own
    if changed:
        return "由所信的公钥按换钥公告引到的公钥签名", "signed by the key that was announced under the trusted one"
    return "由所信的公钥签名", "signed by the trusted key"


def _follows(case: Case, vkey: str) -> bool:
    """Whether announced changes join the key of ``vkey`` to the one that signed the head."""
    for announced in (case.trust.announced or case.announced, case.announced):
        with contextlib.suppress(ValueError, KeyError, TypeError):
            origin, _, public = read_vkey(vkey)
            return keys_from(public, announced).opened(case.note)[0].origin == origin
    return False


def witness(case: Case) -> Told:
    """The log continues what a witness saw."""
    seen_by = case.seen
    if seen_by is None:
        raise Missing("没有见证人对本台账的记录（--witness）", "no witness's state of this log (--witness)")
    seen = open_note(str(seen_by["note"]), str(seen_by["vkey"]))
    head = _unsigned(case)
    demand(seen.origin == head.origin, "见证的是另一个台账", "the witness saw another log")
    if seen.size > head.size:
        return _older(case, head, seen)
    same = root_of(_leaves(case, seen.size)) == seen.root
    demand(
        same,
        f"分叉：前 {seen.size} 条不是见证人看到的那些",
        f"fork: the first {seen.size} entries are not those that the witness saw",
    )
    return f"见证过的 {seen.size} 条一条未动", f"the {seen.size} entries that the witness saw are as they were"


def _older(case: Case, head: Checkpoint, seen: Checkpoint) -> Told:
    """A witness that saw more is satisfied by a proof alone."""
    if case.trust.growth is not None and extends(head.root, head.size, seen.root, seen.size, case.trust.growth):
        return (
            f"见证人后来看到的 {seen.size} 条以这 {head.size} 条开头",
            f"the {seen.size} entries that the witness saw since begin with these {head.size}",
        )
    raise Differs(
        f"回退：见证人看到过 {seen.size} 条，这里只有 {head.size} 条；若是旧包，请另取一份，或附增长证明（--growth）",
        f"rollback: the witness saw {seen.size} entries, here are {head.size}; "
        "if the bundle is an old one, take a new one, or give the proof of growth (--growth)",
    )


def _leaves(case: Case, size: int) -> list[bytes]:
    return [leaf_hash(leaf_data(entry)) for entry in case.entries[:size]]


def _unsigned(case: Case) -> Checkpoint:
    return read_checkpoint(case.note.partition("\n\n")[0] + "\n")


def _signed(note: str, vkey: str) -> bool:
    try:
        open_note(note, vkey)
    except ValueError:
        return False
    return True


CHECKS = (
    Check("files", "文件与清单一致", "files are those of the manifest", files),
    Check("entries", "条目写法正确", "entries are well formed", entries),
    Check("root", "条目与首部的根一致", "entries give the root of the head", root),
    Check("signature", "首部签名", "the head is signed", signature),
    Check("witness", "与见证人一致", "the log continues what the witness saw", witness),
)
