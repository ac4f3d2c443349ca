"""Checking a round's bundle (复算) without database and network: the outcome is evaluated again. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from survey_models.core.archives import unpacked
from survey_models.core.canonical import blinded, digest
from survey_models.core.errors import Problem
from survey_models.evidence.cases import Trust
from survey_models.evidence.findings import Check as CampaignCheck
from survey_models.evidence.findings import Differs, Finding, Missing, Outcome, Told, demand
from survey_models.ledger.merkle import includes, leaf_hash
from survey_models.ledger.notes import open_note
from survey_models.ledger.tiles import leaf_data
from survey_models.rounds import drawing
from survey_models.rounds.gathering import YearInputs
from survey_models.rounds.records import from_json, to_json
from survey_models.rounds.scoring import code_digest, score
from survey_models.rounds.tables import Level
from survey_models.schemes.inputs import Inputs
from survey_models.schemes.loading import scheme_of
from survey_models.schemes.outcome import Outcome as Scores
from survey_models.schemes.outcome import Scorecard

FORMAT = "pingyi-round-bundle-1"
MANIFEST, ROUND, SCHEME, SCHEME_TEXT = "manifest.json", "round.json", "scheme.json", "scheme.yaml"
INPUTS, TABLES, OUTCOME, README = "inputs.json", "inputs.xlsx", "outcome.json", "README.md"
CHECKPOINT, VKEY, ENTRY, PROOF = "ledger/checkpoint", "ledger/vkey", "ledger/entry.json", "ledger/proof.json"
_OWN = ("total", "printed", "root", "adjustments", "se", "satisfied")


@dataclass(frozen=True)
class Case:
    """The files by name, read when a check asks for them. Anything may raise: the files are of anybody."""

    files: Mapping[str, bytes]
    trust: Trust

    @cached_property
    def about(self) -> dict[str, Any]:
        """What the result rests on, by its digests."""
        found: dict[str, Any] = json.loads(self.files[ROUND])
        return found

    @cached_property
    def masked(self) -> frozenset[str]:
        """Units of which the total alone is in the bundle."""
        return frozenset(self.about["masked"])

    @cached_property
    def inputs(self) -> Inputs | YearInputs:
        """What the run read."""
        read = json.loads(self.files[INPUTS])
        return from_json(YearInputs, read) if self.about["level"] == Level.YEAR else from_json(Inputs, read)

    @cached_property
    def stated(self) -> Scores:
        """The outcome as the bundle states it."""
        return from_json(Scores, json.loads(self.files[OUTCOME]))

    @cached_property
    def again(self) -> Scores:
        """The outcome evaluated here and now."""
        scheme = scheme_of(json.loads(self.files[SCHEME]))
        # The stored version counts what was stored here; the document's own number is within the digest.
        numbered = scheme.model_copy(update={"version": self.about["version"]})
        return score(numbered, self.about["scheme_digest"], self.inputs)


def is_round(files: Mapping[str, bytes]) -> bool:
    """Whether these are the files of a round's bundle."""
    try:
        return bool(json.loads(files[MANIFEST])["format"] == FORMAT)
    except (KeyError, ValueError, TypeError):
        return False


def is_archive(raw: bytes) -> bool:
    """Whether these bytes are a round's bundle."""
    try:
        return is_round(unpacked(raw))
    except ValueError:
        return False


def verify(raw: bytes, trust: Trust) -> list[Finding]:
    """The answers to all checks, in their order. Raises ``bundle_unreadable`` for what is no bundle of a round."""
    try:
        files = unpacked(raw)
    except ValueError:
        raise Problem("bundle_unreadable") from None
    if not is_round(files):
        raise Problem("bundle_unreadable")
    case = Case(files, trust)
    return [_answered(key, zh, en, run, case) for key, zh, en, run in CHECKS]


