"""The smallest pieces of a scheme document (评分办法): exact amounts, words in two languages, what a line rests on."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

SHORTEST_QUOTATION = 8
_AMOUNT = re.compile(r"-?\d{1,6}(\.\d{1,6})?")


def exact(value: Any) -> Any:
    """An amount as it is written: whole, or with a decimal point. Never a float, never a decimal comma.

    Raises ValueError with the sentence that the author of the scheme reads.
    """
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError("write a number such as 20 or 0.5")  # noqa: TRY004 - pydantic collects ValueError alone
    text = format(value, "f") if isinstance(value, Decimal) else str(value).strip()
    if "," in text or "，" in text:
        raise ValueError(f"decimal comma in {text!r}: write a decimal point")
    if not _AMOUNT.fullmatch(text):
        raise ValueError(f"{text!r} is not a number such as 20 or 0.5")
    return Decimal(text)


def plain(value: Any) -> Any:
    """A number in whatever form as an exact decimal; everything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return value
    try:
        return exact(value)
    except ValueError:
        return value


Amount = Annotated[Decimal, BeforeValidator(exact)]
"""Points, shares in percent, factors: exact decimals."""

Id = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]
"""A name inside the document: letters, digits and ``_``."""

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
"""The code of an aspect, as the questionnaire has it."""

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,58}[a-z0-9]$")]
"""The name of a scheme, of a campaign kind: small letters, digits and ``-``."""


class Model(BaseModel):
    """Every part of a document: nothing unknown is accepted, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Model):
    """Words in Chinese and English."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Cited(Model):
    """A line with what it rests on (依据).

    ``cite``: quotations from the policy text, each at least 8 characters, found there by a test; ``at``: the article,
    for readers; ``assumed``: what the text leaves open and what was set instead, the office's to change (办公室自定).
    Both may stand: what is quoted, and what it does not say. One at least must. ``assumed`` is printed with results.
    """

    cite: tuple[str, ...] = ()
    at: str = ""
    assumed: Text | None = None

    @model_validator(mode="after")
    def _rests_on_something(self) -> Cited:
        if not self.cite and self.assumed is None:
            raise ValueError("neither a quotation (cite) nor a marked silence (assumed)")
        for quotation in self.cite:
            if len(quotation.strip()) < SHORTEST_QUOTATION:
                raise ValueError(f"a quotation has at least {SHORTEST_QUOTATION} characters: {quotation!r}")
        return self


class When(Model):
    """Which units a line is for (适用范围): all of ``flags``, none of ``without``, one of ``categories`` if named."""

    flags: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
