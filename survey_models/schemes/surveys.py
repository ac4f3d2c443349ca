"""Points from people's answers (问卷评议): campaigns, their shares, their aspects, and what sampling leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from survey_models.schemes.inputs import Answers, Inputs
from survey_models.schemes.language import CampaignKind, Part, Scheme
from survey_models.schemes.outcome import Line
from survey_models.schemes.sources import Ratings, Survey
from survey_models.schemes.tracing import (
    HUNDRED,
    Both,
    Errors,
    Found,
    added,
    assumed_of,
    brief,
    fraction,
    product,
    scaled,
    show,
    standard_error,
)

SATISFIED = frozenset({"满意", "非常满意"})
Options = Mapping[str, Decimal | None]


@dataclass(frozen=True)
class Asked:
    """One campaign's score of a unit, 0 to 100, with its error and the number of judging answers."""

    campaign: str
    score: Fraction
    errors: Errors
    judging: Fraction
    how: Both
    counts: tuple[Both, ...]


def survey(scheme: Scheme, part: Part, source: Survey, unit: str, inputs: Inputs) -> Found:
    """The points of a survey component; missing when a campaign that enters has too few judging answers."""
    options = scheme.maps[source.map].options
    # What counts for nothing keeps nobody waiting.
    entering = [one for one in source.campaigns if one.share or source.combine == "pooled"]
    asked = [_asked(source, one.campaign, options, unit, inputs) for one in entering]
    found = [one for one in asked if isinstance(one, Asked)]
    if source.combine == "pooled":
        found = _enough_together(found, source.least)
    if not found or (source.combine == "shares" and len(found) < len(asked)):
        lacking = next((one for one in asked if not isinstance(one, Asked)), ("有效评价不足", "too few answers"))
        return Found(value=None, how=lacking)
    weights = _weights(source, found)
    score = sum((w * one.score for w, one in zip(weights, found, strict=True)), Fraction(0))
    points = fraction(part.points)
    value = score * points / HUNDRED
    kinds = {kind.id: kind for kind in scheme.campaigns}
    return Found(
        value=value,
        how=_mixed(found, weights, score, points, value),
        errors=added(scaled(one.errors, w * points / HUNDRED) for w, one in zip(weights, found, strict=True)),
        children=tuple(
            _child(part, one, kinds.get(one.campaign), w * points / HUNDRED)
            for w, one in zip(weights, found, strict=True)
        ),
    )


def satisfied_share(scheme: Scheme, parts: Mapping[str, Part], unit: str, inputs: Inputs) -> Fraction | None:
    """The share of 满意 among the judging answers and window ratings of a unit, counted as they are.

    满意 and 非常满意 count where a map has them, else its best option. None: nobody judged.
    """
    best, judging = 0, 0
    for part in parts.values():
        if not isinstance(part.source, Survey | Ratings):
            continue
        options = scheme.maps[part.source.map].options
        for counts in _counts_of(part.source, unit, inputs):
            judged = {name: n for name, n in counts.items() if options.get(name) is not None}
            if isinstance(part.source, Ratings) and sum(judged.values()) < part.source.least:
                continue
            judging += sum(judged.values())
            best += sum(n for name, n in judged.items() if name in _best_options(options))
    return Fraction(best, judging) if judging else None


def _counts_of(source: Survey | Ratings, unit: str, inputs: Inputs) -> list[Mapping[str, int]]:
    if isinstance(source, Ratings):
        return [month.counts for month in inputs.ratings.get(unit, ())]
    return [answers.counts for answers in answers_of(source, unit, inputs)]


def mostly_unknown(scheme: Scheme, parts: Mapping[str, Part], unit: str, inputs: Inputs) -> tuple[Both, ...]:
    """A note for each survey line of which more than half of the sheets took an option that is not scored (不了解)."""
    notes: list[Both] = []
    for part in parts.values():
        if not isinstance(part.source, Survey):
            continue
        options = scheme.maps[part.source.map].options
        unscored = frozenset(name for name, value in options.items() if value is None)
        for answers in answers_of(part.source, unit, inputs) if unscored else ():
            unknown = sum(answers.counts.get(name, 0) for name in unscored)
            if 2 * unknown > sum(answers.counts.values()):
                share = f"{unknown}/{sum(answers.counts.values())}"
                notes.append(
                    (
                        f"“{part.title.zh}”：超过一半的答卷选“{'、'.join(sorted(unscored))}”（{share}）",
                        f"{part.title.en}: more than half of the sheets could not judge ({share})",
                    )
                )
    return tuple(notes)


