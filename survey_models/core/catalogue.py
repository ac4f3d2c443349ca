"""The catalogue of errors, read from catalogue.toml beside this file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class Entry:
    """One refusal: HTTP status, short title, the sentence and the next step in both languages."""

    status: int
    title: str
    zh: str
    en: str
    next_zh: str
    next_en: str


def _load() -> dict[str, Entry]:
    text = files("survey_models.core").joinpath("catalogue.toml").read_text(encoding="utf-8")
    return {code: Entry(**fields) for code, fields in tomllib.loads(text).items()}


CATALOGUE: dict[str, Entry] = _load()
