"""Draws in stages, with entries that must be in (多阶段抽样, 必选单位).

Sources: Särndal, Swensson & Wretman, Model Assisted Survey Sampling, ch. 4.3; 漯阳光建〔2020〕1号 (two townships,
then three villages in each); 宣直〔2019〕48号 (every unit within the year, problem units always again).
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sampling.errors import MustIncludeTooMany, SampleLargerThanStratum
from sampling.selection import draw_srs

Tree = Mapping[str, "Tree"] | Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A drawn entry: the names on the way to it, and its probability; `weight` is the design weight (设计权数)."""

    path: tuple[str, ...]
    probability: Fraction

    @property
    def weight(self) -> Fraction:
        """1 / probability."""
        return 1 / self.probability


def draw_with_must(
    ids: Sequence[str], *, n: int, seed: str, salt: str, must: Collection[str] = ()
) -> list[tuple[str, Fraction]]:
    """`must` for certain, the other n - len(must) by simple random sample (含必选的简单随机抽样).

    Returns ids with probabilities: 1 for those in `must`, (n-m)/(N-m) for the others; the musts first,
    in frame order. Raises MustIncludeTooMany and SampleLargerThanStratum.
    """
    missing = set(must) - set(ids)
    if missing or len(set(must)) > n:
        raise MustIncludeTooMany(
            f"{', '.join(sorted(missing))} must be included but is not in the frame"
            if missing
            else f"{len(set(must))} entries must be included, only {n} are to be drawn"
        )
    first = [entry for entry in ids if entry in must]
    others = [entry for entry in ids if entry not in must]
    wanted = n - len(first)
    drawn = [others[place] for place in draw_srs(others, n=wanted, seed=seed, salt=salt)] if others else []
    if len(drawn) < wanted:
        raise SampleLargerThanStratum(f"{n} entries are asked for, the frame has {len(ids)}")
    chance = Fraction(wanted, len(others)) if others else Fraction(1)
    return [(entry, Fraction(1)) for entry in first] + [(entry, chance) for entry in drawn]


def draw_stages(tree: Tree, *, takes: Sequence[int], seed: str, salt: str, must: Collection[str] = ()) -> list[Chosen]:
    """Draw `takes[0]` branches, in each `takes[1]` of its own, and so on, by simple random samples.

    `tree` maps names to branches; the last stage lists names. The salt of a lower stage is
    `salt/name` of its branch, so that branches are drawn independently and each can be replayed
    alone. A branch with fewer than asked for is taken whole. `must` names entries of any stage that are in
    whenever their branch is. Probabilities multiply along the path.
    """
    names = list(tree)
    take = min(takes[0], len(names))
    here = [name for name in names if name in must]
    chosen: list[Chosen] = []
    for name, chance in draw_with_must(names, n=max(take, len(here)), seed=seed, salt=salt, must=here):
        if isinstance(tree, Mapping):
            below = draw_stages(tree[name], takes=takes[1:], seed=seed, salt=f"{salt}/{name}", must=must)
            chosen += [Chosen(path=(name, *entry.path), probability=chance * entry.probability) for entry in below]
        else:
            chosen.append(Chosen(path=(name,), probability=chance))
    return chosen


def inspect_next(
    units: Sequence[str],
    *,
    done: Collection[str],
    must: Collection[str],
    periods_left: int,
    seed: str,
    salt: str,
) -> list[str]:
    """The units to inspect openly (明查) in the next of `periods_left` periods of the year.

    `must` (last time's problem units) are always in; of those not inspected yet this year, the musts
    among them counted, ceil(rest / periods_left) are in, so that after the last period every unit was visited at least
    once. In frame order. Raises MustIncludeTooMany for a must that is no unit.
    """
    unknown = set(must) - set(units)
    if unknown:
        raise MustIncludeTooMany(f"{', '.join(sorted(unknown))} must be inspected but is not a unit")
    waiting = [unit for unit in units if unit not in done]
    share = math.ceil(len(waiting) / max(periods_left, 1))
    already = [unit for unit in waiting if unit in must]
    others = [unit for unit in waiting if unit not in must]
    more = max(share - len(already), 0)
    drawn = (
        {others[place] for place in draw_srs(others, n=min(more, len(others)), seed=seed, salt=salt)}
        if others
        else set()
    )
    return [unit for unit in units if unit in must or unit in drawn]


def draw_clients(
    clients: Sequence[str],
    *,
    key: Collection[str],
    n: int,
    seed: str,
    salt: str,
    key_take: int | None = None,
) -> list[tuple[str, Fraction]]:
    """A unit's raters from its client list (服务对象), key raters apart (重点评议人员).

    `key_take` None: all key raters are in, the others fill up to `n`; a number: a stratum of its own of
    that size (oversampled), the others get n - key_take. Returns ids and probabilities.
    """
    own = [client for client in clients if client in key]
    others = [client for client in clients if client not in key]
    if key_take is None:
        return draw_with_must(clients, n=max(n, len(own)), seed=seed, salt=salt, must=own)
    if not 0 <= key_take <= len(own) or not 0 <= n - key_take <= len(others):
        raise SampleLargerThanStratum(f"{key_take} of {len(own)} key raters and {n - key_take} of {len(others)} others")
    first = draw_with_must(own, n=key_take, seed=seed, salt=f"{salt}/key") if own else []
    rest = draw_with_must(others, n=n - key_take, seed=seed, salt=salt) if others else []
    return first + rest
