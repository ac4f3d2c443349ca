"""The same data under other rules (换一种办法会怎样): another setting, option map or scheme, over a result's inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from survey_models.core.errors import Problem
from survey_models.results.shares import shares_of
from survey_models.rounds import asking, gathering, outcomes, service, streams
from survey_models.rounds.hiding import hidden_lines
from survey_models.rounds.sources import reads_ratings, references, scored_kinds
from survey_models.rounds.streams import Stage
from survey_models.rounds.tables import Round, RoundResult
from survey_models.schemes import loading
from survey_models.schemes import service as schemes
from survey_models.schemes.feeding import Fed, fed
from survey_models.schemes.inputs import Answers, Inputs, Month
from survey_models.schemes.language import Scheme
from survey_models.schemes.sensitivity import Sensitivity, compare, compare_with, with_map
from survey_models.schemes.words import exact

# What a campaign or a month says that has no figures yet, or none that anybody may see.
NOT_THERE = frozenset({"campaign_open", "campaign_not_counted", "result_missing", "month_not_counted"})


@dataclass(frozen=True)
class Other:
    """Other rules: ``settings`` by name, ``maps``: numbers of options by map (null: not counted).

    Of the round's own scheme, in its own or another ``version``; or of ``scheme``, a preset or a stored one (a preset
    unless a ``version`` is named); or of ``text``, a document that is stored nowhere.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    maps: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    version: int | None = None
    scheme: str = ""
    text: str = ""


@dataclass(frozen=True)
class Compared:
    """A result beside what other rules make of it. ``fed``: of another scheme, what it could read; None: the same."""

    row: RoundResult
    own: Scheme
    other: Scheme
    digest: str
    found: Sensitivity
    fed: Fed | None = None


def compared(session: Session, round_id: str, other: Other, stage: Stage) -> Compared:
    """The newest result of a round, and what its data give under other rules. Nothing is stored.

    Of a unit about which few people answered in one line, places and grades alone are compared.

    Raises ``round_result_missing``, ``scheme_unknown``, ``scheme_faulty``, ``round_input_unfit``; ``period_unfit`` for
    a year, whose rounds are compared one by one.
    """
    row = outcomes.latest(session, round_id)
    inputs = outcomes.inputs_of(session, row)
    if not isinstance(inputs, Inputs):
        name = service.period_of(service.get(session, round_id)).name
        raise Problem("period_unfit", scheme=row.scheme_id, period=name, fit="half_year、quarter、month")
    own = schemes.document_of(schemes.get(session, row.scheme_id, row.scheme_version))
    scheme = _other(session, row, other)
    digest = loading.digest_of(scheme)
    if not other.text and (scheme.scheme, scheme.version) == (own.scheme, own.version) and not _is_preset(other):
        found = compare(own, row.scheme_digest, inputs, scheme)
        return Compared(row, own, scheme, digest, _bare(found, [(own, inputs)]))
    read = fed(own, scheme, _Data(session, service.get(session, round_id), own, inputs, stage).offered(scheme))
    found = compare_with(own, row.scheme_digest, inputs, read)
    return Compared(row, own, scheme, digest, _bare(found, [(own, inputs), (read.scheme, read.inputs)]), read)


def _bare(found: Sensitivity, read: Sequence[tuple[Scheme, Inputs]]) -> Sensitivity:
    """Without the other total of a unit where few answered.

    With other numbers for one option after the other, totals would tell what these few said.
    """
    shifts = (
        replace(one, printed=(one.printed[0], None))
        if any(hidden_lines(scheme, inputs, one.unit) for scheme, inputs in read)
        else one
        for one in found.shifts
    )
    return replace(found, shifts=tuple(shifts))


def _is_preset(other: Other) -> bool:
    return other.version is None and other.scheme in loading.presets()


def _other(session: Session, row: RoundResult, other: Other) -> Scheme:
    settings, version = asking.settings_of(other.settings), None
    if other.text:
        text = other.text
    elif _is_preset(other):
        text = loading.preset(other.scheme)
    else:
        newest = None if other.scheme and other.scheme != row.scheme_id else row.scheme_version
        stored = schemes.get(session, other.scheme or row.scheme_id, other.version or newest)
        text, settings, version = stored.text, {**stored.settings, **settings}, stored.version
    added = schemes.document_of(schemes.get(session, row.scheme_id, row.scheme_version)).units.added
    scheme = loading.read(text, settings=settings, lacking=added.areas.lacking if added else None).scheme
    if version is not None:
        scheme = scheme.model_copy(update={"version": version})
    for name, options in other.maps.items():
        scheme = with_map(scheme, name, {word: _number(word, value) for word, value in options.items()})
    return scheme


