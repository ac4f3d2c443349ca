"""Verify a public draw (公开抽样验证): draws again from a published bundle and compares.

    python3 verify_draw.py [FOLDER or FILE.zip]        exit code 0: equal, 1: different or unreadable

One file, the standard library alone, Python 3.8 or newer. It shares no line with the program that made the draw, so
that whoever doubts that one can read this one. Its rules are those of "The draw" in the guide to sampling.

draw.json    the plan (design, salt, digests), the seed, and what was decided later
drawn.tsv    one line for each lot: stratum TAB lot TAB entry TAB reserve (0/1) TAB probability (or -) TAB order key LF
frame.tsv    id TAB stratum TAB size LF, sorted by id; missing where ids of persons must not be published
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

FORMAT = "pingyi-draw-1"
HEAD = 53


class Lot(NamedTuple):
    """One drawn entry; ``chance`` is its probability as a fraction, ``-`` for a reserve."""

    stratum: str
    lot: int
    entry: str
    reserve: bool
    chance: str


class Row(NamedTuple):
    """One line of the frame."""

    entry: str
    stratum: str
    size: int


class Different(Exception):
    """The first difference, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def sha(text: str) -> str:
    """SHA-256 of the UTF-8 bytes, 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def head(text: str) -> int:
    """The first 53 bits of the SHA-256 of a text."""
    return int(sha(text)[:16], 16) >> (64 - HEAD)


def by_bytes(text: str) -> bytes:
    """Texts are sorted by their UTF-8 bytes."""
    return text.encode("utf-8")


# ---------------------------------------------------------------------------------------------- the methods


def srs(ids: list[str], n: int, seed: str, salt: str) -> list[str]:
    """The n entries with the smallest keys SHA-256(seed,salt,id), in key order."""
    return sorted(ids, key=lambda entry: sha(f"{seed},{salt},{entry}"))[:n]


def pps(sizes: dict[str, int], n: int) -> dict[str, Fraction]:
    """n·size/sum; whoever reaches 1 is certain, and the rest is shared again."""
    certain: set[str] = set()
    while True:
        whole = sum(size for entry, size in sizes.items() if entry not in certain)
        left = n - len(certain)
        over = {e for e, size in sizes.items() if e not in certain and size > 0 and left * size >= whole}
        if not over:
            break
        certain |= over
    return {e: Fraction(1) if e in certain else Fraction(left * s, whole or 1) for e, s in sizes.items()}


def systematic(ids: list[str], n: int, seed: str, salt: str) -> list[str]:
    """Entries number floor((u + j)·N/n), with u from SHA-256(seed,salt,start)."""
    u = Fraction(head(f"{seed},{salt},start"), 2**HEAD)
    return [ids[int((u + j) * len(ids) / n)] for j in range(n)]


def pps_systematic(chances: dict[str, Fraction], seed: str, salt: str) -> list[str]:
    """The certain ones, and of the others those at which the running sum passes u plus a whole number."""
    u = Fraction(head(f"{seed},{salt},start"), 2**HEAD)
    drawn, whole = [], Fraction(0)
    for entry, chance in chances.items():
        if chance == 1:
            drawn.append(entry)
            continue
        before, whole = whole, whole + chance
        if (whole - u).__floor__() > (before - u).__floor__():
            drawn.append(entry)
    return drawn


def pareto(chances: dict[str, Fraction], seed: str, salt: str) -> list[str]:
    """The certain ones by id, then the others by floor(2^256 · u/(1-u) · (1-pi)/pi)."""

    def rank(entry: str) -> tuple[int, bytes]:
        u, pi = Fraction(2 * head(f"{seed},{salt},{entry}") + 1, 2 ** (HEAD + 1)), chances[entry]
        return int(2**256 * u / (1 - u) * (1 - pi) / pi), by_bytes(entry)

    able = [entry for entry, chance in chances.items() if chance > 0]
    certain = sorted((entry for entry in able if chances[entry] == 1), key=by_bytes)
    return certain + sorted((entry for entry in able if chances[entry] < 1), key=rank)


def stages(rows: list[Row], path: str, takes: list[int], *, seed: str, salt: str, must: set[str]) -> list[Any]:
    """Lots below ``path`` as (stratum, entry, chance): those that must be in, then a simple random sample."""
    last = len(takes) == 1
    below = {row.stratum[len(path) + 1 :].split("/")[0] for row in rows}
    names = [row.entry for row in rows] if last else sorted(below, key=by_bytes)
    first = [name for name in names if name in must]
    others = [name for name in names if name not in must]
    left = max(min(takes[0], len(names)), len(first)) - len(first)
    drawn = [(name, Fraction(1)) for name in first]
    drawn += [(name, Fraction(left, len(others))) for name in srs(others, left, seed, salt)]
    if last:
        return [(path, name, chance) for name, chance in drawn]
    lots = []
    for name, chance in drawn:
        branch = f"{path}/{name}"
        inside = [row for row in rows if lies_in(row.stratum, branch)]
        for stratum, entry, own in stages(inside, branch, takes[1:], seed=seed, salt=f"{salt}/{name}", must=must):
            lots.append((stratum, entry, chance * own))
    return lots


def lies_in(stratum: str, path: str) -> bool:
    """Whether a stratum is the branch ``path`` or lies below it."""
    return stratum == path or stratum.startswith(path + "/")


# ---------------------------------------------------------------------------------------------- drawing again


def numbers(design: dict[str, Any], extensions: list[Any]) -> tuple[dict[str, int], dict[str, int]]:
    """Main sample and reserve by stratum after the extensions, which use up the reserve first."""
    main, reserve = dict(design["sizes"]), dict(design.get("reserve", {}))
    for step in extensions:
        main[step["stratum"]] += step["more"]
        reserve[step["stratum"]] = max(reserve.get(step["stratum"], 0) - step["more"], 0)
    return main, reserve


def draw_again(draw: dict[str, Any], frame: list[Row]) -> list[Lot]:
    """Every lot, by stratum and number."""
    return sorted(in_stages(draw, frame) if draw["design"]["method"] == "stages" else in_strata(draw, frame))


def in_stages(draw: dict[str, Any], frame: list[Row]) -> list[Lot]:
    """The lots of a draw in stages, numbered inside each stratum."""
    design, seed, must = draw["design"], draw["seed"], set(draw["design"]["must"])
    lots: list[Lot] = []
    count: dict[str, int] = {}
    for path, takes in design["takes"].items():
        rows = [row for row in frame if lies_in(row.stratum, path)]
        for stratum, entry, chance in stages(rows, path, takes, seed=seed, salt=f"{draw['salt']}/{path}", must=must):
            count[stratum] = count.get(stratum, 0) + 1
            lots.append(Lot(stratum, count[stratum], entry, reserve=False, chance=str(chance)))
    return lots


def in_strata(draw: dict[str, Any], frame: list[Row]) -> list[Lot]:
    """The lots of a draw that treats every stratum alone."""
    main, reserve = numbers(draw["design"], draw["extensions"])
    members: dict[str, dict[str, int]] = {stratum: {} for stratum in main}
    for row in frame:
        members[row.stratum][row.entry] = row.size
    lots = []
    for stratum, n in main.items():
        order, chances = in_order(draw, stratum, members[stratum], n)
        for lot, entry in enumerate(order[: n + reserve.get(stratum, 0)], 1):
            chance = str(chances[entry]) if lot <= n else "-"
            lots.append(Lot(stratum, lot, entry, reserve=lot > n, chance=chance))
    return lots


def in_order(
    draw: dict[str, Any], stratum: str, sizes: dict[str, int], n: int
) -> tuple[list[str], dict[str, Fraction]]:
    """The entries of one stratum in the order of their lots, and the probability of each entry."""
    method, seed, salt = draw["design"]["method"], draw["seed"], draw["salt"]
    ids = list(sizes)
    if method in {"stratified-srs", "systematic"}:
        alike = {entry: Fraction(n, len(ids)) for entry in ids}
        if method == "systematic":
            return systematic(ids, n, seed, f"{salt}/{stratum}"), alike
        return srs(ids, len(ids), seed, salt), alike
    chances = pps(sizes, n)
    if method == "pps-systematic":
        return pps_systematic(chances, seed, f"{salt}/{stratum}"), chances
    if method == "pps-pareto":
        return pareto(chances, seed, salt), chances
    raise Different(f"不认识的方法 {method}", f"unknown method {method}")


def line_of(draw: dict[str, Any], lot: Lot) -> str:
    """The line of drawn.tsv, with the entry's order key."""
    salt = f"{draw['salt']}/{lot.stratum}" if draw["design"]["method"] == "stages" else draw["salt"]
    key = sha(f"{draw['seed']},{salt},{lot.entry}")
    return f"{lot.stratum}\t{lot.lot}\t{lot.entry}\t{int(lot.reserve)}\t{lot.chance}\t{key}\n"


