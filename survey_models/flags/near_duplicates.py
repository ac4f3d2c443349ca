"""Near-duplicate sheets (雷同答卷): varied sheets that differ in at most 2 of 80 answers, in clusters.

Answers become bit planes, so that the places in which two sheets differ are an XOR and a population count. By the
pigeonhole principle two sheets that differ in d places agree in one of d + 1 blocks throughout: only sheets that share
a block are compared, and no pair is missed.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from survey_models.flags.detectors_answers import Codes
from survey_models.flags.rules import RuleText
from survey_models.flags.suspicion import Suspicion
from survey_models.flags.tails import IntArray

Words = npt.NDArray[np.uint64]
_WORD = 64
_PAIRS_AT_ONCE = 1 << 20


def near_duplicates(codes: Codes, rule: RuleText) -> list[Suspicion]:
    """Clusters of near-duplicate sheets, the largest first.

    Args:
        codes: ASCII codes of the unit items, (sheets, units).
        rule: ``near_duplicates``. Only sheets whose answer changes from one item to the next ``least_turns`` times per
            80 items are compared: one-answer sheets and sheets given up halfway are alike without a copier.

    Returns:
        ``place`` is the first sheet of a cluster; ``evidence``: ``count`` and ``sheets``, the places of its sheets.
    """
    units = codes.shape[1]
    if units < rule.whole("least_items"):
        return []
    turns = (codes[:, 1:] != codes[:, :-1]).sum(axis=1)
    varied = np.flatnonzero(turns * 80 >= rule.whole("least_turns") * units)
    if len(varied) < rule.whole("least_cluster"):
        return []
    unlike = max(1, rule.whole("differing_per_80") * units // 80)
    sheets, same = np.unique(codes[varied], axis=0, return_inverse=True)
    clusters = _clusters(len(sheets), close_pairs(sheets, unlike))[same.reshape(-1)]
    order = np.argsort(clusters, kind="stable")
    groups = np.split(varied[order], np.flatnonzero(np.diff(clusters[order])) + 1)
    large = [group for group in groups if len(group) >= rule.whole("least_cluster")]
    large.sort(key=lambda group: (-len(group), int(group[0])))
    return [
        Suspicion(int(group[0]), None, {"count": len(group), "sheets": [int(one) for one in np.sort(group)]})
        for group in large
    ]


def close_pairs(sheets: Codes, unlike: int) -> IntArray:
    """All pairs (pairs, 2) of different sheets that differ in at most ``unlike`` places."""
    planes = _bit_planes(sheets)
    found = []
    for block in np.array_split(np.arange(sheets.shape[1]), unlike + 1):
        keys = np.unique(sheets[:, block], axis=0, return_inverse=True)[1].reshape(-1)
        order = np.argsort(keys, kind="stable")
        starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
        sizes = np.diff(np.append(starts, len(order)))
        for start, size in zip(starts[sizes > 1], sizes[sizes > 1], strict=True):
            found.append(_close_within(order[start : start + size], planes, unlike))
    return np.unique(np.concatenate(found), axis=0) if found else np.empty((0, 2), dtype=np.int64)


def _bit_planes(sheets: Codes) -> Words:
    """(planes, sheets, words): bit b of every answer's number, 64 answers to a word."""
    values, numbers = np.unique(sheets, return_inverse=True)
    numbers = numbers.reshape(sheets.shape)
    words = -(-sheets.shape[1] // _WORD)
    count = max(1, int(len(values) - 1).bit_length())
    planes = np.zeros((count, len(sheets), words * 8), dtype=np.uint8)
    for plane in range(count):
        packed = np.packbits((numbers >> plane & 1).astype(np.uint8), axis=1)
        planes[plane, :, : packed.shape[1]] = packed
    return planes.view(np.uint64)


def _close_within(members: IntArray, planes: Words, unlike: int) -> IntArray:
    """The close pairs among ``members``, smaller number first."""
    members = np.sort(members)
    mine = planes[:, members]
    step = max(1, _PAIRS_AT_ONCE // len(members))
    found = []
    for start in range(0, len(members) - 1, step):
        left = mine[:, start : start + step, None, :]
        right = mine[:, None, start + 1 :, :]
        differing = np.bitwise_or.reduce(left ^ right, axis=0)
        near = np.bitwise_count(differing).sum(axis=2, dtype=np.int64) <= unlike
        rows, columns = np.nonzero(near)
        later = columns + 1 > rows
        found.append(np.stack([members[rows[later] + start], members[columns[later] + start + 1]], axis=1))
    return np.concatenate(found).astype(np.int64)


def _clusters(size: int, pairs: IntArray) -> IntArray:
    """For each of ``size`` sheets the smallest number of its cluster: single linkage by label passing."""
    label = np.arange(size)
    while len(pairs):
        lowest = np.minimum(label[pairs[:, 0]], label[pairs[:, 1]])
        before = label.copy()
        np.minimum.at(label, pairs[:, 0], lowest)
        np.minimum.at(label, pairs[:, 1], lowest)
        label = label[label]
        if (label == before).all():
            break
    return label
