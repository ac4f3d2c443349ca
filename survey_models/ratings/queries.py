"""Reading window ratings."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_models.ratings.tables import Rating, of_visitors


def totals(session: Session, day: date) -> dict[str, tuple[int, int]]:
    """For every window the number of ratings, and of those on ``day``."""
    numbers = select(Rating.window_id, func.count()).where(of_visitors())
    found = {window: int(number) for window, number in session.execute(numbers.group_by(Rating.window_id))}
    query = numbers.where(Rating.day == day).group_by(Rating.window_id)
    today = {window: int(number) for window, number in session.execute(query)}
    return {window: (number, today.get(window, 0)) for window, number in found.items()}
