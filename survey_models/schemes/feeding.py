"""The data of a round under another scheme (换一部办法): what of it that scheme can read, line by line, and what not.

Sources meet by what the language says of them: surveys by the kind of campaign, its raters and its options; window
ratings by their options; scores taken over by the scheme they come from; marks and cases by the office and the name of
their line. Nothing is made up: a line that cannot be fed is named and left to that scheme's own rule for missing data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from survey_models.schemes import carrying
from survey_models.schemes.fitting import leaves, leaves_of
from survey_models.schemes.inputs import Answers, Booked, Inputs, Mark, RatedUnit, Standing
from survey_models.schemes.language import Case, Part, Scheme
from survey_models.schemes.sources import Decay, Marks, Ratings, Reference, Survey, Tiers
from survey_models.schemes.surveys import Options, rescored, scored
from survey_models.schemes.tracing import Both

UNMARKED = frozenset({"未填", "无效"})
Question = tuple[str, str]
"""A kind of campaign and an aspect; empty: the question about the unit."""


@dataclass(frozen=True)
class Unfed:
    """What the other scheme asks for in one line and the round has not (缺少的数据).

    ``wants``: what it asks for; ``units``: codes of the units that have the line and lack this. ``policy``: what that
    scheme does with missing data; empty: the line has points all the same, of whatever else it reads.
    """

    part: str
    title: Both
    wants: Both
    why: Both
    units: tuple[str, ...]
    policy: str = ""


@dataclass(frozen=True)
class Fed:
    """What a run of the other scheme reads, what it lacks, and what else has to be known.

    ``scheme``: with the round's own scales of marks; ``without``: lines and units that have no data though their source
    would need none, as with cases.
    """

    scheme: Scheme
    inputs: Inputs
    without: frozenset[tuple[str, str]]
    unfed: tuple[Unfed, ...]
    notes: tuple[Both, ...]


@dataclass
class _Feeding:
    """Collects, line by line."""

    own: Scheme
    other: Scheme
    inputs: Inputs
    policies: Mapping[int, str]
    answers: dict[tuple[str, str], Answers] = field(default_factory=dict)
    aspects: dict[tuple[str, str, str], Answers] = field(default_factory=dict)
    marks: dict[tuple[str, str], tuple[Mark, ...]] = field(default_factory=dict)
    booked: list[Booked] = field(default_factory=list)
    scales: dict[int, Decimal] = field(default_factory=dict)
    without: set[tuple[str, str]] = field(default_factory=set)
    unfed: dict[tuple[str, Both, Both, Both, str], list[str]] = field(default_factory=dict)
    unread: bool = False

    def lack(self, part: Part, wants: Both, why: Both, units: Iterable[str]) -> None:
        """Note units of which a line has no data."""
        title = (part.title.zh, part.title.en)
        policy = self.policies[id(part)]
        found = self.unfed.setdefault((part.id, title, wants, why, policy), [])
        found += [unit for unit in units if unit not in found]


def fed(own: Scheme, other: Scheme, inputs: Inputs) -> Fed:
    """Feed ``other`` with what a round of ``own`` read; ``inputs.references`` are by the lines of ``other`` already."""
    run = _Feeding(own, other, inputs, dict(_policies(other.total, other.missing)))
    units = [unit for unit in inputs.units if unit.standing is Standing.RATED]
    having = {unit.code: leaves_of(other, category=unit.category, flags=unit.flags) for unit in units}
    for part in leaves(other):
        members = [unit.code for unit in units if having[unit.code].get(part.id) is part]
        if members:
            _feed(run, part, members)
    cases = carrying.cases(own, other, inputs, having)
    for lack in cases.lacks:
        run.without |= {(lack.part.id, unit) for unit in lack.units if lack.whole}
        title = (lack.part.title.zh, lack.part.title.en)
        policy = run.policies.get(id(lack.part), "") if lack.whole else ""
        run.unfed.setdefault((lack.part.id, title, lack.wants, lack.why, policy), []).extend(lack.units)
    same = own.scheme == other.scheme
    return Fed(
        scheme=other.model_copy(update={"total": _rescaled(other.total, run.scales)}) if run.scales else other,
        inputs=replace(
            inputs,
            answers=run.answers,
            aspects=run.aspects,
            ratings={} if run.unread else inputs.ratings,
            marks=run.marks,
            booked=cases.booked,
            earlier=inputs.earlier if same else (),
            decided=inputs.decided if same else {},
        ),
        without=frozenset(run.without),
        unfed=tuple(
            Unfed(part, title, wants, why, tuple(sorted(lacking)), policy)
            for (part, title, wants, why, policy), lacking in run.unfed.items()
        ),
        notes=(*_notes(own, other, units), *cases.notes),
    )


def _feed(run: _Feeding, part: Part, members: Sequence[str]) -> None:
    match part.source:
        case Survey() as source:
            _survey(run, part, source, members)
        case Ratings() as source:
            _ratings(run, part, source, members)
        case Reference(scheme=name):
            wants = (f"“{name}”的得分", f"scores of {name}")
            missing = [unit for unit in members if (part.id, unit) not in run.inputs.references]
            if missing:
                run.lack(part, wants, ("本期没有", "none in this period"), missing)
        case Marks() | Decay() | Tiers() as source:
            _marks(run, part, source, members)
        case _:
            pass  # cases: together, after the rest


def _survey(run: _Feeding, part: Part, source: Survey, members: Sequence[str]) -> None:
    options = run.other.maps[source.map].options
    for share in (one for one in source.campaigns if one.share or source.combine == "pooled"):
        for aspect in source.aspects or ("",):
            question = (share.campaign, aspect)
            asked = f"问卷“{share.campaign}”" + (f"的“{aspect}”" if aspect else "")
            wants = (asked, f"answers of {share.campaign}" + (f" on {aspect}" if aspect else ""))
            why = _other_question(run, question, options)
            for unit in members:
                found = why or _answers(run, question, options, unit)
                if isinstance(found, tuple):
                    run.lack(part, wants, found, [unit])
                elif aspect:
                    run.aspects[share.campaign, unit, aspect] = found
                else:
                    run.answers[share.campaign, unit] = found


def _given(inputs: Inputs, question: Question, unit: str) -> Answers | None:
    kind, aspect = question
    return inputs.aspects.get((kind, unit, aspect)) if aspect else inputs.answers.get((kind, unit))


def _other_question(run: _Feeding, question: Question, options: Options) -> Both | None:
    """Why no answer of a campaign can be read under the other scheme; None: it can."""
    mine, theirs = ({one.id: one for one in scheme.campaigns}.get(question[0]) for scheme in (run.own, run.other))
    if mine is not None and theirs is not None and set(mine.raters) != set(theirs.raters):
        return ("本轮同名的评议问的是另一些人", "the round's campaign of that name asked other people")
    given = [one for unit in run.inputs.units if (one := _given(run.inputs, question, unit.code)) is not None]
    if not given:
        return ("本轮没有这项评议的结果", "the round has no result of it")
    old = _old_options(run.own, question)
    asked = {word for one in given for word in one.counts} - UNMARKED | old.keys()
    if not (scored(old) or asked) <= options.keys() or not scored(options) <= asked:
        return ("本轮问卷的选项不同", "its questionnaire had other options")
    return None


def _old_options(own: Scheme, question: Question) -> Options:
    """The numbers under which the round scored a question; of one that it did not score, those of its campaign."""
    for options in _options(own, question):
        return options
    kind = next((one for one in own.campaigns if one.id == question[0]), None)
    return own.maps[kind.map].options if kind is not None and kind.map in own.maps else {}


def _answers(run: _Feeding, question: Question, options: Options, unit: str) -> Answers | Both:
    """One unit's answers for any map of the other scheme, or why there are none."""
    given = _given(run.inputs, question, unit)
    if given is None:
        return ("本轮没有对这些单位的评价", "the round has no answers about these units")
    old = _old_options(run.own, question)
    if all(dict(one) == dict(old) for one in _options(run.other, question)):
        return given
    found = rescored(given, old, options)
    return found or ("本轮的评价是加权的，没有各选项的份额", "weighted answers without shares by option")


