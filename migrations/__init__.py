"""Alembic revisions. They know the tables of survey_models, nothing else."""
