"""SPSS system files written byte by byte, so that a test can also write what no program would."""

import struct
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MISSING = -sys.float_info.max


@dataclass(frozen=True)
class Variable:
    """A variable: numeric, or text of ``width`` bytes; ``labels`` of its values."""

    name: str
    label: str = ""
    width: int = 0
    labels: Mapping[float, str] = field(default_factory=dict)

    @property
    def places(self) -> int:
        return max(1, -(-self.width // 8))


def sav(
    variables: Sequence[Variable], cases: Sequence[Sequence[float | str | None]], *, stated: int | None = None
) -> bytes:
    """The file, uncompressed and in UTF-8; ``stated``: the number of cases that its head claims."""
    size = sum(one.places for one in variables)
    number = len(cases) if stated is None else stated
    head = struct.pack("<4s60siiiiid9s8s64s3x", b"$FL2", b"@(#) SPSS DATA FILE", 2, size, 0, 0, number, 100.0,
                       b"22 Nov 26", b"00:00:00", b"")  # fmt: skip
    parts = [head, *(_variable(one, no) for no, one in enumerate(variables, start=1))]
    place = 1
    for one in variables:
        if one.labels:
            parts.append(_value_labels(one.labels, place))
        place += one.places
    names = "\t".join(f"V{no}={one.name}" for no, one in enumerate(variables, start=1)).encode()
    parts += [_extension(13, names), _extension(20, b"UTF-8"), struct.pack("<ii", 999, 0)]
    return b"".join([*parts, *(_case(variables, case) for case in cases)])


def _variable(one: Variable, no: int) -> bytes:
    label = one.label.encode()
    form = (1 if one.width else 5) << 16 | min(one.width or 8, 255) << 8
    record = struct.pack("<iiiiii8s", 2, one.width, bool(label), 0, form, form, f"V{no}".ljust(8).encode())
    if label:
        record += struct.pack("<i", len(label)) + label.ljust(-(-len(label) // 4) * 4)
    rest = struct.pack("<iiiiii8s", 2, -1, 0, 0, 0, 0, b"")
    return record + rest * (one.places - 1)


def _value_labels(labels: Mapping[float, str], place: int) -> bytes:
    parts = [struct.pack("<ii", 3, len(labels))]
    for value, label in labels.items():
        text = label.encode()
        parts.append(struct.pack("<dB", value, len(text)) + text.ljust(-(-(len(text) + 1) // 8) * 8 - 1))
    return b"".join([*parts, struct.pack("<iii", 4, 1, place)])


def _extension(kind: int, data: bytes) -> bytes:
    return struct.pack("<iiii", 7, kind, 1, len(data)) + data


def _case(variables: Sequence[Variable], case: Sequence[float | str | None]) -> bytes:
    parts = []
    for one, value in zip(variables, case, strict=True):
        if isinstance(value, str):
            parts.append(value.encode().ljust(one.places * 8)[: one.places * 8])
        else:
            parts.append(struct.pack("<d", MISSING if value is None else value))
    return b"".join(parts)
