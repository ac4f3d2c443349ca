"""The rule set is frozen: its hash names every word and number of it, and a rule before counting reads no answer."""

from importlib.resources import files

import pytest

from survey_models.core.errors import Problem
from survey_models.flags.rules import OPEN_READS, after_decision, read_rules, rule_set
from survey_models.flags.tables import FlagState, Rule

TEXT = files("survey_models.flags").joinpath("rules.yaml").read_text(encoding="utf-8")


def test_every_detector_has_its_rule_citation_and_reason() -> None:
    rules = rule_set()
    assert [rule.id for rule in rules.rules] == list(Rule)
    for rule in rules.rules:
        assert rule.parameters, rule.id
        assert rule.citation, rule.id
        assert rule.reason, rule.id


def test_what_runs_before_counting_reads_no_answer() -> None:
    early = [rule for rule in rule_set().rules if rule.when != "counted"]
    assert len(early) == 6
    assert {rule.reads for rule in early} <= OPEN_READS
    with pytest.raises(ValueError, match="reads no answers"):
        read_rules(TEXT.replace("when: counted\n    reads: answers", "when: open\n    reads: answers", 1))


@pytest.mark.parametrize(
    ("old", "new"),
    [('alpha: "0.00005"', 'alpha: "0.00006"'), ("rush hours", "busy hours"), ("短时集中评价", "短时间集中评价")],
)
def test_a_changed_number_or_word_is_another_rule_set(old: str, new: str) -> None:
    assert old in TEXT
    assert read_rules(TEXT).hash == rule_set().hash
    assert read_rules(TEXT.replace(old, new, 1)).hash != rule_set().hash


def test_spelling_of_the_file_does_not_change_the_hash() -> None:
    assert read_rules(TEXT.replace("# ", "#  ").replace("version: 1", "version:   1")).hash == rule_set().hash


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('alpha: "0.00005"', "alpha: 0.00005"),
        ("id: top_box", "id: late_surge"),
        ("id: top_box", "id: horoscope"),
        ("    citation: GB/T", "    source: GB/T"),
    ],
)
def test_floats_and_missing_or_doubled_rules_are_refused(old: str, new: str) -> None:
    assert old in TEXT
    with pytest.raises(ValueError):
        read_rules(TEXT.replace(old, new, 1))


def test_parameters_are_read_as_what_they_are() -> None:
    rule = rule_set().rule(Rule.WINDOW_BURST)
    assert 0 < rule.chance("alpha") < 0.01
    assert rule.whole("history_days") == 28
    assert rule.several("widths_minutes") == (5, 10, 20)
    for wrong in (lambda: rule.whole("alpha"), lambda: rule.chance("history_days"), lambda: rule.several("alpha")):
        with pytest.raises(TypeError):
            wrong()


def test_a_flag_is_decided_once() -> None:
    assert after_decision("open", "dismissed") is FlagState.DISMISSED
    assert after_decision("open", "voided") is FlagState.VOIDED
    for state, decision in (("dismissed", "voided"), ("voided", "dismissed"), ("open", "open")):
        with pytest.raises(Problem) as refused:
            after_decision(state, decision)
        assert refused.value.code == "flag_decided"