def score_of(answers: Answers, options: Options) -> Fraction | None:
    """The score of one campaign under a map: as estimated, else from weighted shares, else from the plain counts."""
    if answers.score is not None:
        return answers.score
    return remapped_score(answers, options)


def remapped_score(answers: Answers, options: Options) -> Fraction | None:
    """The exact score under any map, from the weighted shares, or the counts where nothing is weighted."""
    weights: Mapping[str, Fraction | int] = answers.shares if answers.shares is not None else answers.counts
    scored = [(fraction(value), weights.get(name, 0)) for name, value in options.items() if value is not None]
    total = sum((weight for _, weight in scored), Fraction(0))
    return sum((value * weight for value, weight in scored), Fraction(0)) / total if total else None


def rescored(answers: Answers, old: Options, new: Options) -> Answers | None:
    """The answers for another map, without the score and the error that hold for the old one; None: not known.

    Weighted answers need their shares by option. An option that counted for nothing has no share: if it counts now, its
    number is enough where nothing is weighted.
    """
    shares = answers.shares
    if shares is None and answers.score is not None and remapped_score(answers, old) != answers.score:
        return None
    if shares is not None and any(answers.counts.get(word) for word in scored(new) - shares.keys()):
        heads = sum(answers.counts.get(word, 0) for word in shares)
        if not heads or any(Fraction(answers.counts.get(word, 0), heads) != share for word, share in shares.items()):
            return None
        shares = None
    judging = sum(answers.counts.get(word, 0) for word in scored(new)) if answers.counts else answers.judging
    return replace(answers, score=None, se=None, shares=shares, judging=judging)


def scored(options: Options) -> set[str]:
    """The options that have a number."""
    return {word for word, value in options.items() if value is not None}


def _best_options(options: Options) -> frozenset[str]:
    named = SATISFIED & options.keys()
    if named:
        return named
    highest = max(value for value in options.values() if value is not None)
    return frozenset(name for name, value in options.items() if value == highest)


def answers_of(source: Survey, unit: str, inputs: Inputs) -> list[Answers]:
    """What the campaigns of a source say about a unit; nothing: none of them asked about it."""
    if source.aspects:
        keys = [(one.campaign, unit, aspect) for one in source.campaigns for aspect in source.aspects]
        return [inputs.aspects[key] for key in keys if key in inputs.aspects]
    return [inputs.answers[key] for one in source.campaigns if (key := (one.campaign, unit)) in inputs.answers]


def _asked(source: Survey, campaign: str, options: Options, unit: str, inputs: Inputs) -> Asked | Both:
    """One campaign, or the sentence that says why it has no score."""
    least = source.least if source.combine == "shares" else 1
    if source.aspects:
        return _aspects(source, campaign, options, unit, inputs, least=least)
    answers = inputs.answers.get((campaign, unit))
    if answers is None:
        return (f"没有“{campaign}”的评价", f"no answers of {campaign}")
    score = score_of(answers, options)
    if score is None or answers.judging < least:
        return (
            f"“{campaign}”有效评价{answers.judging}份，少于{least}份",
            f"{answers.judging} judging answers of {campaign}, fewer than {least}",
        )
    errors = {campaign: Fraction(answers.se)} if answers.se is not None else {}
    told, counts = _told(answers, options, score), _counts(answers, options)
    return Asked(campaign, score, errors, Fraction(answers.judging), told, counts)


