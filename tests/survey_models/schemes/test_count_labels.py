"""Labels of counts on a scorecard in English: words are translated, names stay."""

import re

import pytest

from api.schemas.scorecards import LineView
from survey_models.schemes.count_labels import english
from survey_models.schemes.evaluating import evaluate
from survey_models.schemes.loading import preset, presets, read
from survey_models.schemes.outcome import Line
from tests.simulated_rounds import simulated


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("满意", "Satisfied"),
        ("不了解", "Don't know"),
        ("答卷", "Sheets"),
        ("有效评价", "Judging answers"),
        ("未填", "Blank"),
        ("attitude 基本满意", "attitude Mostly satisfied"),
        ("市纪委（第2版）", "市纪委 (version 2)"),
        ("2019Q2 未报送季度自查报告 m-1", "2019Q2 Quarterly self-check missing m-1"),
        ("违反八项制度造成严重后果", "A breach of the eight rules with serious consequences"),
        ("3号窗口", "3号窗口"),
    ],
)
def test_words_are_translated_and_names_stay(label: str, said: str) -> None:
    assert english(read(preset("xuancheng-2019-48")).scheme)(label) == said


def test_every_option_and_rule_of_the_presets_has_an_english_form() -> None:
    for name in presets():
        scheme = read(preset(name)).scheme
        said = english(scheme)
        options = {option for one in scheme.maps.values() for option in one.options}
        assert [one for one in options if re.search(r"[一-鿿]", said(one))] == [], name


def test_a_whole_card_keeps_names_alone_in_chinese() -> None:
    made = simulated("nanyang-2014-27")
    card = evaluate(made.loaded.scheme, made.loaded.digest, made.inputs).cards[40]
    said = english(made.loaded.scheme)

    def labels(line: Line) -> list[str]:
        return [label for label, _ in line.counts] + [one for child in line.children for one in labels(child)]

    found = [label for line in (card.root, *card.adjustments) for label in labels(line)]
    assert len(found) > 12
    # What is left are offices and people with the version of their mark.
    assert {one for one in found if said(one) == one} == set()
    assert all("version" in said(one) for one in found if re.search(r"[一-鿿]", said(one)))

    def sent(line: LineView) -> list[str]:
        return [one.label_en for one in line.counts] + [one for child in line.children for one in sent(child)]

    assert sent(LineView.of(card.root, english=said)) == [said(one) for one in labels(card.root)]