@dataclass(frozen=True)
class _Data:
    """The data of a round: what its result read, and what stands around it."""

    session: Session
    round: Round
    own: Scheme
    inputs: Inputs
    stage: Stage

    def offered(self, other: Scheme) -> Inputs:
        """What the result read, and what the other scheme asks for besides and the round has.

        That is: campaigns and aspects that feed no line of the round's own scheme, window ratings, scores of other
        schemes. A campaign without a result has nothing to give.
        """
        rated = {unit.code for unit in self.inputs.units}
        answers, aspects = dict(self.inputs.answers), dict(self.inputs.aspects)
        campaigns, read = service.campaigns_of(self.session, self.round.id), scored_kinds(self.own)
        for kind, wanted in scored_kinds(other).items():
            for aspect in wanted or ("",):
                if kind not in campaigns or (kind in read and aspect in (read[kind] or ("",))):
                    continue
                several = {unit: one for unit, one in self._shares(campaigns[kind].id, aspect) if unit in rated}
                if aspect:
                    aspects |= {(kind, unit, aspect): one for unit, one in several.items()}
                else:
                    answers |= {(kind, unit): one for unit, one in several.items()}
        return replace(
            self.inputs, answers=answers, aspects=aspects, ratings=self._ratings(other), references=self._taken(other)
        )

    def _shares(self, campaign_id: str, aspect: str) -> Iterator[tuple[str, Answers]]:
        try:
            found = shares_of(self.session, campaign_id, aspect=aspect or None)
        except Problem as problem:
            if problem.code not in NOT_THERE:
                raise
            return
        yield from ((unit, gathering.as_input(one)) for unit, one in found.items())

    def _ratings(self, other: Scheme) -> Mapping[str, tuple[Month, ...]]:
        if reads_ratings(self.own) or not reads_ratings(other):
            return self.inputs.ratings
        try:
            return streams.ratings_of(self.session, self.inputs.units, service.period_of(self.round), self.stage)
        except Problem as problem:
            if problem.code not in NOT_THERE:
                raise
            return {}

    def _taken(self, other: Scheme) -> dict[tuple[str, str], tuple[tuple[str, Fraction], ...]]:
        """Scores of other schemes by the lines of ``other``: as the result read them, else as they stand now."""
        mine = {name: part for part, name in references(self.own).items()}
        wanted = references(other)
        found = {}
        if any(name not in mine for name in wanted.values()):
            now = gathering.references_of(self.session, self.round, other, self.inputs.units)
            found = {key: several for key, several in now.items() if wanted[key[0]] not in mine}
        for part, name in wanted.items():
            for (line, unit), several in self.inputs.references.items():
                if line == mine.get(name):
                    found[part, unit] = several
        return found


def _number(word: str, value: Any) -> Decimal | None:
    if value is None:
        return None
    try:
        return Decimal(exact(value))
    except ValueError as error:
        raise Problem("round_input_unfit", what=f"“{word}”的分值不是数", what_en=f"the number of {word}") from error


def read(session: Session, round_id: str, wishes: Sequence[str], other: Other = Other()) -> Other:
    """Other rules from words: ``window_points=15`` is a setting, ``maps.three.基本满意=80`` an option's number.

    Options that nobody named keep their number. ``other`` names the scheme that they are for. Raises
    ``round_input_unfit`` for a map that there is none of.
    """
    scheme = _other(session, outcomes.latest(session, round_id), other)
    settings: dict[str, Any] = {}
    maps: dict[str, dict[str, Any]] = {}
    for wish in wishes:
        name, _, value = wish.partition("=")
        steps = name.split(".", 2)
        if steps[0] != "maps" or len(steps) < 3:
            settings[name] = value
        elif steps[1] not in scheme.maps:
            raise Problem("round_input_unfit", what=f"没有选项分值“{steps[1]}”", what_en=f"no map {steps[1]}")
        else:
            numbers = maps.setdefault(steps[1], dict(scheme.maps[steps[1]].options))
            numbers[steps[2]] = value or None
    return replace(other, settings=settings, maps=maps)
