"""One way to say that something cannot be done: a stable code, what happened, what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from survey_models.core.catalogue import CATALOGUE, Entry

type_prefix = "urn:pingyi:error:"


@dataclass
class Problem(Exception):
    """A refusal. ``code`` names an entry of the catalogue; ``params`` fill its sentences.

    ``params`` reach the client, so they never hold a code, an answer, a name or a number of a person.
    """

    code: str
    params: Mapping[str, object]

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    @property
    def entry(self) -> Entry:
        """The entry of the catalogue."""
        return CATALOGUE[self.code]

    def sentence(self, language: str = "zh") -> str:
        """What happened, in ``zh`` or ``en``."""
        return _fill(self.entry.en if language == "en" else self.entry.zh, self.params)

    def remedy(self, language: str = "zh") -> str:
        """What to do next, in ``zh`` or ``en``."""
        return _fill(self.entry.next_en if language == "en" else self.entry.next_zh, self.params)

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence()} {self.remedy()}"

    def as_dict(self) -> dict[str, object]:
        """The body of ``application/problem+json`` (RFC 9457)."""
        return {
            "type": type_prefix + self.code,
            "title": self.entry.title,
            "status": self.entry.status,
            "code": self.code,
            "detail": self.sentence("zh"),
            "detail_en": self.sentence("en"),
            "next": self.remedy("zh"),
            "next_en": self.remedy("en"),
            **{key: value for key, value in self.params.items() if key not in {"type", "title", "status", "code"}},
        }


class _Blank(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "…"


def _fill(sentence: str, params: Mapping[str, object]) -> str:
    return sentence.format_map(_Blank(params))
