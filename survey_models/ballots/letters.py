"""What the serving process and its writer process say to each other: batches one way, answers the other.

A letter (信件) is its length in four bytes and its content. Sheets, receipts and lines of files are nearly all of it
and travel as MessagePack; the rest (ratings, refusals) is seldom and travels pickled: both ends are one program.
"""

from __future__ import annotations

import pickle
import socket
import struct
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from survey_models.ballots.intake import Cast, Receipt, UploadRow

_SIZE = struct.Struct("!I")
_KINDS = "cro"  # casts, rows, others
_encode = msgspec.msgpack.Encoder(uuid_format="bytes").encode


class _Batch(msgspec.Struct, array_like=True):
    """``kinds``: of which kind each item is, in their order; the items of each kind by themselves."""

    kinds: str
    casts: list[Cast]
    slices: list[list[UploadRow]]
    others: bytes


class _Answers(msgspec.Struct, array_like=True):
    """Receipts and others, each with the place of its item in the batch."""

    receipts: list[tuple[int, Receipt]]
    others: bytes = b""


_BATCHES, _ANSWERS = msgspec.msgpack.Decoder(_Batch), msgspec.msgpack.Decoder(_Answers)


def batch_letter(items: Sequence[Any]) -> bytes:
    """A batch on its way to the writer."""
    kinds = "".join(map(_kind_of, items))
    casts, slices, others = ([item for item, kind in zip(items, kinds, strict=True) if kind == one] for one in _KINDS)
    try:
        return _letter(_Batch(kinds, casts, slices, pickle.dumps(others) if others else b""))
    except (OverflowError, UnicodeEncodeError):
        # Somebody's ``more`` holds a number or half a character MessagePack has no form for: the writer refuses it.
        return _letter(_Batch("o" * len(items), [], [], pickle.dumps(list(items))))


def batch_of(content: bytes) -> list[Any]:
    """The items of a batch, in their order."""
    batch = _BATCHES.decode(content)
    others = pickle.loads(batch.others) if batch.others else ()  # noqa: S301 - our own
    sources = dict(zip(_KINDS, map(iter, (batch.casts, batch.slices, others)), strict=True))
    return [next(sources[kind]) for kind in batch.kinds]


def _kind_of(item: Any) -> str:
    if isinstance(item, Cast):
        return "c"
    return "r" if isinstance(item, list) and item and isinstance(item[0], UploadRow) else "o"


def answer_letter(answers: Sequence[tuple[int, Any]]) -> bytes:
    """What became of the items of a batch: pairs of place and outcome."""
    receipts = [(place, outcome) for place, outcome in answers if isinstance(outcome, Receipt)]
    others = [(place, outcome) for place, outcome in answers if not isinstance(outcome, Receipt)]
    return _letter(_Answers(receipts, _pickled(others) if others else b""))


def answers_of(content: bytes) -> list[tuple[int, Any]]:
    """The pairs that ``answer_letter`` was given."""
    answers = _ANSWERS.decode(content)
    others: list[tuple[int, Any]] = pickle.loads(answers.others) if answers.others else []  # noqa: S301 - our own
    return [*answers.receipts, *others]


def _pickled(pairs: Sequence[tuple[int, Any]]) -> bytes:
    try:
        return pickle.dumps(pairs)
    except Exception:  # noqa: BLE001 - an error of somebody else's making: its kind is what is logged
        return pickle.dumps([(place, _portable(outcome)) for place, outcome in pairs])


def _portable(outcome: Any) -> Any:
    try:
        pickle.loads(pickle.dumps(outcome))  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - as above
        return RuntimeError(type(outcome).__name__)
    return outcome


def _letter(content: msgspec.Struct) -> bytes:
    raw = _encode(content)
    return _SIZE.pack(len(raw)) + raw


def received(wire: socket.socket) -> bytes | None:
    """The content of the next letter; blocks. None when the other end is gone."""
    size = _exactly(wire, _SIZE.size)
    return None if size is None else _exactly(wire, _SIZE.unpack(size)[0])


def _exactly(wire: socket.socket, number: int) -> bytes | None:
    buffer = bytearray(number)
    view, got = memoryview(buffer), 0
    while got < number:
        more = wire.recv_into(view[got:])
        if not more:
            return None
        got += more
    return bytes(buffer)


class Opened:
    """Letters out of bytes as they come in."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The contents of the letters that are whole now."""
        self._buffer += data
        while len(self._buffer) >= _SIZE.size:
            end = _SIZE.size + _SIZE.unpack_from(self._buffer)[0]
            if len(self._buffer) < end:
                return
            content = bytes(self._buffer[_SIZE.size : end])
            del self._buffer[:end]
            yield content
