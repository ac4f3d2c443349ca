"""Every table of the product, imported once, so that metadata is whole for migrations and checks."""

from survey_models.accounts.pass_tables import AccessToken, AccountTotp, ProviderLink, RecoveryCode, StrongSession
from survey_models.accounts.tables import Account, AccountSession, Assignment, ClerkPoint
from survey_models.acts.tables import Act
from survey_models.ballots.tables import Ballot, BallotText, BallotVoid, IntakeSheet, Mix, MixMember, SealingKey
from survey_models.calendar.tables import CalendarDay
from survey_models.campaigns.tables import Campaign, CellJoin, Point, Stratum
from survey_models.cases.tables import Case, Machine
from survey_models.core.base import Base
from survey_models.devices.states import DeviceState
from survey_models.devices.tables import Device, DevicePairing
from survey_models.draws.tables import Draw, DrawRow
from survey_models.duties.tables import DeedUpdate, DutyFile, DutySubmission
from survey_models.fieldwork.tables import Invalid, Target
from survey_models.findings.tables import Complaint, Finding, FindingFile, FindingStep
from survey_models.flags.tables import Flag
from survey_models.frames.tables import Frame, FrameCell, FramePoint, FrameRow
from survey_models.gate.tables import (
    GateAcceptance,
    GateBackCheck,
    GateCheckedLine,
    GateLot,
    GateQuota,
    GateQuotaHold,
    GateQuotaUse,
)
from survey_models.hotline.tables import HotlineReport
from survey_models.inspections.tables import InspectionPlan
from survey_models.jobs.tables import Job, Lease
from survey_models.ledger.tables import (
    LedgerCosignature,
    LedgerEntry,
    LedgerHead,
    LedgerKey,
    LedgerLog,
    LedgerTile,
    LedgerWitness,
)
from survey_models.marks.tables import Mark, MarkSending
from survey_models.paper.tables import PaperEntry, PaperSheet
from survey_models.promises.tables import LeaveNotice, Promise
from survey_models.publications.tables import RoundDocument
from survey_models.questionnaires.tables import Questionnaire, QuestionnaireVariant
from survey_models.ratings.tables import AsideRating, Callback, CanaryRun, DeviceTap, OnsiteCode, Rating, RatingVoid
from survey_models.reports.tables import Report
from survey_models.results.tables import Publication, Result, ResultRow
from survey_models.retention.tables import Purge
from survey_models.rosters.tables import Roster, RosterDraw, RosterEntry
from survey_models.rounds.tables import (
    Round,
    RoundBorders,
    RoundCampaign,
    RoundDecision,
    RoundPublication,
    RoundResult,
    RoundStanding,
    RoundUnit,
)
from survey_models.schemes.tables import Scheme
from survey_models.setups.tables import Setup
from survey_models.staff.tables import Duty, Staff, StaffPhoto, UnitBoard
from survey_models.tablets.tables import Tablet, TabletPairing
from survey_models.tickets.tables import OpenDevice, OpenTicketSpent, Ticket, TicketAlarm, TicketBatch, TicketCounter
from survey_models.units.tables import Unit, UnitLink, Window
from survey_models.uploads.tables import Blob, Upload, UploadFault, UploadMapping

__all__ = [
    "AccessToken",
    "Account",
    "AccountSession",
    "AccountTotp",
    "Act",
    "AsideRating",
    "Assignment",
    "Ballot",
    "BallotText",
    "BallotVoid",
    "Base",
    "Blob",
    "CalendarDay",
    "Callback",
    "Campaign",
    "CanaryRun",
    "Case",
    "CellJoin",
    "ClerkPoint",
    "Complaint",
    "DeedUpdate",
    "Device",
    "DevicePairing",
    "DeviceState",
    "DeviceTap",
    "Draw",
    "DrawRow",
    "Duty",
    "DutyFile",
    "DutySubmission",
    "Finding",
    "FindingFile",
    "FindingStep",
    "Flag",
    "Frame",
    "FrameCell",
    "FramePoint",
    "FrameRow",
    "GateAcceptance",
    "GateBackCheck",
    "GateCheckedLine",
    "GateLot",
    "GateQuota",
    "GateQuotaHold",
    "GateQuotaUse",
    "HotlineReport",
    "InspectionPlan",
    "IntakeSheet",
    "Invalid",
    "Job",
    "Lease",
    "LeaveNotice",
    "LedgerCosignature",
    "LedgerEntry",
    "LedgerHead",
    "LedgerKey",
    "LedgerLog",
    "LedgerTile",
    "LedgerWitness",
    "Machine",
    "Mark",
    "MarkSending",
    "Mix",
    "MixMember",
    "OnsiteCode",
    "OpenDevice",
    "OpenTicketSpent",
    "PaperEntry",
    "PaperSheet",
    "Point",
    "Promise",
    "ProviderLink",
    "Publication",
    "Purge",
    "Questionnaire",
    "QuestionnaireVariant",
    "Rating",
    "RatingVoid",
    "RecoveryCode",
    "Report",
    "Result",
    "ResultRow",
    "Roster",
    "RosterDraw",
    "RosterEntry",
    "Round",
    "RoundBorders",
    "RoundCampaign",
    "RoundDecision",
    "RoundDocument",
    "RoundPublication",
    "RoundResult",
    "RoundStanding",
    "RoundUnit",
    "Scheme",
    "SealingKey",
    "Setup",
    "Staff",
    "StaffPhoto",
    "Stratum",
    "StrongSession",
    "Tablet",
    "TabletPairing",
    "Target",
    "Ticket",
    "TicketAlarm",
    "TicketBatch",
    "TicketCounter",
    "Unit",
    "UnitBoard",
    "UnitLink",
    "Upload",
    "UploadFault",
    "UploadMapping",
    "Window",
]
