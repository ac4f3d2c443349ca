"""What is wrong with a scheme document (评分办法的差错): one sentence in Chinese and in English, and the line."""

from __future__ import annotations

from dataclasses import dataclass

from survey_models.schemes.fault_words import WORDS
from survey_models.schemes.reading import Path, Read, steps


@dataclass(frozen=True, order=True)
class Fault:
    """One fault: ``line`` from 1, ``where`` as a path of names, ``code`` as in `fault_words`, and what to mend."""

    line: int
    where: str
    code: str
    zh: str
    en: str

    def as_dict(self) -> dict[str, str | int]:
        """The fault for JSON."""
        return {"line": self.line, "where": self.where, "code": self.code, "zh": self.zh, "en": self.en}


class Faults:
    """Collects the faults of one document; the same one twice is one."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._found: set[Fault] = set()

    def add(self, path: Path, code: str, **params: object) -> None:
        """Note a fault at a place of the document."""
        self.at(self._read.line(path), path, code, **params)

    def at(self, line: int, path: Path, code: str, **params: object) -> None:
        """Note a fault whose line is known."""
        zh, en = WORDS[code]
        where = steps(self._read.data, path)
        self._found.add(Fault(line, where, code, zh.format_map(params), en.format_map(params)))

    def sorted(self) -> list[Fault]:
        """All faults by line; what several places took from one line (an anchor) is one fault."""
        first: dict[tuple[int, str, str], Fault] = {}
        for one in sorted(self._found):
            first.setdefault((one.line, one.code, one.zh), one)
        return sorted(first.values())
