"""Tests of the audit view."""
