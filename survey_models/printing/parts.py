"""Pages drawn in parts (分段制作): a long run is cut into parts that processes of their own draw, two at a time.

``python -m survey_models.printing.parts`` draws one part: JSON on standard input, pages on standard output. Codes go
through the pipes and stand in no file, no argument and no log; such a process writes no errors of its own, since its
parent knows the part.
"""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, astuple
from typing import Any

from survey_models.printing import pieces
from survey_models.printing.book import Page
from survey_models.printing.faces import Face
from survey_models.printing.formats import Format, Kind
from survey_models.printing.orders import Card

PART = 1000
"""Cards of a part."""
_ALONE = 400
# Width, height, length of the stream.
_HEAD = struct.Struct(">ddI")


def drawn(
    face: Face, paper: Format, words: pieces.Words, runs: Sequence[Sequence[Card]], *, processes: int
) -> Iterator[list[Page]]:
    """The pages of each run, in order. Few cards are drawn here; many in ``processes`` others."""
    if processes < 2 or sum(map(len, runs)) <= _ALONE:
        for run in runs:
            yield list(pieces.pages(face, paper, words, run))
        return
    common = {"face": face.as_json(), "paper": asdict(paper), "words": asdict(words)}
    with ThreadPoolExecutor(processes) as pool:
        waiting: list[Future[list[list[Page]]]] = [
            pool.submit(_elsewhere, {**common, "runs": [[astuple(card) for card in run] for run in some]})
            for some in _shares(runs, paper)
        ]
        pages: list[Page] = []
        shared = [(number, part) for number, run in enumerate(runs) for part in range(_parts_of(run, paper))]
        results = (found for future in _in_order(waiting) for found in future)
        for number, part in shared:
            pages += next(results)
            if part == _parts_of(runs[number], paper) - 1:
                yield pages
                pages = []


def _in_order(waiting: list[Future[list[list[Page]]]]) -> Iterator[list[list[Page]]]:
    """What each gives, forgotten once it was taken."""
    waiting.reverse()
    while waiting:
        yield waiting.pop().result()


def _step(paper: Format) -> int:
    """Cards of a part: whole pages."""
    return max(PART // paper.each, 1) * paper.each


def _parts_of(run: Sequence[Card], paper: Format) -> int:
    return -(-len(run) // _step(paper))


def _shares(runs: Sequence[Sequence[Card]], paper: Format) -> Iterator[list[Sequence[Card]]]:
    """The runs, cut where they are long and put together where they are short: about a part each."""
    share: list[Sequence[Card]] = []
    step = _step(paper)
    for run in runs:
        for start in range(0, len(run), step):
            share.append(run[start : start + step])
            if sum(map(len, share)) >= step:
                yield share
                share = []
    if share:
        yield share


def _elsewhere(part: dict[str, Any]) -> list[list[Page]]:
    command = [sys.executable, "-m", "survey_models.printing.parts"]
    sent = json.dumps(part, ensure_ascii=False).encode()
    done = subprocess.run(command, input=sent, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)  # noqa: S603 - our own module, no argument from outside
    return list(_read(done.stdout))


def _read(said: bytes) -> Iterator[list[Page]]:
    """Runs of pages, each behind how many they are."""
    at = 0
    while at < len(said):
        (count,) = struct.unpack_from(">I", said, at)
        at += 4
        run = []
        for _ in range(count):
            width, height, length = _HEAD.unpack_from(said, at)
            at += _HEAD.size
            run.append(Page(width, height, said[at : at + length]))
            at += length
        yield run


def main() -> int:
    """Draw the part that standard input tells."""
    part = json.loads(sys.stdin.buffer.read())
    face, words = Face.from_json(part["face"]), pieces.Words(**part["words"])
    said = part["paper"]
    paper = Format(**{**said, "kind": Kind(said["kind"]), "page": tuple(said["page"])})
    for run in part["runs"]:
        found = list(pieces.pages(face, paper, words, [Card(*card) for card in run]))
        sys.stdout.buffer.write(struct.pack(">I", len(found)))
        for page in found:
            sys.stdout.buffer.write(_HEAD.pack(page.width, page.height, len(page.content)) + page.content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
