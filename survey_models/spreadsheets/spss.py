"""Reads one SPSS file (.sav, .zsav) in a process of its own: see ``apart``.

Two rows of headings come first: the labels of the variables (their names where they have none), and their names.
A value with a value label is that label; what is missing, by the system or by the user's ranges, is empty.
"""

from __future__ import annotations

import io
import struct
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from survey_models.spreadsheets.apart import MAX_COLUMNS, UNREADABLE, TooLargeError, check_size, limited
from survey_models.spreadsheets.workbook import cell_text

# Where the head says how it is laid out (2 or 3, in the byte order of the file) and how many cases there are.
_LAYOUT_AT, _CASES_AT, _HEAD = 64, 80, 176
_VARIABLE, _CONTINUED = 2, -1
_UNKNOWN = -1


def rows(content: bytes) -> Iterator[list[str]]:
    """Labels, names, and one row for each case."""
    from pyreadstat import read_sav  # noqa: PLC0415 - after the limits

    stated = _stated(content)
    columns, meta = read_sav(io.BytesIO(content), output_format="dict")
    names: list[str] = meta.column_names
    labels = [label or name for name, label in zip(names, meta.column_labels, strict=True)]
    yield [unicodedata.normalize("NFC", label) for label in labels]
    yield names
    texts = [_texts(columns[name], meta.variable_value_labels.get(name, {})) for name in names]
    found = len(texts[0]) if texts else 0
    check_size(found, len(texts))
    if stated not in {_UNKNOWN, found}:
        raise ValueError("cut off, or a count that is not true")
    yield from map(list, zip(*texts, strict=True))


def _stated(content: bytes) -> int:
    """The number of cases by the head; variables are counted before a library makes room for them.

    Raises TooLargeError; ValueError or struct.error for what is no head.
    """
    layouts = {struct.unpack_from(sign + "i", content, _LAYOUT_AT)[0]: sign for sign in "<>"}
    order = layouts.get(2) or layouts.get(3)
    if order is None:
        raise ValueError("no byte order")
    cases: int = struct.unpack_from(order + "i", content, _CASES_AT)[0]
    at, variables = _HEAD, 0
    while True:
        record, width, has_label, missing = struct.unpack_from(order + "iiii", content, at)
        if record != _VARIABLE:
            break
        variables += width != _CONTINUED
        if variables > MAX_COLUMNS or at > len(content):
            raise TooLargeError
        at += 32
        if has_label:
            length = struct.unpack_from(order + "i", content, at)[0]
            if not 0 <= length <= len(content):
                raise ValueError("a label longer than the file")
            at += 4 + -(-length // 4) * 4
        at += 8 * abs(missing)
    check_size(max(cases, 0), variables)
    return cases


def _texts(values: Sequence[object], labels: Mapping[float | int, str]) -> list[str]:
    """The cells of a column; each distinct value is spelled once."""
    known: dict[object, str] = {}
    found = []
    for value in values:
        text = known.get(value)
        if text is None:
            text = known[value] = _text(value, labels)
        found.append(text)
    return found


def _text(value: object, labels: Mapping[float | int, str]) -> str:
    # NaN, alone of all values, is not itself.
    if value is None or value != value:  # noqa: PLR0124
        return ""
    return cell_text(labels.get(value, value) if isinstance(value, int | float) else value)


def main() -> int:
    """See ``apart.limited``; what the library cannot read is unreadable."""
    from pyreadstat import PyreadstatError, ReadstatError  # noqa: PLC0415 - as above

    try:
        return limited(rows)
    except (PyreadstatError, ReadstatError, OSError, ValueError, OverflowError, LookupError, struct.error):
        return UNREADABLE


if __name__ == "__main__":
    sys.exit(main())