def _options(scheme: Scheme, question: Question) -> Iterator[Options]:
    """The maps under which a scheme scores a question."""
    for part in leaves(scheme):
        source = part.source
        if not isinstance(source, Survey) or question[1] not in (source.aspects or ("",)):
            continue
        if any(one.campaign == question[0] for one in source.campaigns):
            yield scheme.maps[source.map].options


def _ratings(run: _Feeding, part: Part, source: Ratings, members: Sequence[str]) -> None:
    wants = ("服务窗口评价", "window ratings")
    options = run.other.maps[source.map].options
    given = [month for several in run.inputs.ratings.values() for month in several]
    mine = [run.own.maps[one.source.map].options for one in leaves(run.own) if isinstance(one.source, Ratings)]
    asked = {word for month in given for word in month.counts} | {word for one in mine for word in one}
    if given and not (
        {word for month in given for word in month.counts} <= options.keys() and scored(options) <= asked
    ):
        run.unread = True
        run.lack(part, wants, ("评价器的选项不同", "terminals had other options"), members)
        return
    missing = [unit for unit in members if not run.inputs.ratings.get(unit)]
    if missing:
        run.lack(part, wants, ("本轮没有对这些单位的评价", "the round has none of these units"), missing)


def _marks(run: _Feeding, part: Part, source: Marks | Decay | Tiers, members: Sequence[str]) -> None:
    wants = (f"{source.office}的“{part.title.zh}”评分", f"marks of {source.office} for {part.title.en}")
    found = carrying.marked(run.own, part, source)
    if isinstance(found, tuple):
        run.lack(part, wants, found, members)
        return
    if isinstance(source, Marks) and isinstance(found.source, Marks) and found.source.scale != source.scale:
        run.scales[id(part)] = found.source.scale
    for unit in members:
        given = run.inputs.marks.get((found.id, unit))
        if given:
            run.marks[part.id, unit] = given
        else:
            run.lack(part, wants, ("本轮没有对这些单位评分", "these units have no mark"), [unit])


