"""The sentences of the pages in both languages, and the view (language, text size) that a link asks for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from api.pages.assets import FOLDER

Language = Literal["zh", "en"]
TAGS: dict[Language, str] = {"zh": "zh-Hans", "en": "en"}


class Words:
    """The sentences of one language; called with a key and the values of its blanks."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.lang = TAGS[language]
        file = FOLDER / "locales" / f"{self.lang}.json"
        self._sentences: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))

    def __call__(self, key: str, **values: object) -> str:
        """The sentence with its blanks filled. An unknown key or a missing value is an error."""
        return self._sentences[key].format_map(values)

    def raw(self, key: str) -> str:
        """The sentence with its blanks open, for the script to fill."""
        return self._sentences[key]

    @property
    def keys(self) -> frozenset[str]:
        """All keys, so that a test can compare the languages."""
        return frozenset(self._sentences)


WORDS: dict[Language, Words] = {"zh": Words("zh"), "en": Words("en")}


@dataclass(frozen=True)
class View:
    """How a page is shown: path, language, elder view (长辈版). A link keeps what it does not change."""

    path: str
    lang: Language = "zh"
    elder: bool = False

    @property
    def words(self) -> Words:
        """The sentences of this view's language."""
        return WORDS[self.lang]

    @property
    def other_lang(self) -> Language:
        """The language that the switch leads to."""
        return "zh" if self.lang == "en" else "en"

    @property
    def other_tag(self) -> str:
        """Its BCP 47 tag."""
        return TAGS[self.other_lang]

    def link(self, *, lang: Language | None = None, elder: bool | None = None) -> str:
        """This page in another language or text size; never holds a code."""
        wanted = self.elder if elder is None else elder
        return f"{self.path}?lang={lang or self.lang}" + ("&elder=1" if wanted else "")
