"""What was written about a case stands in nothing public, and the figures still follow."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from decimal import Decimal

from python_calamine import CalamineWorkbook

from survey_models.publications.masking import without_counts
from survey_models.reports.round_documents import Documents
from survey_models.reports.round_matters import numbers, unworded, without_matters
from survey_models.reports.round_sheet import RoundSheet
from survey_models.rounds.gathering import YearInputs
from survey_models.rounds.records import to_json
from survey_models.rounds.scoring import score
from survey_models.schemes.evaluating import evaluate
from survey_models.schemes.inputs import Booked, Inputs
from tests.simulated_rounds import simulated

NANYANG, WENZHOU = "nanyang-2014-27", "wenzhou-2013-36"
WORDS = ("王某 张三的投诉", "李四上班饮酒", "A 13800000000")


def told(preset: str = WENZHOU) -> Inputs:
    """A round whole: words of three findings beside a duty that is late. In Wenzhou a matter is charged once."""
    made = simulated(preset).inputs
    one = next(case for case in made.booked if not case.ref.startswith("duties/"))
    cases = [
        replace(one, matter=matter, ref=f"findings/complaint/{number}")
        for number, matter in enumerate((*WORDS, WORDS[0]))
    ]
    rest = tuple(case for case in made.booked if (case.unit, case.part) != (one.unit, one.part))
    return replace(made, booked=(*rest, *cases, replace(one, matter="B-duty:2013", ref="duties/plan/x/2013")))


def text_of(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def test_a_public_bundle_tells_no_words_and_is_computed_again() -> None:
    loaded, inputs = simulated(WENZHOU).loaded, told()
    outcome = evaluate(loaded.scheme, loaded.digest, inputs)
    assert all(words in text_of(to_json(outcome)) for words in WORDS)
    public, shown = without_matters(inputs), unworded(outcome, inputs)
    for whole in (to_json(public), to_json(shown)):
        assert not any(words in text_of(whole) for words in WORDS)
    assert "findings/complaint/0" in text_of(to_json(shown)), "its kind is public"
    assert to_json(evaluate(loaded.scheme, loaded.digest, public)) == to_json(shown)
    assert [one.total for one in shown.cards] == [one.total for one in outcome.cards]


def test_the_tables_that_anybody_fetches_tell_no_words() -> None:
    loaded, inputs = simulated(WENZHOU).loaded, told()
    outcome = evaluate(loaded.scheme, loaded.digest, inputs)
    documents = Documents(RoundSheet("评议", "2013年", "办公室", loaded.scheme, outcome), inputs)
    with CalamineWorkbook.from_filelike(io.BytesIO(documents.file("inputs.xlsx"))) as book:
        rows = str([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])
    assert "findings/complaint/0" in rows
    assert not any(words in rows for words in WORDS)


def test_words_that_are_the_programs_own_stay() -> None:
    duty = Booked("U-1", "total", "late", "self-check:2015Q1", "2015Q1", Decimal(1), "duties/self-check/U-1/2015Q1")
    own = Booked("U-1", "total", "late", "7", "", None, "findings/inspection/7")
    assert numbers(Inputs(units=(), booked=(duty, own))) == {}


def test_the_rounds_of_a_year_tell_neither_members_nor_words() -> None:
    loaded, inputs = simulated(NANYANG).loaded, told(NANYANG)
    outcome = evaluate(loaded.scheme, loaded.digest, inputs)
    assert any(words in text_of(to_json(outcome)) for words in WORDS)
    read = YearInputs(units=inputs.units, rounds=(("2015H1", outcome), ("2015H2", outcome)))
    public, shown = without_counts(read, score(loaded.scheme, loaded.digest, read))
    assert not any(words in text_of(to_json(one)) for words in WORDS for one in (public, shown))
    assert to_json(score(loaded.scheme, loaded.digest, public)) == to_json(shown)
    assert without_counts(public, shown) == (public, shown)
