"""A counted campaign as a codebook of DDI Codebook 2.5 (编码手册), which archives of survey data read.

What stands in it: questionnaire, variables with their categories in Chinese and English, the sample by stratum, the
method of the newest result, and counts by the rules of the page of tallies. No ballot and nobody's background.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

from sqlalchemy.orm import Session

from survey_models.campaigns import service as campaigns
from survey_models.campaigns.tables import Campaign, Stratum
from survey_models.core.clock import local_day
from survey_models.core.errors import Problem
from survey_models.exports.columns import BLANK_NUMBER, INVALID_NUMBER, named
from survey_models.exports.figures import tally_table
from survey_models.exports.packing import Written
from survey_models.exports.service import record_file
from survey_models.questionnaires import service as questionnaires
from survey_models.questionnaires.rules import UNIT, Form, Item
from survey_models.results import service as results

NAMESPACE = "ddi:codebook:2_5"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True)
class Study:
    """What the codebook tells. ``counts``: item key → numbers of option 1, 2, …, blank, invalid; empty: kept back."""

    campaign: Campaign
    form: Form
    doc: dict[str, Any]
    strata: Sequence[Stratum]
    counts: dict[str, list[int]]
    sheets: int
    method: dict[str, list[str]]
    zone: str


def take(session: Session, campaign_id: str, *, by: str, at: datetime, zone: str) -> bytes:
    """The codebook for somebody who takes it out; that stands in the ledger. Raises as :func:`codebook`."""
    content = codebook(session, campaign_id, zone=zone)
    file = Written("codebook.xml", content.count(b"<var "), len(content), hashlib.sha256(content).hexdigest())
    record_file(session, "codebook.xml", file, campaign_id=campaign_id, by=by, at=at)
    return content


def codebook(session: Session, campaign_id: str, *, zone: str) -> bytes:
    """The codebook as XML, UTF-8. Raises 409 before counting, ``cell_too_small``."""
    campaign = campaigns.get(session, campaign_id)
    campaigns.refuse_before_counted(session, campaign)
    form, doc = questionnaires.load(session, campaign.questionnaire_id, campaign.questionnaire_version)
    table = tally_table(session, campaign_id)
    first = next(place for place, one in enumerate(table.columns) if one.name.startswith("n_"))
    counts = {str(row[0]): [int(cell or 0) for cell in row[first:]] for row in table.rows()}
    sheets = max((int(row[first - 1] or 0) for row in table.rows()), default=0)
    strata = campaigns.strata_of(session, campaign_id)
    return written(Study(campaign, form, doc, strata, counts, sheets, _method(session, campaign_id), zone))


def _method(session: Session, campaign_id: str) -> dict[str, list[str]]:
    try:
        method: dict[str, list[str]] = results.latest(session, campaign_id).method
    except Problem as problem:
        if problem.code != "result_missing":
            raise
        return {}
    return method


def written(study: Study) -> bytes:
    """The XML of a study, elements in the order of the schema."""
    ET.register_namespace("", NAMESPACE)
    root = ET.Element(f"{{{NAMESPACE}}}codeBook", {"version": "2.5", "ID": study.campaign.id, _LANG: "zh"})
    _document(root, study)
    _study(root, study)
    file = _add(_add(root, "fileDscr", ID="F1"), "fileTxt")
    _add(file, "fileName", f"{study.campaign.id}-ballots")
    dimensions = _add(file, "dimensns")
    _add(dimensions, "caseQnty", str(study.sheets))
    _add(dimensions, "varQnty", str(len(study.form.items)))
    data = _add(root, "dataDscr")
    for name, item in zip(named(item.key for item in study.form.items), study.form.items, strict=True):
        _variable(data, study, name, item)
    ET.indent(root)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def _add(parent: ET.Element, tag: str, text: str | None = None, lang: str = "", **attributes: str) -> ET.Element:
    made = ET.SubElement(parent, f"{{{NAMESPACE}}}{tag}", attributes)
    made.text = text
    if lang:
        made.set(_LANG, lang)
    return made


def _both(parent: ET.Element, tag: str, zh: str, en: str) -> None:
    _add(parent, tag, zh, "zh")
    if en:
        _add(parent, tag, en, "en")


def _title(parent: ET.Element, campaign: Campaign, *, suffix: str = "") -> ET.Element:
    citation = _add(parent, "citation")
    title = _add(citation, "titlStmt")
    _add(title, "titl", campaign.title + suffix, "zh")
    if campaign.title_en:
        _add(title, "parTitl", campaign.title_en, "en")
    _add(title, "IDNo", campaign.id, agency="pingyi")
    return citation


def _document(root: ET.Element, study: Study) -> None:
    citation = _title(_add(root, "docDscr"), study.campaign, suffix="（编码手册）")
    production = _add(citation, "prodStmt")
    if study.campaign.counted_at is not None:
        day = local_day(study.campaign.counted_at, study.zone).isoformat()
        _add(production, "prodDate", day, date=day)
    _add(production, "software", "Pingyi 评议")


def _study(root: ET.Element, study: Study) -> None:
    part = _add(root, "stdyDscr")
    _title(part, study.campaign)
    info = _add(part, "stdyInfo")
    _both(info, "abstract", study.doc["title"]["zh"], study.doc["title"].get("en", ""))
    summary = _add(info, "sumDscr")
    for event, at in (("start", study.campaign.opened_at), ("end", study.campaign.closed_at)):
        if at is not None:
            day = local_day(at, study.zone).isoformat()
            _add(summary, "collDate", day, date=day, event=event)
    _add(summary, "nation", "中国", "zh", abbr="CN")
    for area in dict.fromkeys(row.area_name for row in study.strata):
        _add(summary, "geogCover", area, "zh")
    _both(summary, "anlyUnit", "被评议单位", "rated unit")
    people = sum(row.population for row in study.strata)
    _both(summary, "universe", f"各层人口共 {people} 人", f"{people} people in all strata")
    _both(summary, "dataKind", "问卷调查数据", "survey data")
    _methods(part, study)


def _methods(part: ET.Element, study: Study) -> None:
    method = _add(part, "method")
    collection = _add(method, "dataColl")
    for row in study.strata:
        where = f"{row.area_name}·{row.kind_name}"
        text = f"{where}：人口 {row.population}，份数 {row.sample_size}"
        _both(collection, "sampProc", text, f"{where}: population {row.population}, sheets {row.sample_size}")
    _both(
        collection,
        "collMode",
        "不记名一次性评议码：手机、测评点平板、纸质双人录入",
        "anonymous one-time codes: phone, tablet at a test point, paper typed twice",
    )
    for zh, en in zip(study.method.get("zh", []), study.method.get("en", []), strict=False):
        _both(collection, "weight", zh, en)
    issued = sum(row.sample_size for row in study.strata)
    if issued:
        share = f"{100 * study.sheets / issued:.2f}%"
        text = f"回收率 {share}：{study.sheets} / {issued}"
        _both(_add(method, "anlyInfo"), "respRate", text, f"response rate {share}: {study.sheets} / {issued}")


def _variable(data: ET.Element, study: Study, name: str, item: Item) -> None:
    options = study.form.scales.get(item.scale or "", ())
    variable = _add(data, "var", ID=f"V_{name}", name=name, files="F1", intrvl="discrete" if options else "contin")
    _both(variable, "labl", item.label, item.label_en)
    if item.kind == UNIT:
        _both(variable, "anlysUnit", item.label, item.label_en)
    question = _add(variable, "qstn")
    _both(question, "qstnLit", item.hint or item.label, item.hint_en if item.hint else item.label_en)
    invalid = _add(variable, "invalrng")
    for number in (BLANK_NUMBER, INVALID_NUMBER):
        _add(invalid, "item", VALUE=str(number))
    counts = study.counts.get(item.key)
    missing = (("未填", "blank"), ("无效", "invalid"))
    words = [*((one.label, one.label_en) for one in options), *missing]
    values = [*range(1, len(options) + 1), BLANK_NUMBER, INVALID_NUMBER]
    for place, (value, (zh, en)) in enumerate(zip(values, words, strict=True)):
        category = _add(variable, "catgry", **({"missing": "Y"} if value >= BLANK_NUMBER else {}))
        _add(category, "catValu", str(value))
        _both(category, "labl", zh, en)
        if counts is not None and len(counts) == len(values):
            _add(category, "catStat", str(counts[place]), type="freq")