def _aspects(source: Survey, campaign: str, options: Options, unit: str, inputs: Inputs, *, least: int) -> Asked | Both:
    """The plain mean of the aspects. The same people judge them, so their errors are averaged, not squared."""
    several = []
    for aspect in source.aspects:
        answers = inputs.aspects.get((campaign, unit, aspect))
        score = score_of(answers, options) if answers is not None else None
        if answers is None or score is None or answers.judging < least:
            return (f"“{campaign}”的“{aspect}”有效评价不足{least}份", f"too few answers on {aspect} of {campaign}")
        several.append((aspect, answers, score))
    n = len(several)
    mean = sum((score for _, _, score in several), Fraction(0)) / n
    known = [Fraction(answers.se) for _, answers, _ in several if answers.se is not None]
    sums = " + ".join(show(score) for _, _, score in several)
    return Asked(
        campaign,
        mean,
        {campaign: sum(known, Fraction(0)) / n} if known else {},
        Fraction(sum(answers.judging for _, answers, _ in several), n),
        (f"{n}个方面的平均：({sums}) ÷ {n} = {show(mean)}", f"mean of {n} aspects: ({sums}) ÷ {n} = {show(mean)}"),
        tuple((f"{aspect} {label}", n) for aspect, answers, _ in several for label, n in _counts(answers, options)),
    )


def _enough_together(found: list[Asked], least: int) -> list[Asked]:
    return found if sum(one.judging for one in found) >= least else []


def _weights(source: Survey, found: list[Asked]) -> list[Fraction]:
    """What each campaign counts, adding up to 1."""
    if source.combine == "pooled":
        total = sum((one.judging for one in found), Fraction(0))
        return [one.judging / total for one in found]
    shares = {one.campaign: fraction(one.share) for one in source.campaigns}
    whole = sum(shares.values(), Fraction(0))
    return [shares[one.campaign] / whole for one in found]


def _told(answers: Answers, options: Options, score: Fraction) -> Both:
    """From the counts to the score; where sheets are weighted, from the weighted shares."""
    scored = [(name, value) for name, value in options.items() if value is not None]
    plain = [(answers.counts.get(name, 0), value) for name, value in scored]
    heads = sum(n for n, _ in plain)
    if heads and sum((n * fraction(value) for n, value in plain), Fraction(0)) == score * heads:
        terms = " + ".join(f"{n}×{brief(value)}" for n, value in plain)
        sum_up = f"({terms}) ÷ {heads} = {show(score)}"
        return (sum_up, sum_up)
    if answers.shares is not None:
        terms = " + ".join(f"{show(HUNDRED * answers.shares.get(name, 0))}%×{brief(value)}" for name, value in scored)
        return (f"按样本加权：{terms} = {show(score)}", f"weighted by the sample: {terms} = {show(score)}")
    return (f"按样本加权估计为{show(score)}", f"estimated with the sample's weights: {show(score)}")


def _counts(answers: Answers, options: Options) -> tuple[Both, ...]:
    # In the order of the scale, whatever order they came in: stored and computed again, a card is the same.
    order = [*options, *sorted(answers.counts.keys() - options.keys())]
    named = tuple((name, str(answers.counts[name])) for name in order if name in answers.counts)
    return (*named, ("答卷", str(answers.n)), ("有效评价", str(answers.judging)))


def _mixed(found: list[Asked], weights: list[Fraction], score: Fraction, points: Fraction, value: Fraction) -> Both:
    turned = product(score, scale=HUNDRED, points=points, value=value)
    if len(found) == 1:
        return (turned, turned)
    mixed = " + ".join(f"{show(one.score)}×{brief(HUNDRED * w)}%" for one, w in zip(found, weights, strict=True))
    return (f"{mixed} = {show(score)}；{turned}", f"{mixed} = {show(score)}; {turned}")


def _child(part: Part, one: Asked, kind: CampaignKind | None, factor: Fraction) -> Line:
    """The campaign's own line under the component's: from here on down there are only counts.

    A campaign may bear the name of a component, and several components may rest on one: the line's id names both.
    """
    return Line(
        id=f"{part.id}.{one.campaign}",
        title=(kind.title.zh, kind.title.en) if kind else (one.campaign, one.campaign),
        value=one.score,
        most=HUNDRED,
        factor=factor,
        how=one.how,
        counts=one.counts,
        cite=kind.cite if kind else (),
        at=kind.at if kind else "",
        assumed=assumed_of(kind) if kind else None,
        se=standard_error(one.errors),
    )
