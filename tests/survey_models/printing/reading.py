"""Reading a print back: its text, and its QR codes as a camera would find them on the page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import pypdf
import zxingcpp

from survey_models.printing.orders import Card, OrderedBatch, PrintOrder
from survey_models.tickets.codes import new_code, printed

# Dots of a module, as a camera held close sees it.
DOTS = 3
CODE = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b")
_IMAGE = re.compile(
    rb"q 0 g ([\d.]+) 0 0 ([\d.]+) ([\d.]+) ([\d.]+) cm\s+BI /IM true /W (\d+) /H (\d+) /BPC 1 /D \[1 0\] /F /AHx\s+"
    rb"ID ([0-9A-F]+)>\s+EI Q"
)


@dataclass(frozen=True)
class Read:
    """One page: its text line by line, the codes typed on it, and what its QR codes say."""

    text: str
    typed: list[str]
    scanned: list[str]
    size: tuple[float, float]


def read(content: bytes) -> list[Read]:
    """Every page. The modules are painted where the page puts them, three dots each, and looked for there."""
    found = []
    for page in pypdf.PdfReader(BytesIO(content)).pages:
        text = page.extract_text()
        box = page.mediabox
        stream = page.get_contents()
        assert stream is not None
        scanned = _scanned(stream.get_data(), float(box.width), float(box.height))
        found.append(Read(text, CODE.findall(text), scanned, (float(box.width), float(box.height))))
    return found


def _scanned(stream: bytes, width: float, height: float) -> list[str]:
    drawn = _IMAGE.findall(stream)
    if not drawn:
        return []
    dots = DOTS * int(drawn[0][4]) / float(drawn[0][0])
    paper = np.full((round(height * dots), round(width * dots)), 255, dtype=np.uint8)
    for wide, high, left, foot, columns, rows, data in drawn:
        bits = np.unpackbits(np.frombuffer(bytes.fromhex(data.decode()), np.uint8).reshape(int(rows), -1), axis=1)
        dark = bits[:, : int(columns)]
        top, bottom = height - float(foot) - float(high), height - float(foot)
        y = np.arange(round(top * dots), round(bottom * dots))
        x = np.arange(round(float(left) * dots), round((float(left) + float(wide)) * dots))
        here = dark[(np.arange(len(y)) * int(rows) // len(y))][:, np.arange(len(x)) * int(columns) // len(x)]
        assert paper[np.ix_(y, x)].min() == 255, "one code lies upon another"
        paper[np.ix_(y, x)] = np.where(here, 0, 255)
    found = [one.text for one in zxingcpp.read_barcodes(paper)]
    assert len(found) == len(drawn)
    return found


def made_up(per_cell: int, reserve: int = 1, *, purpose: str = "real") -> tuple[PrintOrder, list[Card]]:
    """Cards of two areas and two kinds, and their order."""
    cards: list[Card] = []
    batches = []
    for no, (area, kind) in enumerate([(a, k) for a in ("源汇区", "郾城区") for k in ("城镇居民", "农村居民")], 1):
        first = len(cards) + 1
        for place in range(per_cell + reserve):
            code = printed(new_code())
            cards.append(Card(first + place, code, area, kind, f"{area}测评点", place >= per_cell))
        batches.append(OrderedBatch(no, per_cell, reserve, first, len(cards), f"{no:064x}", void=False))
    order = PrintOrder("poll-2026", "2026年问卷测评", purpose, "https://pingyi.example.cn", tuple(batches))
    return order, cards
