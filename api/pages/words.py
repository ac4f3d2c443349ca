"""The sentences of the pages in each language, and the view (language, text size) that a link asks for.

A language more is a file in ``kiosk/phone/locales`` and a line in ``LANGUAGES``; its direction of writing comes along.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from api.pages.assets import FOLDER
from survey_models.core.errors import Problem

Language = Literal["zh", "hant", "en"]
_LOCALES = FOLDER / "locales"


@dataclass(frozen=True)
class Tongue:
    """A language of the pages: its word in addresses, BCP 47 tag, direction of writing, own name short and in full."""

    code: Language
    tag: str
    direction: Literal["ltr", "rtl"]
    short: str
    name: str


LANGUAGES: dict[Language, Tongue] = {
    "zh": Tongue("zh", "zh-Hans", "ltr", "简体", "简体中文"),
    "hant": Tongue("hant", "zh-Hant", "ltr", "繁體", "繁體中文"),
    "en": Tongue("en", "en", "ltr", "EN", "English"),
}
TAGS: dict[Language, str] = {code: tongue.tag for code, tongue in LANGUAGES.items()}


class Words:
    """The sentences of one language; called with a key and the values of its blanks."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.lang = LANGUAGES[language].tag
        self.direction = LANGUAGES[language].direction
        file = _LOCALES / f"{self.lang}.json"
        self._sentences: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))

    def __call__(self, key: str, **values: object) -> str:
        """The sentence with its blanks filled. An unknown key or a missing value is an error."""
        return self._sentences[key].format_map(values)

    def raw(self, key: str) -> str:
        """The sentence with its blanks open, for the script to fill."""
        return self._sentences[key]

    def sentence(self, problem: Problem) -> str:
        """What happened, in this language; the catalogue knows simplified Chinese and English."""
        return self.written(problem.sentence("en" if self.language == "en" else "zh"))

    def remedy(self, problem: Problem) -> str:
        """What to do next, in this language."""
        return self.written(problem.remedy("en" if self.language == "en" else "zh"))

    def written(self, text: str) -> str:
        """Our own sentences in the script of this language; names and texts of the office stay as they were given."""
        return text.translate(self._traditional) if self.language == "hant" else text

    @cached_property
    def _traditional(self) -> dict[int, str]:
        pairs = (_LOCALES / "hant.txt").read_text(encoding="utf-8").split()
        return {ord(pair[0]): pair[1] for pair in pairs}

    @property
    def keys(self) -> frozenset[str]:
        """All keys, so that a test can compare the languages."""
        return frozenset(self._sentences)


WORDS: dict[Language, Words] = {code: Words(code) for code in LANGUAGES}


@dataclass(frozen=True)
class View:
    """How a page is shown: path, language, elder view (长辈版), tablet of a test point (测评点).

    A link keeps what it does not change.
    """

    path: str
    lang: Language = "zh"
    elder: bool = False
    point: bool = False

    @property
    def words(self) -> Words:
        """The sentences of this view's language."""
        return WORDS[self.lang]

    @property
    def others(self) -> list[Tongue]:
        """The languages that the switches lead to."""
        return [tongue for code, tongue in LANGUAGES.items() if code != self.lang]

    def link(self, *, lang: Language | None = None, elder: bool | None = None) -> str:
        """This page in another language or text size; never holds a code."""
        wanted = self.elder if elder is None else elder
        return (
            f"{self.path}?lang={lang or self.lang}"
            + ("&elder=1" if wanted else "")
            + ("&point=1" if self.point else "")
        )
