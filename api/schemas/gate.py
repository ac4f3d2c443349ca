"""Wire forms of the gate (质量关口)."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.instants import Instant
from survey_models.core.errors import Problem
from survey_models.flags.rules import rule_set
from survey_models.gate.back_checks import Standing
from survey_models.gate.lots import LotStanding, Wish
from survey_models.gate.quotas import QuotaStanding, QuotaWish, Room
from survey_models.gate.service import Review
from survey_models.gate.tables import GateAcceptance, Outcome
from survey_models.uploads.tables import Upload

Count = Annotated[int, Field(ge=0, le=10_000_000)]
Serial = Annotated[int, Field(ge=1, le=2**31 - 1)]


class LotRequest(BaseModel):
    """What is handed out: ``issued`` sheets, or the cards ``first_serial`` to ``last_serial``."""

    model_config = ConfigDict(extra="forbid")

    contractor: str = Field(min_length=1, max_length=40, description="name of the account")
    stratum: int = Field(ge=1, le=100_000)
    point: int = Field(0, ge=0, le=100_000, description="0: any test point of the stratum")
    issued: Count = 0
    first_serial: Serial | None = None
    last_serial: Serial | None = None
    back_check: int = Field(10, ge=0, le=100, description="per cent of a file's lines to be checked back")

    def wish(self) -> Wish:
        """As the service takes it."""
        return Wish(
            contractor=self.contractor,
            stratum_no=self.stratum,
            point_no=self.point,
            issued=self.issued,
            first_serial=self.first_serial,
            last_serial=self.last_serial,
            back_check=self.back_check,
        )


class QuotaRequest(BaseModel):
    """A cell and how many of its lines count: ``answers`` are background items and the codes they must have."""

    model_config = ConfigDict(extra="forbid")

    stratum: int = Field(ge=1, le=100_000)
    point: int = Field(0, ge=0, le=100_000, description="0: any test point of the stratum")
    answers: dict[str, str] = Field(default_factory=dict, max_length=3)
    target: int = Field(ge=0, le=10_000_000)

    def wish(self) -> QuotaWish:
        """As the service takes it."""
        return QuotaWish(self.stratum, self.target, self.point, self.answers)


class QuotaPlace(BaseModel):
    """An answer that the quota asks for: which place of the sheet's answers, and the option's code."""

    place: int
    code: str


class QuotaView(BaseModel):
    """A quota: ``counted`` and ``held`` together never pass ``target``; ``over`` lines are kept and not counted.

    ``held``: places taken for interviews under way, ``mine`` by the reader; ``left``: places that nobody has.
    """

    no: int
    stratum_no: int
    stratum: str
    point_no: int
    point: str
    places: list[QuotaPlace]
    answers: list[str]
    answers_en: list[str]
    target: int
    counted: int
    held: int
    mine: int
    left: int
    over: int
    room: Room

    @classmethod
    def of(cls, one: QuotaStanding) -> QuotaView:
        """The cell and its counters."""
        quota = one.quota
        return cls(
            **{name: getattr(quota, name) for name in ("no", "stratum_no", "point_no", "target", "counted", "held")},
            stratum=one.stratum,
            point=one.point,
            places=[QuotaPlace(place=int(place), code=str(code)) for place, code in quota.places],
            answers=[zh for zh, _ in one.answers],
            answers_en=[en for _, en in one.answers],
            mine=one.mine,
            left=one.left,
            over=quota.over,
            room=one.room,
        )


class ReportRequest(BaseModel):
    """Counts of sheets that do not come back filled in, by result; what is not named is 0."""

    model_config = ConfigDict(extra="forbid")

    results: dict[str, Count] = Field(max_length=8)


class LotView(BaseModel):
    """A lot with its account: ``issued`` = ``returned`` + ``refused`` + ``open``."""

    no: int
    contractor: str
    stratum_no: int
    stratum: str
    point_no: int
    point: str
    first_serial: int | None
    last_serial: int | None
    issued: int
    returned: int
    refused: int
    open: int
    back_check: int
    results: dict[str, int]
    reported_at: Instant | None

    @classmethod
    def of(cls, found: LotStanding) -> LotView:
        """The lot with its sums."""
        lot, sums = found.lot, found.sums
        return cls(
            no=lot.no,
            contractor=lot.contractor,
            stratum_no=lot.stratum_no,
            stratum=found.stratum,
            point_no=lot.point_no,
            point=found.point,
            first_serial=lot.first_serial,
            last_serial=lot.last_serial,
            issued=sums.issued,
            returned=sums.returned,
            refused=sums.refused,
            open=sums.open,
            back_check=lot.back_check,
            results=lot.results,
            reported_at=lot.reported_at,
        )


class GateFileView(BaseModel):
    """A contractor's file at the gate."""

    upload_id: uuid.UUID
    filename: str
    sent_by: str
    state: str
    rows: int

    @classmethod
    def of(cls, upload: Upload) -> GateFileView:
        """The file without what stands in it."""
        return cls(
            upload_id=upload.id,
            filename=upload.filename,
            sent_by=upload.sent_by,
            state=upload.state,
            rows=upload.rows,
        )