def listed(case: Case) -> Told:
    """Every file is listed with its hash, and no other is there."""
    named = json.loads(case.files[MANIFEST])["files"]
    odd = sorted(set(named) ^ (set(case.files) - {MANIFEST}))
    demand(not odd, f"多出或缺少 {'、'.join(odd)}", f"too many or missing: {', '.join(odd)}")
    for name, wanted in sorted(named.items()):
        demand(hashlib.sha256(case.files[name]).hexdigest() == wanted, f"{name} 被改过", f"{name} was changed")
    whole = hashlib.sha256(case.files[MANIFEST]).hexdigest()
    return f"{len(named)} 个文件，清单摘要 {whole}", f"{len(named)} files; digest of the manifest {whole}"


def scheme(case: Case) -> Told:
    """The scheme is the one whose digest is printed on the result."""
    found = digest(json.loads(case.files[SCHEME]))
    same = found == case.about["scheme_digest"] == case.stated.digest
    demand(same, "评分办法与印出的校验码不符", "the scheme is not that of the printed digest")
    return f"SHA-256 {found}", f"SHA-256 {found}"


def inputs(case: Case) -> Told:
    """What the run read has the digest that stands in the ledger."""
    if case.about["hidden"]:
        count = len(case.masked)
        raise Missing(
            f"{count} 个单位的份数太少，评审组成员的姓名，扣分事项的文字，都没有公布",
            f"too few answers ({count} units), names of panel members and words about cases are not public",
        )
    found = blinded(to_json(case.inputs), case.about["blind"])
    demand(found == case.about["inputs_digest"], "数据与台账的摘要不符", "the inputs are not those of the ledger")
    return f"SHA-256 {found}", f"SHA-256 {found}"


def outcome(case: Case) -> Told:
    """The outcome, evaluated again, is the one stated; the first difference is named."""
    for zh, en in _differences(case):
        raise Differs(zh, en)
    cards = len(case.stated.cards) - len(case.masked)
    if case.masked:
        return (
            f"{cards} 个单位的得分一致，名次与得分相合；{len(case.masked)} 个单位只公布总得分",
            f"{cards} units equal, places fit the scores; of {len(case.masked)} units the total alone is public",
        )
    return f"{cards} 个单位全部一致", f"all {cards} units equal"


def draws(case: Case) -> Told:
    """The order of every draw between equals follows from its seed and share, and is the one that was scored."""
    told = case.about.get("draws", [])
    for one in told:
        about, category, units, share = (one[name] for name in ("about", "category", "units", "share"))
        again = drawing.order(case.about["round"], about, category, units, seed=one["seed"], share=share)
        stands = case.inputs.decided.get((about, category))
        demand(
            again == tuple(units) == stands, f"{about} 的抽签结果不符", f"the draw about {about} gives another order"
        )
        if "blind" in one:
            fixed = drawing.share_of(one["blind"], about, category)
            demand(fixed == share, f"{about} 的系统份额不符", f"the house's share of {about} is another")
    return f"{len(told)} 次抽签", f"{len(told)} draws"


def result(case: Case) -> Told:
    """The outcome has the blinded digest that stands in the ledger."""
    blind = case.about["blind"]
    if blind is None:
        raise Missing("有内容没有公布，盲值也没有", "something is not public, and the blinding value neither")
    found = blinded(json.loads(case.files[OUTCOME]), blind)
    demand(found == case.about["result_digest"], "结果与台账的摘要不符", "the outcome is not that of the ledger")
    return f"SHA-256 {found}", f"SHA-256 {found}"


def head(case: Case) -> Told:
    """The system's log is signed; for auditors the score run stands in it."""
    if CHECKPOINT not in case.files:
        raise Missing("写出时系统台账还没有首部", "the system's log had no head when this was written")
    own = case.files[VKEY].decode().strip()
    seen = case.trust.vkey
    try:
        checkpoint = open_note(case.files[CHECKPOINT].decode(), seen or own)
    except ValueError:
        raise Differs(f"首部不是 {seen or own} 签的", f"the head is not signed by {seen or own}") from None
    if ENTRY in case.files:
        placed = json.loads(case.files[PROOF])
        body, proof = case.files[ENTRY], [bytes.fromhex(one) for one in placed["proof"]]
        leaf = leaf_hash(leaf_data(body))
        there = placed["size"] == checkpoint.size and includes(
            checkpoint.root, placed["size"], placed["seq"], leaf, proof
        )
        demand(there, "计算得分的条目不在这个首部之下", "the entry of the score run is not under this head")
        entry = json.loads(body)
        same = (entry["digest"], entry["inputs"]) == (case.about["result_digest"], case.about["inputs_digest"])
        demand(same, "台账里的摘要不同", "the ledger has other digests")
    if seen is None:
        raise Missing(
            f"签名属于包内公钥 {own}；请与张贴的公钥比对，或用 --vkey",
            f"signed by the bundle's own key {own}: compare it with the posted one, or give --vkey",
        )
    return f"{checkpoint.size} 条，由所信的公钥签名", f"{checkpoint.size} entries, signed by the trusted key"


