"""What a check of a bundle says (核对结果): ok, failed, or not checkable from what is at hand. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from survey_models.evidence.cases import Case

Told = tuple[str, str]
"""What was seen, in Chinese and English."""


class Outcome(StrEnum):
    """The three answers."""

    OK = "ok"
    FAILED = "FAILED"
    NOT_CHECKABLE = "not checkable"


IN_CHINESE = {Outcome.OK: "通过", Outcome.FAILED: "不符", Outcome.NOT_CHECKABLE: "无法核对"}


class Differs(Exception):
    """What a check found wrong, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.told = (zh, en)


class Missing(Exception):
    """What a check would have needed."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.told = (zh, en)


@dataclass(frozen=True)
class Check:
    """One check: its name in code, its question in both languages, and what answers it."""

    key: str
    zh: str
    en: str
    run: Callable[[Case], Told]


@dataclass(frozen=True)
class Finding:
    """The answer to one check."""

    check: Check
    outcome: Outcome
    told: Told

    def lines(self) -> tuple[str, str]:
        """As it is printed."""
        zh, en = self.told
        return (
            f"{IN_CHINESE[self.outcome]}  {self.check.zh}：{zh}",
            f"{self.outcome}  {self.check.key}: {self.check.en}: {en}",
        )


def answered(check: Check, case: Case) -> Finding:
    """Run one check. What cannot even be read as it should is a failure and no error of this program."""
    try:
        return Finding(check, Outcome.OK, check.run(case))
    except Differs as found:
        return Finding(check, Outcome.FAILED, found.told)
    except Missing as found:
        return Finding(check, Outcome.NOT_CHECKABLE, found.told)
    except Exception as error:  # noqa: BLE001 - the bundle may hold anything at all
        about = f"{type(error).__name__} {error}"[:120]
        return Finding(check, Outcome.FAILED, (f"读不出来（{about}）", f"not readable ({about})"))


def demand(met: bool, zh: str, en: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Raise Differs unless it is so."""
    if not met:
        raise Differs(zh, en)
