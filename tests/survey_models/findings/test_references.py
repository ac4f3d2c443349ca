"""Cases on a scorecard: the kind and a short number for people, whole references in the store."""

import pytest

from api.schemas.scorecards import CountView
from survey_models.findings.references import told

ID = "0192f3a1-7c00-7abc-8def-0123456789ab"


@pytest.mark.parametrize(
    ("label", "zh"),
    [
        (f"2015Q1 拒签 {ID} findings/inspection/{ID}", "2015Q1 拒签 明查 456789AB"),
        (f"拒签 refusal:{ID} findings/secret_visit/{ID}", "拒签 暗访 456789AB"),
        (f"2015Q1 迟到 同一件事 findings/complaint/{ID}", "2015Q1 迟到 同一件事 投诉 456789AB"),
        (f"迟到 findings/{ID}", "迟到 456789AB"),
        ("有效份数", "有效份数"),
        ("迟到 duties/check/C-1", "迟到 duties/check/C-1"),
    ],
)
def test_a_finding_is_told_by_its_kind_and_a_short_number(label: str, zh: str) -> None:
    assert told(label)[0] == zh


def test_in_english_on_the_wire_too() -> None:
    label = f"Refused {ID} findings/inspection/{ID}"
    assert CountView.of(label, "1", str).label_en == "Refused inspection 456789AB"
