"""A document is read as it is written: exact numbers, plain words, one digest; what comes with the program is whole."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.schemes import app
from survey_models.core.errors import Problem
from survey_models.schemes.language import Scheme
from survey_models.schemes.loading import digest_of, document, preset, presets, read, scheme_of, unit_list, units_of
from survey_models.schemes.proving import prove
from survey_models.schemes.reading import read_yaml
from survey_models.schemes.schema import json_schema
from survey_models.schemes.shelf import policies, policy_text, unit_lists
from tests.survey_models.schemes.test_proving import SOUND

NANYANG = "nanyang-2014-27"
PUBLISHED = Path(__file__).parents[3] / "docs" / "scheme.schema.json"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[" * 390_000, "too_deep"),
        ("- " * 150_000 + "x", "too_deep"),
        ("\n".join(" " * level + "a:" for level in range(800)), "too_deep"),
        ("a0: &a0 [x]\n" + "\n".join(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 900)), "too_deep"),
        ("a0: &a0 {x: 1}\n" + "\n".join(f"a{n}: &a{n} {{<<: *a{n - 1}}}" for n in range(1, 900)), "too_large"),
        ("a: &a {x: 1}\nb:\n" + "- {<<: *a}\n" * 15_000, "too_large"),
        ("a: &a [x, x, x, x]\n" + "b: &b [*a, *a, *a, *a]\n" * 20_000, "too_large"),
    ],
    ids=["brackets", "dashes", "indents", "anchors", "chain of merges", "merges", "copies"],
)
def test_a_document_made_to_break_the_reader_is_a_fault_like_any_other(text: str, code: str) -> None:
    assert code in {one[2] for one in read_yaml(text).wrong}


def test_values_are_what_their_author_wrote() -> None:
    read = read_yaml("on: no\nday: 2015-03-01\nhalf: 0.50\nten: 10\ntext: '10'\nnone: null\nyes: true\n")
    assert read.data == {
        "on": "no",
        "day": "2015-03-01",
        "half": Decimal("0.50"),
        "ten": 10,
        "text": "10",
        "none": None,
        "yes": True,
    }
    assert isinstance(read.data["half"], Decimal)
    assert [read.lines[(key,)] for key in read.data] == [1, 2, 3, 4, 5, 6, 7]


def test_a_merged_value_keeps_the_line_on_which_it_stands() -> None:
    read = read_yaml("a: &a\n  x: 1\n  y: 2\nb:\n  <<: *a\n  y: 3\n")
    assert read.data["b"] == {"x": 1, "y": 3}
    assert (read.lines[("b", "x")], read.lines[("b", "y")]) == (2, 6)
    assert read.wrong == []


def test_many_aliases_do_not_fill_the_memory() -> None:
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))
    assert [code for _, _, code, _ in read_yaml(f"a0: &a0 [1]\n{levels}").wrong] == ["too_large"]


def test_a_setting_stands_in_its_place_and_changes_the_digest() -> None:
    plain, other = read(SOUND), read(SOUND, settings={"good_from": "80"})
    assert plain.scheme.grades[1].least == Decimal(75)
    assert other.scheme.grades[1].least == Decimal(80)
    assert plain.digest != other.digest
    assert other.settings == {"good_from": Decimal(80)}
    assert read(SOUND, settings={"good_from": 80}).digest == other.digest


@pytest.mark.parametrize(
    ("settings", "code"),
    [({"good_from": 95}, "setting_out"), ({"good": 80}, "setting_unknown"), ({"good_from": 80.5}, "float")],
)
def test_settings_out_of_their_limits_are_refused(settings: dict[str, object], code: str) -> None:
    with pytest.raises(Problem) as refused:
        read(SOUND, settings=settings)
    assert code in {one["code"] for one in refused.value.params["faults"]}  # type: ignore[attr-defined]


def test_settings_that_do_not_add_up_are_refused() -> None:
    assert read(preset(NANYANG), settings={"window_points": 6, "survey_points": 24}).settings
    with pytest.raises(Problem) as refused:
        read(preset(NANYANG), settings={"window_points": 6})
    assert refused.value.params["faults"][0]["code"] == "points_sum"  # type: ignore[index]


def test_the_digest_does_not_hang_on_spelling() -> None:
    spelled = SOUND.replace("points: 60\n", "points: 60.0\n")
    assert spelled != SOUND
    assert read(spelled + "\n# a remark\nmissing: block\n").digest == read(SOUND).digest
    assert read(SOUND.replace("first: 3", "first: 4")).digest != read(SOUND).digest


@pytest.mark.parametrize("name", presets())
def test_the_canonical_form_is_json_and_makes_the_same_scheme(name: str) -> None:
    loaded = read(preset(name))
    stored = json.loads(json.dumps(document(loaded.scheme)))
    again = scheme_of(stored)
    assert again == loaded.scheme
    assert digest_of(again) == loaded.digest
    assert isinstance(again, Scheme)


def test_what_comes_with_the_program_is_named_and_nothing_else() -> None:
    assert len(policies()) == 5
    assert policy_text(NANYANG) == policy_text(f"{NANYANG}.txt")
    assert [len(unit_list(name)) for name in unit_lists()] == [80, 118]
    assert len(units_of(read(preset(NANYANG)).scheme)) == 118
    assert units_of(read(preset("xuancheng-2019-48")).scheme) == []
    with pytest.raises(Problem, match="scheme_preset_unknown"):
        preset("atlantis")
    with pytest.raises(KeyError):
        policy_text("../presets/nanyang-2014-27.yaml")


def test_the_published_json_schema_is_that_of_the_language() -> None:
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == json_schema(), "pingyi schemes schema > docs/…"
    assert {"$ref": "#/$defs/OfficeSets"} in json_schema()["$defs"]["Part"]["properties"]["points"]["anyOf"]
    assert "anyOf" not in json_schema()["$defs"]["Text"]["properties"]["zh"]


def test_the_whole_document_of_the_guide_is_proved() -> None:
    guide = (PUBLISHED.parent / "schemes.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    assert [prove(block) for block in blocks] == [[]]
    assert prove(blocks[0].replace("points: 70", "points: 60"))[0].code == "points_sum"


def test_the_command_line_proves_shows_and_lists(tmp_path: Path) -> None:
    run = CliRunner().invoke
    bad = tmp_path / "town.yaml"
    bad.write_text(SOUND.replace("share: 50", "share: 60", 1).replace("of: lowest", "of: nobody"), encoding="utf-8")
    refused = run(app, ["prove", str(bad)])
    assert refused.exit_code == 1
    assert "town.yaml:34" in refused.output
    assert "[shares_sum]" in refused.output
    assert "[consequence_unknown]" in refused.output
    bad.write_text(SOUND, encoding="utf-8")
    assert read(SOUND).digest in run(app, ["prove", str(bad)]).output
    assert run(app, ["show", NANYANG]).output == preset(NANYANG)
    assert all(name in run(app, ["list"]).output for name in presets())
    assert json.loads(run(app, ["schema"]).output) == json_schema()