class CheckedLineView(BaseModel):
    """A drawn line: the first below the heading of the file is 1."""

    line: int
    outcome: str | None


class BackCheckView(BaseModel):
    """A file's back-check; ``run``: the draw has its seed, and the lines are known."""

    draw_id: str
    per_cent: int
    run: bool
    outcomes: dict[str, int]
    lines: list[CheckedLineView]

    @classmethod
    def of(cls, found: Standing) -> BackCheckView:
        """The draw, the lines and how many have which outcome."""
        return cls(
            draw_id=found.draw_id,
            per_cent=found.per_cent,
            run=found.run,
            outcomes=found.outcomes,
            lines=[CheckedLineView(line=one.line, outcome=one.outcome) for one in found.lines],
        )


class InterviewerView(BaseModel):
    """An interviewer whose sheets stand apart in one measure; never which answers."""

    interviewer: str
    measure: str
    sheets: int
    p: str


class InterviewersView(BaseModel):
    """The comparison of interviewers: tests, intra-interviewer correlation by measure, who stands apart."""

    tests: int
    correlation: dict[str, str]
    found: list[InterviewerView]


class BlockerView(BaseModel):
    """What stands in the way of signing, in both languages."""

    code: str
    detail: str
    detail_en: str
    next: str
    next_en: str

    @classmethod
    def of(cls, problem: Problem) -> BlockerView:
        """The sentences of a refusal."""
        return cls(
            code=problem.code,
            detail=problem.sentence(),
            detail_en=problem.sentence("en"),
            next=problem.remedy(),
            next_en=problem.remedy("en"),
        )


class AcceptanceView(BaseModel):
    """The signature under a file."""

    statement: str
    signed_by: str
    signed_at: Instant

    @classmethod
    def of(cls, found: GateAcceptance) -> AcceptanceView:
        """Who, when and with which words."""
        return cls(statement=found.statement, signed_by=found.signed_by, signed_at=found.signed_at)


class TestView(BaseModel):
    """A rule against stuffing in words, and how often it struck."""

    __test__ = False

    rule: str
    zh: str
    en: str
    count: int


class ReviewView(BaseModel):
    """Everything about a file on one page, before it is signed for. Numbers of rows and flags, never answers."""

    file: GateFileView
    lots: list[LotView]
    tests: list[TestView]
    alike: int | None
    few: int | None
    interviewers: InterviewersView | None
    back_check: BackCheckView | None
    acceptance: AcceptanceView | None
    blockers: list[BlockerView]

    @classmethod
    def of(cls, found: Review) -> ReviewView:
        """The page's facts."""
        summary: dict[str, Any] = found.upload.summary
        rules = {rule.id.value: rule for rule in rule_set().rules}
        return cls(
            file=GateFileView.of(found.upload),
            lots=[LotView.of(one) for one in found.lots],
            tests=[
                TestView(rule=name, zh=rules[name].zh, en=rules[name].en, count=number)
                for name, number in found.tests.items()
            ],
            alike=summary.get("alike"),
            few=summary.get("few"),
            interviewers=found.interviewers and InterviewersView.model_validate(found.interviewers),
            back_check=found.back_check and BackCheckView.of(found.back_check),
            acceptance=found.acceptance and AcceptanceView.of(found.acceptance),
            blockers=[BlockerView.of(problem) for problem in found.blockers],
        )


class BackCheckRequest(BaseModel):
    """Which share of the file's lines is drawn."""

    model_config = ConfigDict(extra="forbid")

    per_cent: int = Field(10, ge=1, le=100)


class OutcomeRequest(BaseModel):
    """What the back-check of a line found."""

    model_config = ConfigDict(extra="forbid")

    outcome: Outcome


class StatementRequest(BaseModel):
    """The words under which the office signs; they stay in the ledger."""

    model_config = ConfigDict(extra="forbid")

    statement: str = Field(min_length=1, max_length=400)