def _rescaled(part: Part, scales: Mapping[int, Decimal]) -> Part:
    """The tree with the scales on which the round's marks were given: a mark out of 20 is read as one out of 20."""
    if isinstance(part.source, Marks) and id(part) in scales:
        return part.model_copy(update={"source": part.source.model_copy(update={"scale": scales[id(part)]})})
    parts, mean = (tuple(_rescaled(one, scales) for one in several) for several in (part.parts, part.mean))
    choose = tuple(Case(when=one.when, parts=tuple(_rescaled(p, scales) for p in one.parts)) for one in part.choose)
    return part.model_copy(update={"parts": parts, "mean": mean, "choose": choose})


def _policies(part: Part, above: str) -> Iterator[tuple[int, str]]:
    policy = part.missing or above
    yield id(part), policy
    for one in part.below:
        yield from _policies(one, policy)


def _notes(own: Scheme, other: Scheme, units: Sequence[RatedUnit]) -> Iterator[Both]:
    """What of the other scheme the round cannot tell, beside the data of its lines."""
    strange = [name for name in dict.fromkeys(unit.category for unit in units) if name not in other.units.stated]
    if strange and other.units.stated:
        zh, en = "、".join(strange), ", ".join(strange)
        yield f"该办法没有这些类别，按类别定的名额和指标用不上：{zh}", f"it has no such categories: {en}"
    flags = [text for name, text in other.flags.items() if name not in own.flags]
    if flags:
        zh, en = "、".join(one.zh for one in flags), ", ".join(one.en for one in flags)
        yield f"本轮没有标明哪些单位是：{zh}；按都不是计", f"the round does not say which units are: {en}; none is"
    if own.scheme == other.scheme:
        return
    if own.cadence.each != other.cadence.each:
        yield "该办法的评议周期与本轮不同", "its rounds are of another length"
    running = [one.title for one in other.consequences if one.consecutive is not None]
    if running:
        zh, en = "、".join(one.zh for one in running), ", ".join(one.en for one in running)
        yield f"以前没有按该办法评过，不能判断：{zh}", f"no earlier round ran under it, so this cannot be told: {en}"
