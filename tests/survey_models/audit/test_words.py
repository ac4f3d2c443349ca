"""Every event and every field of the ledger has words in both languages, and every event belongs to one kind."""

from __future__ import annotations

import re

from survey_models.audit.kinds import Kind, events_of
from survey_models.audit.words import WORDS, facts, word
from survey_models.ledger.events import Event
from tests.architecture.tree import ROOT
from tests.docs.events import documented_fields

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_every_event_and_every_field_is_named() -> None:
    assert set(WORDS["events"]) == {event.value for event in Event}
    fields = {name for _, names in documented_fields().values() for name in names}
    assert fields - set(WORDS["fields"]) == set()


def test_words_are_chinese_and_english() -> None:
    for family in WORDS.values():
        for zh, en in family.values():
            assert CHINESE.search(zh), zh
            assert en
            assert not CHINESE.search(en), en


def test_every_event_belongs_to_one_kind() -> None:
    found = [event for kind in Kind for event in events_of(kind)]
    assert sorted(found) == sorted(event.value for event in Event)
    assert all(events_of(kind) for kind in Kind)


def test_acts_and_roles_are_those_that_there_are() -> None:
    acts = set(
        re.findall(r'^[A-Z_]+ = "(\w+:\w+)"$', (ROOT / "api" / "acts.py").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert acts == set(WORDS["act"])


def test_a_body_is_told_in_words() -> None:
    body = {
        "event": "campaigns:counted", "log": "luohe", "by": "setup", "blind": "00", "reason": "",
        "digest": "0" * 64, "kind": "campaigns:count", "channels": {"phone": 1140, "paper": 12},
        "accept_until": "2026-11-22T02:54:04.626544+00:00", "roles": ["setup", "release"], "made_up": True,
    }  # fmt: skip
    told = {fact.name: (fact.words, fact.value) for fact in facts(body, zone="Asia/Shanghai")}
    assert told == {
        "kind": (("类别", "kind"), ("计票", "Count the campaign")),
        "channels": (("渠道", "channels"), ("手机 1140、纸质 12", "phone 1140, paper 12")),
        "accept_until": (("截止收件", "accepted until"), ("2026-11-22 10:54", "2026-11-22 10:54")),
        "roles": (("角色", "roles"), ("设置、发布", "Setup, Release")),
        "made_up": (("编造", "made up"), ("是", "yes")),
        "digest": (("摘要", "digest"), ("0" * 64, "0" * 64)),
    }
    assert facts(body, zone="UTC")[-1].digest, "digests stand last"
    flags = {"flags": [["da5f7e36", "unit_shift", "0" * 64]] * 9}
    assert [fact.value for fact in facts(flags, zone="UTC")] == [("9 项", "9 items")]
    assert word("events", "no:such") == ("no:such", "no:such")
