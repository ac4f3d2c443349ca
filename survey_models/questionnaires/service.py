"""Questionnaires as stored versions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from survey_models.core.canonical import digest
from survey_models.core.errors import Problem
from survey_models.questionnaires.lint import refuse_faulty
from survey_models.questionnaires.rules import Form, read_form
from survey_models.questionnaires.tables import Questionnaire, QuestionnaireVariant


def store(session: Session, questionnaire_id: str, *, version: int, doc: Mapping[str, Any], at: datetime) -> Form:
    """Keep a version; it never changes afterwards.

    Raises ``questionnaire_faulty`` with all that the linter finds, ``questionnaire_stored`` where the version is there.
    """
    refuse_faulty(doc)
    if session.get(Questionnaire, (questionnaire_id, version)) is not None:
        raise Problem("questionnaire_stored", questionnaire=questionnaire_id, version=version)
    form = read_form(questionnaire_id, version, doc)
    session.add(
        Questionnaire(
            id=questionnaire_id,
            version=version,
            title=doc["title"]["zh"],
            doc=dict(doc),
            n_items=len(form.items),
            digest=digest(doc),
            made_at=at,
        )
    )
    session.flush()
    for name, keys in doc["variants"].items():
        session.add(QuestionnaireVariant(questionnaire_id=questionnaire_id, version=version, name=name, items=keys))
    session.flush()
    return form


def load(session: Session, questionnaire_id: str, version: int) -> tuple[Form, dict[str, Any]]:
    """The form of a stored version and its document."""
    found = session.get_one(Questionnaire, (questionnaire_id, version))
    return read_form(questionnaire_id, version, found.doc), found.doc