def code(case: Case) -> Told:
    """Whether this program is the one that scored; another version may still agree."""
    if code_digest() != case.about["code"]:
        raise Missing("本机程序与当时的版本不同", "this program is another version than the one that scored")
    return case.about["code"], case.about["code"]


def _differences(case: Case) -> Iterator[Told]:
    stated = {card.unit.code: card for card in case.stated.cards}
    again = {card.unit.code: card for card in case.again.cards}
    for name in sorted(stated.keys() ^ again.keys()):
        yield f"单位 {name} 只在一边", f"unit {name} is on one side only"
    for name in sorted(stated.keys() & again.keys() - case.masked):
        yield from _of_card(stated[name], again[name], whole=not case.masked)
    if case.masked:
        yield from _places(case.stated)
    elif to_json(case.stated) != to_json(case.again):
        yield "待定事项、临界名次或方法说明不同", "questions, borders or the method differ"


def _of_card(stated: Scorecard, again: Scorecard, *, whole: bool) -> Iterator[Told]:
    fields = _OWN if not whole else tuple(vars(stated))
    for field in fields:
        one, other = to_json(getattr(stated, field)), to_json(getattr(again, field))
        if one != other:
            said, found = str(one)[:60], str(other)[:60]
            unit = stated.unit.code
            yield f"{unit} {field}：包内 {said}，复算 {found}", f"{unit} {field}: stated {said}, found {found}"


def _places(stated: Scores) -> Iterator[Told]:
    """A better place never goes with a lower printed total."""
    ranked = [card for card in stated.cards if card.rank is not None and card.printed is not None]
    for category in {card.unit.category for card in ranked}:
        members = sorted((one for one in ranked if one.unit.category == category), key=lambda one: one.rank or 0)
        for better, worse in pairwise(members):
            if (better.printed or 0) < (worse.printed or 0):
                names = f"{better.unit.code}, {worse.unit.code}"
                yield f"名次与得分不合：{names}", f"places do not fit the scores: {names}"


def _answered(key: str, zh: str, en: str, run: Any, case: Case) -> Finding:
    """Run one check. What cannot even be read as it should is a failure and no error of this program."""
    check = CampaignCheck(key, zh, en, run)
    try:
        return Finding(check, Outcome.OK, run(case))
    except Differs as found:
        return Finding(check, Outcome.FAILED, found.told)
    except Missing as found:
        return Finding(check, Outcome.NOT_CHECKABLE, found.told)
    except Exception as error:  # noqa: BLE001 - the bundle may hold anything at all
        about = f"{type(error).__name__} {error}"[:120]
        return Finding(check, Outcome.FAILED, (f"读不出来（{about}）", f"not readable ({about})"))


CHECKS = (
    ("files", "文件与清单一致", "files are those of the manifest", listed),
    ("scheme", "评分办法与校验码一致", "the scheme has the printed digest", scheme),
    ("inputs", "数据与摘要一致", "the inputs have the ledger's digest", inputs),
    ("outcome", "重新计算的结果一致", "the outcome, computed again, is equal", outcome),
    ("draws", "同分抽签可以重做", "draws between equals, made again", draws),
    ("result", "结果与摘要一致", "the outcome has the ledger's digest", result),
    ("ledger", "台账首部和条目", "head and entry of the ledger", head),
    ("code", "计算程序的版本", "version of the program", code),
)