def digest_of(lots: list[Lot]) -> str:
    """SHA-256 over lines stratum TAB lot TAB entry LF, by stratum and lot."""
    return sha("".join(f"{lot.stratum}\t{lot.lot}\t{lot.entry}\n" for lot in sorted(lots)))


# ---------------------------------------------------------------------------------------------- the checks


def expect(found: object, wanted: object, zh: str, en: str) -> None:
    """Raise Different where the bundle holds something else than what comes out."""
    if found != wanted:
        raise Different(f"{zh}:应为 {wanted},却是 {found}", f"{en}: expected {wanted}, found {found}")


def check_plan(draw: dict[str, Any]) -> None:
    """Format, design digest, seed, and that the plan is older than the seed's use."""
    expect(draw["format"], FORMAT, "格式", "format")
    design = json.dumps(draw["design"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    expect(sha(design), draw["design_digest"], "方案的摘要", "digest of the design")
    if not re.fullmatch("[0-9A-Za-z]{6,80}", draw["seed"]):
        raise Different("种子应为 6 至 80 个数字或字母", "a seed is 6 to 80 digits or letters")
    if draw["planned_at"] > draw["run_at"]:
        raise Different("方案晚于抽取", "the plan is later than the draw")


def read_frame(draw: dict[str, Any], raw: bytes) -> list[Row]:
    """The lines that were drawn from, sorted by id; the digest covers all lines."""
    expect(hashlib.sha256(raw).hexdigest(), draw["frame_digest"], "抽样框的摘要", "digest of the frame")
    rows = []
    for line in raw.decode("utf-8").split("\n")[:-1]:
        entry, stratum, size = line.split("\t")
        rows.append(Row(entry, stratum, int(size)))
    if [by_bytes(row.entry) for row in rows] != sorted({by_bytes(row.entry) for row in rows}):
        raise Different("抽样框有重复编号，或没有按编号排序", "the frame has an id twice, or is not sorted by id")
    if draw["what"] == "points":  # the cells of a frame of counts stand in it as well: area/kind
        rows = [row for row in rows if not row.entry.startswith(row.stratum + "/")]
    if "populations" in draw["design"]:
        sizes: dict[str, int] = {}
        for row in rows:
            sizes[row.stratum] = sizes.get(row.stratum, 0) + 1
        expect(sizes, draw["design"]["populations"], "各层条数", "entries by stratum")
    return rows


def read_drawn(raw: bytes) -> list[Lot]:
    """The lots as they were published."""
    lots = []
    for line in raw.decode("utf-8").split("\n")[:-1]:
        stratum, lot, entry, reserve, chance, _key = line.split("\t")
        lots.append(Lot(stratum, int(lot), entry, reserve == "1", chance))
    return lots


def without_frame(draw: dict[str, Any], stored: list[Lot]) -> list[Lot]:
    """What the lots must be as far as it follows without the frame: number, order of keys, most probabilities."""
    design = draw["design"]
    if design["method"] == "stages":
        return sorted(stored)
    main, reserve = numbers(design, draw["extensions"])
    places = [(name, lot) for name, n in main.items() for lot in range(1, n + reserve.get(name, 0) + 1)]
    expect([lot[:2] for lot in sorted(stored)], sorted(places), "层与签号", "strata and lot numbers")
    if design["method"] == "stratified-srs":
        keys = [(lot.stratum, sha(f"{draw['seed']},{draw['salt']},{lot.entry}")) for lot in sorted(stored)]
        expect(keys, sorted(keys), "键值的顺序", "order of the keys")
    alike = design.get("populations") if design["method"] in {"stratified-srs", "systematic"} else None
    lots = []
    for lot in sorted(stored):
        spare = lot.lot > main[lot.stratum]
        chance = str(Fraction(main[lot.stratum], alike[lot.stratum])) if alike else lot.chance
        lots.append(lot._replace(reserve=spare, chance="-" if spare else chance))
    return lots


def check_digests(draw: dict[str, Any], lots: list[Lot]) -> None:
    """The digest of the run, and of every extension, over the lots that there were then."""
    if not draw["extensions"]:
        expect(digest_of(lots), draw["result_digest"], "结果的摘要", "digest of the result")
        return
    results = [draw["result_digest"]] + [step["result"] for step in draw["extensions"]]
    for done, result in enumerate(results):
        main, reserve = numbers(draw["design"], draw["extensions"][:done])
        then = [lot for lot in lots if lot.lot <= main[lot.stratum] + reserve.get(lot.stratum, 0)]
        expect(digest_of(then), result, f"第 {done} 次追加后的摘要", f"digest after extension {done}")


def verify(files: dict[str, bytes]) -> tuple[dict[str, Any], int, bool]:
    """Raise Different, or give the plan, the number of lots, and whether the frame was there."""
    draw = json.loads(files["draw.json"].decode("utf-8"))
    check_plan(draw)
    whole = "frame.tsv" in files
    if whole:
        lots = draw_again(draw, read_frame(draw, files["frame.tsv"]))
    else:
        lots = without_frame(draw, read_drawn(files["drawn.tsv"]))
    found = files["drawn.tsv"].decode("utf-8").split("\n")
    wanted = "".join(line_of(draw, lot) for lot in lots).split("\n")
    for number in range(max(len(found), len(wanted))):
        left = wanted[number] if number < len(wanted) else "-"
        right = found[number] if number < len(found) else "-"
        expect(right, left, f"drawn.tsv 第 {number + 1} 行", f"drawn.tsv line {number + 1}")
    check_digests(draw, lots)
    return draw, len(lots), whole


def read_bundle(place: Path) -> dict[str, bytes]:
    """The files of a folder or an archive by name."""
    names = ("draw.json", "drawn.tsv", "frame.tsv")
    if place.is_dir():
        return {name: (place / name).read_bytes() for name in names if (place / name).exists()}
    with zipfile.ZipFile(place) as archive:
        return {name: archive.read(name) for name in names if name in archive.namelist()}


def main(words: list[str]) -> int:
    """Say equal or the first difference; the exit code."""
    place = Path(words[1]) if len(words) > 1 else Path(__file__).resolve().parent
    try:
        draw, count, whole = verify(read_bundle(place))
    except Different as found:
        print(f"不一致，第一处：{found.zh}")
        print(f"DIFFERENT, first at: {found.en}")
        return 1
    except Exception as error:  # noqa: BLE001 - whatever makes a bundle unreadable is a difference too, and never a traceback
        print(f"读不懂：{type(error).__name__} {error}")
        print(f"UNREADABLE: {type(error).__name__} {error}")
        return 1
    if not whole:
        print("没有抽样框：只核对了方案、种子、键值、签号和摘要；该不该抽中别人，须持有抽样框者核对。")
        print("Without the frame: plan, seed, keys, lot numbers and digests were checked; who else should have been")
        print("drawn can be checked by whoever holds the frame.")
    print(f"一致，共 {count} 签。请再与公布的摘要对照:")
    print(f"EQUAL: {count} lots. Compare these with what was published before the seed:")
    for name in ("frame_digest", "design_digest", "seed", "result_digest"):
        print(f"  {name} {draw[name]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
