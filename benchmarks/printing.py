"""`make bench-printing`: 10,000 cards of 60 strata set by the command's own way, and every code read back."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import threading
import time
from io import BytesIO
from pathlib import Path

from api import printing
from benchmarks.verdicts import Line, below, heading, inform, none_of
from survey_models.printing import making
from survey_models.printing.formats import format_of
from survey_models.printing.orders import Card, OrderedBatch, PrintOrder
from survey_models.tickets.codes import new_code, printed

CARDS, STRATA, SECONDS, MEBIBYTES = 10_000, 60, 60.0, 300.0
FORMATS = ("cards", "c6")


def city(cards: int) -> tuple[PrintOrder, list[Card]]:
    """Cards of 60 strata, a twentieth in reserve."""
    found: list[Card] = []
    batches = []
    for no in range(1, STRATA + 1):
        count = cards * no // STRATA - cards * (no - 1) // STRATA
        reserve, first = count // 20, len(found) + 1
        for place in range(count):
            area, kind = f"第{(no - 1) // 5 + 1}区县", ("城镇居民", "农村居民", "企业", "个体户", "代表")[no % 5]
            code = printed(new_code())
            found.append(Card(first + place, code, area, kind, f"{area}第一测评点", place >= count - reserve))
        batches.append(OrderedBatch(no, count - reserve, reserve, first, len(found), f"{no:064x}", void=False))
    title = "2026年民主评议政风行风问卷测评"
    return PrintOrder("city-2026-questionnaire", title, "real", "https://pingyi.example.gov.cn", tuple(batches)), found


def make_one(paper: str) -> int:
    """Set one format in a process of its own: prints pages, seconds and bytes; the caller watches its memory."""
    order, cards = city(CARDS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "print.pdf"
        begun = time.perf_counter()
        with printing.fresh(path) as out:
            how = making.How(format_of(paper), "5e" * 32, "0d" * 32, processes=printing.PROCESSES)
            made = making.write(out, order, cards, how)
        seconds = time.perf_counter() - begun
        content = path.read_bytes()
    used = sum(sum(resource.getrusage(whose)[:2]) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(made.pages, f"{seconds:.3f}", len(content), f"{used:.3f}", flush=True)
    sys.stdin.read()
    return 0


def _memory(root: int) -> float:
    """Resident memory of a process and its children, MiB."""
    parents, sizes = {}, {}
    for path in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":\t", 1) for line in path.read_text().splitlines() if ":\t" in line)
        except OSError:
            continue
        parents[int(fields["Pid"])] = int(fields["PPid"])
        sizes[int(fields["Pid"])] = int(fields.get("VmRSS", "0 kB").split()[0]) / 1024
    family = {root}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(sizes.get(pid, 0.0) for pid in family)


def watched(paper: str) -> tuple[int, float, int, float, float]:
    """Pages, seconds, bytes, the most memory of all its processes together, and seconds of processor time."""
    command = [sys.executable, "-m", "benchmarks.printing", "--one", paper]
    most, over = 0.0, threading.Event()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:

        def look() -> None:
            nonlocal most
            while not over.wait(0.05):
                most = max(most, _memory(running.pid))

        watcher = threading.Thread(target=look)
        watcher.start()
        said = (running.stdout.readline() if running.stdout else "").split()
        over.set()
        watcher.join()
        running.communicate("")
    return int(said[0]), float(said[1]), int(said[2]), most, float(said[3])


def unread(cards: int = 2_000) -> int:
    """How many codes of a print cannot be read back, typed or scanned."""
    from tests.survey_models.printing.reading import read  # noqa: PLC0415 - the decoder is there for tests alone

    order, found = city(cards)
    out = BytesIO()
    making.write(out, order, found, making.How(format_of("cards"), "5e" * 32, "0d" * 32))
    pages = read(out.getvalue())
    typed = {code for page in pages for code in page.typed}
    scanned = {text.rpartition("#")[2] for page in pages for text in page.scanned}
    return sum(card.code not in typed or card.code.replace("-", "") not in scanned for card in found)


def main() -> int:
    """Print the figures; 1 when a limit is missed."""
    if "--one" in sys.argv:
        return make_one(sys.argv[sys.argv.index("--one") + 1])
    lines: list[Line] = []
    for paper in FORMATS:
        pages, seconds, size, memory, used = watched(paper)
        lines += [
            below(f"{CARDS:,} pieces as {paper}, s", seconds, SECONDS, form=".1f"),
            below(f"{CARDS:,} pieces as {paper}, MiB of all processes", memory, MEBIBYTES, form=".0f"),
            inform(f"{CARDS:,} pieces as {paper}, s of processor time, imports included", f"{used:.1f}"),
            inform(f"{CARDS:,} pieces as {paper}, pages; MiB of the file", f"{pages:,}; {size / 2**20:.1f}"),
        ]
    lines.append(none_of("codes of 2,000 cards that cannot be read back", unread()))
    print(heading("Printing"), *lines, sep="\n")
    return int(not all(line.good for line in lines))


if __name__ == "__main__":
    sys.exit(main())
